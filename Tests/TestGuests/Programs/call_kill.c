// kill: the victim ends with status -1, whatever it waits for.
#include "check.h"

static int ends[2];

static void in_a_loop(void) {
  for (;;)
    __asm__ volatile("");
}
static void in_calls(void) {
  for (;;)
    getpid();
}
static void asleep(void) { sleep(1000000); }
static void asleep_for_ever(void) { sleep(2147483647); }
static void at_a_pipe(void) {
  char byte;
  read(ends[0], &byte, 1);
}
static void at_a_full_pipe(void) {
  static char bytes[1000];
  write(ends[1], bytes, 1000);
}
static void at_a_child(void) {
  if (fork() == 0)
    sleep(200);
  wait(0);
}

static void check_victim(void (*body)(void)) {
  int child = fork(), status = 0;
  CHECK(child >= 0);
  if (child == 0) {
    body();
    exit(0);
  }
  sleep(2);
  CHECK(kill(child) == 0);
  CHECK(wait(&status) == child);
  CHECK(status == -1);
}

int main(void) {
  CHECK(pipe(ends) == 0);
  check_victim(in_a_loop);
  check_victim(in_calls);
  check_victim(asleep);
  check_victim(asleep_for_ever);
  check_victim(at_a_pipe);
  check_victim(at_a_full_pipe);
  check_victim(at_a_child);

  // Oneself: the call does not come back.
  int child = fork(), status = 0;
  if (child == 0) {
    kill(getpid());
    exit(0);
  }
  CHECK(wait(&status) == child && status == -1);

  // Before it has run at all.
  child = fork();
  if (child == 0)
    exit(0);
  CHECK(kill(child) == 0);
  CHECK(wait(&status) == child);

  // A zombie may be killed, and keeps its status.
  child = fork();
  if (child == 0)
    exit(9);
  sleep(2);
  CHECK(kill(child) == 0);
  CHECK(kill(child) == 0);
  CHECK(wait(&status) == child && status == 9);

  // Nobody there.
  CHECK(kill(child) == -1);
  CHECK(kill(0) == -1);
  CHECK(kill(-1) == -1);
  CHECK(kill(30000) == -1);
  return 0;
}
