// maxproc: the caller and all its descendants hold at most so many slots.
#include "contain.h"

// How many children can be alive at once; they all go again.
static int room(void) {
  struct gate gate = make_gate();
  int count = 0;
  for (;;) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      await(gate);
      exit(0);
    }
    count++;
  }
  open_gate(gate);
  for (int child = 0; child < count; child++)
    CHECK(wait(0) > 0);
  CHECK(wait(0) == -1);
  return count;
}

static void counts_the_caller(void) {
  CHECK(maxproc(5) == 0);
  CHECK(room() == 4);
  CHECK(room() == 4);  // the fork that failed took none
}

static void one(void) {
  CHECK(maxproc(1) == 0);
  CHECK(fork() == -1);
}

static void only_tightens(void) {
  CHECK(maxproc(4) == 0);
  CHECK(maxproc(60) == 0);
  CHECK(room() == 3);
  CHECK(maxproc(3) == 0);
  CHECK(room() == 2);
}

static void zombies(void) {
  CHECK(maxproc(2) == 0);
  struct gate gate = make_gate();
  int child = fork();
  if (child == 0)
    exit(0);
  close(gate.ends[1]);
  sleep(2);
  CHECK(fork() == -1);  // it has exited, but holds its slot
  CHECK(wait(0) == child);
  child = fork();
  if (child == 0)
    exit(0);
  CHECK(child > 0 && wait(0) == child);
}

static void orphans(void) {
  struct gate gate = make_gate(), ready = make_gate();
  CHECK(maxproc(4) == 0);
  int child = fork();
  if (child == 0) {
    if (fork() == 0) {
      tell(ready, 1);
      await(gate);
      exit(0);
    }
    exit(0);
  }
  CHECK(wait(0) == child);
  CHECK(hear(ready) == 1);
  CHECK(room() == 2);  // the caller, the orphan, and two more
  open_gate(gate);
  sleep(3);
  CHECK(room() == 3);  // init has waited for the orphan
}

static void below(void) { CHECK(room() == 2); }
static void below_with_more(void) {
  CHECK(maxproc(50) == 0);
  CHECK(room() == 2);
}
static void below_with_less(void) {
  CHECK(maxproc(2) == 0);
  CHECK(room() == 1);
}
static void nests(void) {
  CHECK(maxproc(4) == 0);  // one for the child, so two for the child's
  CHECK(status_of(below) == 0);
  CHECK(status_of(below_with_more) == 0);
  CHECK(status_of(below_with_less) == 0);
  CHECK(room() == 3);
}

static void not_below_what_is_held(void) {
  CHECK(maxproc(0) == -1 && maxproc(-1) == -1 && maxproc(-2147483647 - 1) == -1);
  struct gate gate = make_gate();
  for (int child = 0; child < 3; child++)
    if (fork() == 0) {
      await(gate);
      exit(0);
    }
  CHECK(maxproc(3) == -1);
  CHECK(maxproc(1) == -1);
  CHECK(maxproc(4) == 0);
  CHECK(fork() == -1);
  open_gate(gate);
  for (int child = 0; child < 3; child++)
    CHECK(wait(0) > 0);
  CHECK(maxproc(1) == 0);
}

static void grandchild(void) {
  int child = fork();
  if (child == 0)
    exit(fork() == -1 ? 0 : 1);  // the third is the last
  int status;
  CHECK(child > 0 && wait(&status) == child && status == 0);
}
static void counts_descendants(void) {
  CHECK(maxproc(3) == 0);
  CHECK(status_of(grandchild) == 0);
}

static void survives_exec(void) {
  CHECK(maxproc(3) == 0);
  exec("/call_maxproc", (char *[]){"call_maxproc", "room", 0});
  exit(9);
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "room"))
    return room() == 2 ? 0 : 1;
  CHECK(status_of(counts_the_caller) == 0);
  CHECK(status_of(one) == 0);
  CHECK(status_of(only_tightens) == 0);
  CHECK(status_of(zombies) == 0);
  CHECK(status_of(orphans) == 0);
  CHECK(status_of(nests) == 0);
  CHECK(status_of(not_below_what_is_held) == 0);
  CHECK(status_of(counts_descendants) == 0);
  CHECK(status_of(survives_exec) == 0);
  // Nobody else is held by that: the machine's 64, but for init and this one.
  CHECK(room() == 62);
  return 0;
}
