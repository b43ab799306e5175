// Who joined a container before it had a limit counts in the limit that it gets, even if its init
// had a limit of its own meanwhile. Found by the fuzzer: such a one was in no count at all.
#include "provoke.h"

static int joined[2], go_on[2];

static void contain(void) {
  char byte;
  enter();
  CHECK(maxproc(5) == 0);
  CHECK(read(joined[0], &byte, 1) == 1);
  // Itself and the one that joined.
  CHECK(cm_maxproc(1) == -1);
  CHECK(cm_maxproc(3) == 0);
  int child = fork();
  if (child == 0) {
    sleep(5);
    exit(0);
  }
  CHECK(child > 0);
  CHECK(fork() == -1);
  CHECK(write(go_on[1], &byte, 1) == 1);
  CHECK(wait(0) == child);
}

static void join(void) {
  struct cm_info info;
  char byte = 0;
  while (cm_info(1, &info) < 0)
    sleep(1);
  CHECK(cm_join(info.cid) == 0);
  CHECK(write(joined[1], &byte, 1) == 1);
  CHECK(read(go_on[0], &byte, 1) == 1);
  CHECK(fork() == -1);
}

// A limit that init sets besides the container's own is for itself and its children; who joins counts
// in the container's only.
static int ready[2];

static void contain_twice(void) {
  struct cm_info info;
  char byte = 0;
  enter();
  CHECK(cm_maxproc(5) == 0);
  CHECK(maxproc(2) == 0);
  CHECK(write(ready[1], "ab", 2) == 2);
  CHECK(read(joined[0], &byte, 1) == 1 && read(joined[0], &byte, 1) == 1);
  CHECK(cm_info(0, &info) == getcid() && info.limit == 5 && info.processes == 3);
  int child = fork();
  if (child == 0) {
    sleep(5);
    exit(0);
  }
  CHECK(child > 0);
  CHECK(fork() == -1);
  CHECK(write(go_on[1], "ab", 2) == 2);
  CHECK(wait(0) == child);
}

static void join_twice(void) {
  struct cm_info info;
  char byte;
  CHECK(read(ready[0], &byte, 1) == 1);
  CHECK(cm_info(1, &info) > 0 && cm_join(info.cid) == 0);
  CHECK(write(joined[1], &byte, 1) == 1);
  CHECK(read(go_on[0], &byte, 1) == 1);
}

static int start(void (*body)(void)) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    body();
    exit(0);
  }
  return child;
}

int main(void) {
  CHECK(pipe(joined) == 0 && pipe(go_on) == 0 && pipe(ready) == 0);
  int first = start(contain), status;
  CHECK(status_of(join) == 0);
  CHECK(wait(&status) == first && status == 0);

  start(contain_twice);
  start(join_twice);
  start(join_twice);
  while (wait(&status) > 0)
    CHECK(status == 0);
  return 0;
}
