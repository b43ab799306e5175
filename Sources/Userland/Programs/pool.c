// pool [THREADS] [PIECES]: threads that take pieces of work from one place, count the primes in them, and add what they find,
// under a lock made of a futex. It says how many primes there are, and how many pieces each thread did.
#include "guest.h"
#include "thread.h"

enum { MOST = 8, SPAN = 500 };

static char stacks[MOST][2048] __attribute__((aligned(16)));
// 0: free, 1: held, 2: held, and others may sleep.
static int lock_word;
static int next, pieces, primes, done[MOST];

static void lock(void) {
  int seen = 0;
  if (__atomic_compare_exchange_n(&lock_word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return;
  while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0)
    futex(&lock_word, 0, 2, 0);
}

static void unlock(void) {
  if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
    futex(&lock_word, 1, 1, 0);
}

static int is_prime(int number) {
  for (int factor = 2; factor * factor <= number; factor++)
    if (number % factor == 0)
      return 0;
  return number > 1;
}

static int work(void *argument) {
  int self = (int)(long)argument, found = 0;
  for (;;) {
    lock();
    primes += found;
    int piece = next < pieces ? next++ : -1;
    unlock();
    if (piece < 0)
      return done[self];
    found = 0;
    for (int number = piece * SPAN; number < (piece + 1) * SPAN; number++)
      found += is_prime(number);
    done[self]++;
  }
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 4, threads[MOST];
  pieces = argc > 2 ? atoi(argv[2]) : 16;
  if (count < 1 || count > MOST || pieces < 0) {
    fprintf(2, "usage: pool [THREADS] [PIECES], of 1 to %d threads\n", MOST);
    return 2;
  }
  for (int index = 0; index < count; index++)
    threads[index] = clone(work, (void *)(long)index, stacks[index] + sizeof stacks[index]);
  for (int index = 0; index < count; index++) {
    int status = 0;
    if (threads[index] < 0 || join(threads[index], &status) < 0)
      fprintf(2, "pool: thread %d is not there\n", index);
    else
      printf("thread %d: %d pieces\n", index, status);
  }
  printf("%d primes below %d\n", primes, pieces * SPAN);
  return 0;
}
