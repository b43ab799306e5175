// Priorities: kept, obeyed, and never raised.
#include "provoke.h"

static void burn_ticks(void) { burn(800000); }

static int begin(int priority) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(prio_set(getpid(), priority) == 0);
    burn_ticks();
    CHECK(prio_get(getpid()) == priority);
    exit(0);
  }
  return child;
}

static void raise(void) {
  CHECK(prio_set(getpid(), 7) == 0);
  CHECK(prio_set(getpid(), 6) == -1);
  CHECK(prio_get(getpid()) == 7);
}

int main(void) {
  CHECK(status_of(raise) == 0);
  // Two that share a priority and one below them.
  begin(9);
  begin(9);
  begin(12);
  // One above them all, which wakes while they run.
  for (int index = 0; index < 4; index++)
    sleep(1);
  while (wait(0) > 0)
    ;
  return 0;
}
