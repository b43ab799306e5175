// A limit holds, whichever way one tries to get another process.
#include "provoke.h"

static void fill(void) {
  int children = 0;
  CHECK(maxproc(4) == 0);
  make_gate();
  for (int child; (child = fork()) >= 0; children++) {
    char byte;
    if (child == 0) {
      close(gate[1]);
      exit(read(gate[0], &byte, 1));
    }
  }
  CHECK(children == 3);
  open_gate();
  while (children-- > 0)
    CHECK(wait(0) > 0);
}

// Several that want the last place at once: one gets it.
static void race(void) {
  int got[2], start[2], count = 0;
  char byte = 0;
  CHECK(maxproc(5) == 0);
  CHECK(pipe(got) == 0 && pipe(start) == 0);
  for (int index = 0; index < 3; index++) {
    if (fork() == 0) {
      close(start[1]);
      read(start[0], &byte, 1);
      int child = fork();
      if (child == 0) {
        sleep(20);
        exit(0);
      }
      if (child > 0)
        write(got[1], &byte, 1);
      sleep(20);
      exit(0);
    }
  }
  close(got[1]);
  close(start[1]);
  while (read(got[0], &byte, 1) == 1)
    count++;
  CHECK(count == 1);
  while (wait(0) > 0)
    ;
}

static void run_out_of_memory(void) {
  CHECK(maxproc(3) == 0);
  char *end = sbrk(0);
  while (sbrk(1 << 20) != (char *)-1)
    ;
  while (sbrk(4096) != (char *)-1)
    ;
  CHECK(fork() == -1);
  sbrk((int)(end - sbrk(0)));
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(0);
  CHECK(wait(0) == child);
}

static void leave_orphans(void) {
  CHECK(maxproc(3) == 0);
  for (int round = 0; round < 3; round++) {
    if (fork() == 0) {
      if (fork() == 0)
        exit(0);
      exit(0);
    }
    CHECK(wait(0) > 0);
    sleep(2);
  }
}

static void leave_zombies(void) {
  CHECK(maxproc(3) == 0);
  for (int index = 0; index < 2; index++) {
    if (fork() == 0)
      exit(0);
  }
  sleep(2);
  int child = fork();
  if (child == 0)
    exit(0);
  CHECK(child == -1);
}

static void exec_again(void) {
  char *arguments[] = {"bug_budget", "fork", 0};
  CHECK(maxproc(2) == 0);
  if (fork() == 0)
    exec("/bug_budget", arguments);
  int status;
  CHECK(wait(&status) > 0 && status == 0);
}

static void contain(void) {
  enter();
  CHECK(cm_maxproc(2) == 0);
  if (fork() == 0) {
    char byte;
    read(gate[0], &byte, 1);
    exit(0);
  }
}

static void join(void) {
  struct cm_info info;
  CHECK(cm_info(1, &info) > 0);
  CHECK(cm_join(info.cid) == -1);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    int child = fork();
    if (child == 0)
      exit(0);
    return child == -1 ? 0 : 1;
  }
  CHECK(status_of(fill) == 0);
  CHECK(status_of(race) == 0);
  CHECK(status_of(run_out_of_memory) == 0);
  CHECK(status_of(leave_orphans) == 0);
  CHECK(status_of(leave_zombies) == 0);
  CHECK(status_of(exec_again) == 0);
  make_gate();
  hold(contain);
  CHECK(status_of(join) == 0);
  open_gate();
  CHECK(wait(0) > 0);
  return argv[1] != 0;
}
