// Priority inversion over a chain of two mutexes, with as many busy processes in between as argv[1] says, one for each
// hart. Prints how many ticks the highest waits.
#include "check.h"

enum { HIGH = 3, BETWEEN = 8, MIDDLE = 10, LOW = 12 };

static int begin(int priority) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    CHECK(prio_set(getpid(), priority) == 0);
  return child;
}

static void work(int ticks) {
  int end = uptime() + ticks;
  while (uptime() < end)
    for (int loop = 0; loop < 1000; loop++)
      __asm__ volatile("");
}

static void steps(int count) {
  for (int loop = 0; loop < count / 2; loop++)
    __asm__ volatile("");
}

int main(int argc, char **argv) {
  int busy = argc > 1 ? atoi(argv[1]) : 1;
  int inner = mutex_create("inner"), outer = mutex_create("outer");
  volatile int *seats = (volatile int *)shm_get("seats");
  CHECK(prio_set(getpid(), 1) == 0);
  if (begin(LOW) == 0) {
    CHECK(mutex_lock(inner) == 0);
    seats[1] = 1;
    steps(1000000);
    CHECK(prio_get(getpid()) == LOW);
    CHECK(mutex_unlock(inner) == 0);
    exit(0);
  }
  while (seats[1] == 0)
    sleep(1);
  if (begin(MIDDLE) == 0) {
    CHECK(mutex_lock(outer) == 0);
    seats[2] = 1;
    CHECK(mutex_lock(inner) == 0);
    CHECK(mutex_unlock(inner) == 0);
    CHECK(mutex_unlock(outer) == 0);
    exit(0);
  }
  while (seats[2] == 0)
    sleep(1);
  for (int index = 0; index < busy; index++)
    if (begin(BETWEEN) == 0) {
      sleep(1);
      work(60);
      exit(0);
    }
  if (begin(HIGH) == 0) {
    sleep(2);
    int start = uptime();
    CHECK(mutex_lock(outer) == 0);
    seats[0] = uptime() - start;
    CHECK(mutex_unlock(outer) == 0);
    exit(0);
  }
  int status;
  while (wait(&status) > 0)
    CHECK(status == 0);
  printf("waited %d\n", seats[0]);
  return 0;
}
