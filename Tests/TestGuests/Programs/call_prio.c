// prio_set and prio_get: who may change whose priority, and to what.
#include "check.h"

static void check_a_child_below(int me) {
  // One's own priority can only go down from here on, and what is above one cannot be changed.
  CHECK(prio_get(getpid()) == 6);
  CHECK(prio_set(getpid(), 5) == -1);
  CHECK(prio_set(me, 9) == -1);
  CHECK(prio_set(1, 9) == -1);
  CHECK(prio_set(getpid(), 7) == 0 && prio_get(getpid()) == 7);
  CHECK(prio_set(getpid(), 6) == -1);
  exit(3);
}

int main(void) {
  int me = getpid(), status;
  CHECK(prio_get(1) == 0);
  CHECK(prio_get(me) == 0);
  CHECK(prio_get(12345) == -1 && prio_get(0) == -1 && prio_get(-1) == -1);

  // Out of range, nobody there, no descendant.
  CHECK(prio_set(me, -1) == -1 && prio_set(me, 16) == -1);
  CHECK(prio_set(12345, 5) == -1);
  CHECK(prio_set(1, 5) == -1);
  CHECK(prio_get(me) == 0 && prio_get(1) == 0);

  // Children inherit.
  CHECK(prio_set(me, 6) == 0 && prio_get(me) == 6);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    check_a_child_below(me);
  CHECK(wait(&status) == child && status == 3);

  // Down to grandchildren, but never above oneself.
  int ends[2], grandchild;
  CHECK(pipe(ends) == 0);
  child = fork();
  if (child == 0) {
    grandchild = fork();
    if (grandchild == 0)
      for (;;)
        sleep(1000);
    CHECK(write(ends[1], &grandchild, 4) == 4);
    wait(0);
    exit(0);
  }
  CHECK(read(ends[0], &grandchild, 4) == 4);
  CHECK(prio_set(grandchild, 15) == 0 && prio_get(grandchild) == 15);
  CHECK(prio_set(grandchild, 6) == 0 && prio_get(grandchild) == 6);
  CHECK(prio_set(grandchild, 5) == -1 && prio_set(child, 0) == -1);
  CHECK(kill(grandchild) == 0);
  CHECK(wait(0) == child);
  return 0;
}
