// A priority inversion to be found: in a container of five, a process of low priority takes a lock, one
// of high priority wants it, and one in between keeps the hart to itself meanwhile. docs/tutorial.md
// looks for it.
#include "guest.h"

static void compute(int steps) {
  for (volatile int step = 0; step < steps; step++)
    ;
}

static int begin(int priority) {
  int child = fork();
  if (child == 0)
    prio_set(getpid(), priority);
  return child;
}

int main(void) {
  if (cm_create_and_enter() < 0 || cm_maxproc(5) < 0)
    return 1;
  int lock = mutex_create("log");
  char *page = shm_get("log");

  if (begin(12) == 0) { // the one that holds it
    for (int entry = 0; entry < 3; entry++) {
      mutex_lock(lock);
      compute(20000);
      page[0]++;
      mutex_unlock(lock);
      sleep(2);
    }
    exit(0);
  }
  if (begin(5) == 0) { // the one that waits
    for (int entry = 0; entry < 3; entry++) {
      sleep(1);
      mutex_lock(lock);
      page[0]++;
      mutex_unlock(lock);
    }
    exit(0);
  }
  if (begin(8) == 0) { // the one in between, which needs no lock at all
    sleep(1);
    compute(300000);
    exit(0);
  }
  if (begin(8) == 0) {
    for (int attempt = 0; attempt < 3; attempt++)
      if (fork() == 0) { // beyond the budget
        sleep(3);
        exit(0);
      }
    while (wait(0) > 0)
      ;
    exit(0);
  }
  while (wait(0) > 0)
    ;
  printf("inversion: %d entries\n", page[0]);
  return 0;
}
