// wait: one exited child at a time, and none lost on the way.
#include "check.h"

static void wait_for_ever(void) {
  if (fork() == 0)
    sleep(1000000);
  wait(0);
}

int main(void) {
  int status = 77;
  CHECK(wait(&status) == -1);
  CHECK(status == 77);

  // 0 does not store.
  int child = fork();
  if (child == 0)
    exit(3);
  CHECK(wait(0) == child);

  // A bad pointer fails and the zombie stays.
  child = fork();
  if (child == 0)
    exit(4);
  CHECK(wait(NOWHERE) == -1);
  CHECK(wait((int *)-1) == -1);
  CHECK(wait((int *)TEXT) == -1);
  CHECK(wait(&status) == child && status == 4);

  // A status may be stored anywhere, whole pages apart if need be.
  char *page = last_page();
  child = fork();
  if (child == 0)
    exit(0x01020304);
  CHECK(wait((int *)(page + 1)) == child);
  CHECK(page[1] == 4 && page[2] == 3 && page[3] == 2 && page[4] == 1);

  // Half of it outside is as bad as all of it.
  child = fork();
  if (child == 0)
    exit(5);
  CHECK(wait((int *)(page + PGSIZE - 2)) == -1);
  CHECK(wait(&status) == child && status == 5);

  // Each of several children comes exactly once.
  int children[5], seen = 0;
  for (int index = 0; index < 5; index++) {
    children[index] = fork();
    CHECK(children[index] >= 0);
    if (children[index] == 0)
      exit(index);
  }
  for (int index = 0; index < 5; index++) {
    int pid = wait(&status);
    CHECK(status >= 0 && status < 5 && children[status] == pid);
    seen |= 1 << status;
  }
  CHECK(seen == 31);
  CHECK(wait(0) == -1);

  // Waiting ends when one is killed.
  child = fork();
  if (child == 0) {
    wait_for_ever();
    exit(0);
  }
  sleep(2);
  CHECK(kill(child) == 0);
  CHECK(wait(&status) == child && status == -1);

  // A grandchild is no child.
  child = fork();
  if (child == 0) {
    if (fork() == 0)
      exit(0);
    wait(0);
    exit(0);
  }
  CHECK(wait(0) == child);
  CHECK(wait(0) == -1);
  return 0;
}
