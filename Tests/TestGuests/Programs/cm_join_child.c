// Who joins the container of its own child, or of one further below, and is orphaned goes to the
// machine's init, not to that one. Found by the fuzzer: the two became each other's children, and maxproc
// never came back.
#include "check.h"

static int done[2];

// Forks the init of a container, so many processes further down, and joins it.
static void join_below(int deep) {
  struct cm_info info;
  char byte = 0;
  if (fork() == 0) {
    while (deep--)
      if (fork()) {
        wait(0);
        exit(0);
      }
    CHECK(cm_create_and_enter() == 0);
    sleep(30);
    exit(0);
  }
  while (cm_info(1, &info) < 0)
    sleep(1);
  CHECK(cm_join(info.cid) == 0);
  sleep(5);  // The parent has ended by now.
  CHECK(maxproc(10) == 0);
  CHECK(write(done[1], &byte, 1) == 1);
}

static void orphan_who_joins(int deep) {
  char byte;
  CHECK(pipe(done) == 0);
  if (fork() == 0) {
    if (fork() == 0) {
      join_below(deep);
      exit(0);
    }
    sleep(3);
    exit(0);
  }
  CHECK(close(done[1]) == 0);
  CHECK(wait(0) > 0);
  CHECK(read(done[0], &byte, 1) == 1);
  CHECK(close(done[0]) == 0);
  sleep(30);
}

int main(void) {
  orphan_who_joins(0);
  orphan_who_joins(2);
  return 0;
}
