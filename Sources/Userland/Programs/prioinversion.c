// prioinversion: a process of low priority holds a mutex that one of high priority wants, and one of
// middle priority, which wants nothing of either, keeps the low one from running. So the highest
// waits for the middle one. (On one hart; with two the low one has a hart to itself.)
#include "guest.h"

enum { HIGH = 5, MIDDLE = 8, LOW = 12 };

static void work(int rounds) {
  for (int loop = 0; loop < rounds * 100000; loop++)
    __asm__ volatile("");
}

static void start(int priority, void (*body)(int), int argument) {
  if (fork())
    return;
  prio_set(getpid(), priority);
  body(argument);
  exit(0);
}

static void low(int mutex) {
  mutex_lock(mutex);
  work(3);
  mutex_unlock(mutex);
}

static void middle(int rounds) {
  sleep(2);
  work(rounds);
}

static void high(int mutex) {
  sleep(2);
  int start = uptime();
  mutex_lock(mutex);
  *(volatile int *)shm_get("inversion") = uptime() - start;
  mutex_unlock(mutex);
}

static int wait_of_the_highest(int rounds) {
  int mutex = mutex_create("inversion");
  volatile int *ticks = (volatile int *)shm_get("inversion");
  start(LOW, low, mutex);
  start(MIDDLE, middle, rounds);
  start(HIGH, high, mutex);
  while (wait(0) > 0)
    ;
  return *ticks;
}

int main(void) {
  prio_set(getpid(), HIGH - 1);
  printf("prioinversion: the highest waits %d ticks for the lowest alone,", wait_of_the_highest(0));
  printf(" and %d when the middle one works\n", wait_of_the_highest(60));
  return 0;
}
