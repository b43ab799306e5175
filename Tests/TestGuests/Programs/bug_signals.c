// What a process in a container does to those outside it: nothing. What a kill does to one asleep: it
// ends.
#include "provoke.h"

static int outsider;

static void reach_out(void) {
  enter();
  CHECK(kill(outsider) == -1);
  CHECK(prio_set(outsider, 12) == -1);
  CHECK(prio_get(outsider) == -1);
  CHECK(kill(2) == -1);
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

static void kill_sleeper(void) {
  int child = fork();
  if (child == 0) {
    sleep(1000000);
    exit(0);
  }
  sleep(1);
  CHECK(kill(child) == 0);
  CHECK(wait(0) == child);
}

int main(void) {
  CHECK(status_of(kill_sleeper) == 0);
  make_gate();
  outsider = hold(nothing);
  CHECK(status_of(reach_out) == 0);
  CHECK(status_of(leave_orphan) == 0);
  CHECK(prio_set(outsider, 11) == 0);
  open_gate();
  CHECK(wait(0) == outsider);
  return 0;
}
