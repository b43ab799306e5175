// A mutex and its condition variable between processes that end, wait and interfere.
#include "provoke.h"

static int mutex;
static volatile int *shared;

static void unlock_it(void) { CHECK(mutex_unlock(mutex) == -1); }

static void lock_it(void) {
  CHECK(mutex_lock(mutex) == 0);
  shared[0]++;
  CHECK(mutex_unlock(mutex) == 0);
}

static void hold_it(void) {
  CHECK(mutex_lock(mutex) == 0);
  sleep(1000000);
}

static void wait_for_it(void) {
  CHECK(mutex_lock(mutex) == 0);
  shared[1] = 1;
  for (int round = 0; shared[2] == 0; round++)
    CHECK(round < 20 && cv_wait(mutex) == 0);
  CHECK(mutex_unlock(mutex) == 0);
}

int main(void) {
  shared = (volatile int *)shm_get("shared");
  mutex = mutex_create("mutex");
  CHECK(shared && mutex >= 0);

  // Held: nobody else unlocks it, and who wants it waits.
  CHECK(mutex_lock(mutex) == 0);
  CHECK(status_of(unlock_it) == 0);
  int child = fork();
  if (child == 0) {
    lock_it();
    exit(0);
  }
  sleep(2);
  CHECK(shared[0] == 0);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(wait(0) == child);
  CHECK(shared[0] == 1);

  // A signal reaches who waits for it.
  child = fork();
  if (child == 0) {
    wait_for_it();
    exit(0);
  }
  while (shared[1] == 0)
    sleep(1);
  CHECK(mutex_lock(mutex) == 0);
  shared[2] = 1;
  CHECK(cv_signal(mutex) == 0);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(wait(0) == child);

  // A signal that was kept lets whoever waits for the mutex have it first.
  CHECK(mutex_lock(mutex) == 0);
  CHECK(cv_signal(mutex) == 0);
  child = fork();
  if (child == 0) {
    lock_it();
    exit(0);
  }
  sleep(2);
  CHECK(shared[0] == 1);
  CHECK(cv_wait(mutex) == 0);
  CHECK(shared[0] == 2);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(wait(0) == child);

  // A holder that is killed takes nothing with it.
  child = fork();
  if (child == 0)
    hold_it();
  sleep(2);
  CHECK(kill(child) == 0);
  CHECK(wait(0) == child);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(mutex_unlock(mutex) == 0);
  return 0;
}
