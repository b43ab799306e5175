// Priorities inherited along chains of mutexes, and given back: at an unlock, when the waiter is killed or
// another priority is set, when the holder ends, and where processes wait for each other.
#include "provoke.h"

static int first, second;

static int begin(int priority, void (*body)(void)) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(prio_set(getpid(), priority) == 0);
    body();
    exit(0);
  }
  return child;
}

// Holds the first mutex for some ticks; whatever it inherits, its own priority is what prio_set says.
static void holder(void) {
  CHECK(mutex_lock(first) == 0);
  sleep(6);
  CHECK(prio_get(getpid()) >= 12);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(prio_get(getpid()));
  int status;
  CHECK(wait(&status) == child && status >= 12);
  burn(150000);
  CHECK(mutex_unlock(first) == 0);
  burn(50000);
}

static void holder_of_both(void) {
  CHECK(mutex_lock(second) == 0);
  sleep(1);
  CHECK(mutex_lock(first) == 0);
  CHECK(mutex_unlock(first) == 0);
  CHECK(mutex_unlock(second) == 0);
}

static void wants_second(void) {
  sleep(2);
  CHECK(mutex_lock(second) == 0);
  CHECK(mutex_unlock(second) == 0);
}

static void wants_first(void) {
  sleep(3);
  CHECK(mutex_lock(first) == 0);
  CHECK(mutex_unlock(first) == 0);
}

static void waits_for_signal(void) {
  CHECK(mutex_lock(second) == 0);
  CHECK(cv_wait(second) == 0);
  CHECK(mutex_unlock(second) == 0);
}

// Holds one of the mutexes and wants the other, as its like does the other way round.
static void first_then_second(void) {
  CHECK(mutex_lock(first) == 0);
  sleep(2);
  mutex_lock(second);
}

static void second_then_first(void) {
  CHECK(mutex_lock(second) == 0);
  sleep(2);
  mutex_lock(first);
}

static void all_gone(void) {
  while (wait(0) > 0)
    ;
}

static void in_a_container(void) {
  enter();
  first = mutex_create("first");
  second = mutex_create("second");
  begin(12, holder);
  begin(10, holder_of_both);
  begin(9, wants_second);
  sleep(4);
}

int main(void) {
  first = mutex_create("first");
  second = mutex_create("second");
  CHECK(prio_set(getpid(), 2) == 0);

  // A chain of three, and one of a better priority that is killed while it waits.
  begin(12, holder);
  begin(10, holder_of_both);
  begin(7, wants_second);
  int best = begin(4, wants_first);
  sleep(5);
  CHECK(kill(best) == 0);
  all_gone();

  // Other priorities for those who lend and who inherit.
  int low = begin(12, holder), middle = begin(10, holder_of_both), high = begin(7, wants_second);
  sleep(4);
  CHECK(prio_set(low, 14) == 0 && prio_get(low) == 14);
  CHECK(prio_set(high, 5) == 0 && prio_get(high) == 5);
  CHECK(prio_set(middle, 4) == 0 && prio_get(middle) == 4);
  CHECK(prio_set(middle, 11) == 0 && prio_get(middle) == 11);
  CHECK(prio_set(high, 13) == 0);
  all_gone();

  // Who is signalled while another holds the mutex waits for that, and lends.
  begin(6, waits_for_signal);
  sleep(1);
  CHECK(prio_set(getpid(), 9) == 0);
  CHECK(mutex_lock(second) == 0);
  CHECK(cv_signal(second) == 0);
  CHECK(prio_get(getpid()) == 9);
  burn(150000);
  CHECK(mutex_unlock(second) == 0);
  all_gone();

  // A deadlock, with one who waits from outside it; then each is killed.
  int one = begin(12, first_then_second), other = begin(10, second_then_first);
  int outside = begin(9, wants_first);
  sleep(5);
  CHECK(prio_set(one, 13) == 0 && prio_set(other, 11) == 0);
  CHECK(kill(outside) == 0);
  sleep(1);
  CHECK(kill(one) == 0);
  sleep(1);
  CHECK(kill(other) == 0);
  all_gone();

  // A container that ends with holders and waiters in it.
  CHECK(status_of(in_a_container) == 0);
  CHECK(mutex_lock(first) == 0 && mutex_unlock(first) == 0);
  return 0;
}
