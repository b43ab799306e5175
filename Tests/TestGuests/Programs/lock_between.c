// Of two that run while one of high priority waits for a mutex that a low one holds, the first to do
// so does most of it, and is below the holder when the mutex is let go.
#include "check.h"

static void compute(int steps) {
  for (volatile int step = 0; step < steps; step++)
    ;
}

static int begin(int priority) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    CHECK(prio_set(getpid(), priority) == 0);
  return child;
}

int main(void) {
  int mutex = mutex_create("between");
  CHECK(mutex >= 0);
  if (begin(12) == 0) {
    CHECK(mutex_lock(mutex) == 0);
    compute(60000);
    CHECK(mutex_unlock(mutex) == 0);
    exit(0);
  }
  if (begin(3) == 0) {
    sleep(1);
    CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
    exit(0);
  }
  if (begin(6) == 0) {
    sleep(1);
    compute(200000);
    CHECK(prio_set(getpid(), 13) == 0);
    compute(100000);
    exit(0);
  }
  if (begin(7) == 0) {
    sleep(1);
    compute(1000);
    exit(0);
  }
  int status;
  for (int child = 0; child < 4; child++)
    CHECK(wait(&status) >= 0 && status == 0);
  return 0;
}
