// Who joins the container of its own child and is orphaned goes to the machine's init, not to that
// child. Found by the fuzzer: the two became each other's children, and maxproc never came back.
#include "check.h"

static int done[2];

static void join_child(void) {
  struct cm_info info;
  char byte = 0;
  if (fork() == 0) {
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

int main(void) {
  char byte;
  CHECK(pipe(done) == 0);
  if (fork() == 0) {
    if (fork() == 0) {
      join_child();
      exit(0);
    }
    sleep(3);
    exit(0);
  }
  close(done[1]);
  CHECK(wait(0) > 0);
  CHECK(read(done[0], &byte, 1) == 1);
  sleep(30);
  return 0;
}
