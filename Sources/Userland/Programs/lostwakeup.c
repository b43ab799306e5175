// lostwakeup: one process waits until another has something for it. The unsafe way looks first and
// then goes to sleep, and whatever comes between the two is lost: whether that happens depends on
// where the ticks fall, so on the seed. The safe way looks while it holds the mutex, which cv_wait
// gives back only when it sleeps.
//
// `lostwakeup [safe] [ROUNDS]`
#include "guest.h"

struct page {
  volatile int items;
  volatile int asleep;
};

static struct page *page;
static int mutex;

// A moment between looking and sleeping: what a longer program has there anyway.
static void moment(int loops) {
  while (loops-- > 0)
    __asm__ volatile("");
}

static void sleep_unsafely(void) {
  if (page->items == 0) {
    moment(3000);
    page->asleep = 1;
    mutex_lock(mutex);
    cv_wait(mutex);
    mutex_unlock(mutex);
  }
}

static void wake_unsafely(void) {
  page->items++;
  if (page->asleep)
    cv_signal(mutex);
}

static void sleep_safely(void) {
  mutex_lock(mutex);
  while (page->items == 0) {
    moment(3000);
    cv_wait(mutex);
  }
  mutex_unlock(mutex);
}

static void wake_safely(void) {
  mutex_lock(mutex);
  page->items++;
  mutex_unlock(mutex);
  cv_signal(mutex);
}

// Whether the one that waits is still there, long after it should have gone on.
static int is_stuck(int child) {
  static struct proc_info table[64];
  int count = ps(table, 64);
  for (int index = 0; index < count; index++)
    if (table[index].pid == child)
      return table[index].state == P_BLOCKED;
  return 0;
}

int main(int argc, char **argv) {
  int safe = argc > 1 && !strcmp(argv[1], "safe");
  int rounds = argc > 1 + safe ? atoi(argv[1 + safe]) : 40, lost = 0;
  for (int round = 0; round < rounds; round++) {
    page = (struct page *)shm_get("lostwakeup");
    mutex = mutex_create("lostwakeup");
    int child = fork();
    if (child == 0) {
      moment(round * 997 % 4000);
      safe ? sleep_safely() : sleep_unsafely();
      exit(0);
    }
    moment(round * 1499 % 9000);
    safe ? wake_safely() : wake_unsafely();
    sleep(2);
    if (is_stuck(child)) {
      lost++;
      kill(child);
    }
    wait(0);
    shm_rem("lostwakeup");
    mutex_delete(mutex);
  }
  printf("lostwakeup: %s, %d of %d wakeups lost\n", safe ? "safe" : "unsafe", lost, rounds);
  return safe && lost ? 1 : 0;
}
