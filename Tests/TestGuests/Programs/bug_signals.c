// What a process in a container does to those outside it: nothing.
#include "provoke.h"

static int outsider;

static void reach_out(void) {
  enter();
  CHECK(kill(outsider) == -1);
  CHECK(prio_set(outsider, 12) == -1);
  CHECK(prio_get(outsider) == -1);
  CHECK(kill(1) == -1);
  CHECK(wait(0) == -1);
}

static void leave_orphan(void) {
  enter();
  if (fork() == 0) {
    if (fork() == 0) {
      sleep(2);
      exit(7);
    }
    exit(0);
  }
  int status, sum = 0;
  while (wait(&status) > 0)
    sum += status;
  CHECK(sum == 7);
}

int main(void) {
  make_gate();
  outsider = hold(nothing);
  CHECK(status_of(reach_out) == 0);
  CHECK(status_of(leave_orphan) == 0);
  CHECK(prio_set(outsider, 11) == 0);
  open_gate();
  CHECK(wait(0) == outsider);
  return 0;
}
