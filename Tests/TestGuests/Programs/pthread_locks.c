// What keeps threads of pthread.h apart and lets them wait for each other. The tests run it on 1, 2 and 4 harts.
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>
#include "libc_check.h"

enum { ROUNDS = 150, THREADS = 4 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER, full = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t sem, mutual;
static int number, waiting, go, buffer, is_full, inside, readers, most, phase[THREADS], serial;

// A time from now, in ticks of 10 ms.
static struct timespec later(long ticks) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  now.tv_nsec += ticks % 100 * 10000000;
  now.tv_sec += ticks / 100 + now.tv_nsec / 1000000000;
  now.tv_nsec %= 1000000000;
  return now;
}
static long ticks(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 100 + now.tv_nsec / 10000000;
}

static void run(void *(*function)(void *), int count) {
  pthread_t threads[THREADS * 2];
  for (long index = 0; index < count; index++)
    CHECK(pthread_create(&threads[index], 0, function, (void *)index) == 0);
  for (int index = 0; index < count; index++)
    CHECK(pthread_join(threads[index], 0) == 0);
}

// Adds to the number as one would not without a lock.
static void add(int round) {
  int old = *(volatile int *)&number;
  if (round % 16 == 0)
    usleep(1);
  number = old + 1;
}
static void *with_mutex(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    CHECK(pthread_mutex_lock(&mutex) == 0);
    add(round);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
  }
  return argument;
}
static void *with_spin(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    pthread_spin_lock(&spin);
    add(round);
    pthread_spin_unlock(&spin);
  }
  return argument;
}
static void *with_sem(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    CHECK(sem_wait(&mutual) == 0);
    add(round);
    CHECK(sem_post(&mutual) == 0);
  }
  return argument;
}
static void *with_timed(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    struct timespec until = later(3);
    while (pthread_mutex_timedlock(&mutex, &until) == ETIMEDOUT)
      until = later(3);
    add(round);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
  }
  return argument;
}
static void *with_writer(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    CHECK(pthread_rwlock_wrlock(&rwlock) == 0);
    add(round);
    CHECK(pthread_rwlock_unlock(&rwlock) == 0);
  }
  return argument;
}

static void *try_from_outside(void *argument) {
  struct timespec until = later(3);
  long before = ticks();
  CHECK(pthread_mutex_trylock(argument) == EBUSY);
  CHECK(pthread_mutex_timedlock(argument, &until) == ETIMEDOUT);
  CHECK(ticks() - before >= 3);
  return 0;
}
static void *unlock_other(void *argument) {
  CHECK(pthread_mutex_unlock(argument) == EPERM);
  return 0;
}
static void mutexes(void) {
  pthread_t thread;
  pthread_mutexattr_t attr;
  run(with_mutex, THREADS);
  CHECK(number == THREADS * ROUNDS);
  number = 0;
  run(with_timed, THREADS);
  CHECK(number == THREADS * ROUNDS);
  number = 0;
  for (int kind = PTHREAD_MUTEX_NORMAL; kind <= PTHREAD_MUTEX_ADAPTIVE_NP; kind++) {
    pthread_mutex_t one;
    int shown;
    CHECK(pthread_mutexattr_init(&attr) == 0 && pthread_mutexattr_settype(&attr, kind) == 0);
    CHECK(pthread_mutexattr_gettype(&attr, &shown) == 0 && shown == kind);
    CHECK(pthread_mutex_init(&one, &attr) == 0 && pthread_mutexattr_destroy(&attr) == 0);
    CHECK(pthread_mutex_lock(&one) == 0);
    CHECK(pthread_mutex_trylock(&one) == (kind == PTHREAD_MUTEX_RECURSIVE ? 0 : EBUSY));
    if (kind == PTHREAD_MUTEX_RECURSIVE)
      CHECK(pthread_mutex_lock(&one) == 0 && pthread_mutex_unlock(&one) == 0 && pthread_mutex_unlock(&one) == 0);
    if (kind == PTHREAD_MUTEX_ERRORCHECK)
      CHECK(pthread_mutex_lock(&one) == EDEADLK);
    CHECK(pthread_mutex_destroy(&one) == EBUSY);
    CHECK(pthread_create(&thread, 0, try_from_outside, &one) == 0 && pthread_join(thread, 0) == 0);
    if (kind == PTHREAD_MUTEX_RECURSIVE || kind == PTHREAD_MUTEX_ERRORCHECK)
      CHECK(pthread_create(&thread, 0, unlock_other, &one) == 0 && pthread_join(thread, 0) == 0);
    CHECK(pthread_mutex_unlock(&one) == 0);
    if (kind == PTHREAD_MUTEX_ERRORCHECK)
      CHECK(pthread_mutex_unlock(&one) == EPERM);
    CHECK(pthread_mutex_trylock(&one) == 0 && pthread_mutex_unlock(&one) == 0);
    CHECK(pthread_mutex_destroy(&one) == 0);
  }
  CHECK(pthread_mutexattr_settype(&attr, 9) == EINVAL);
  CHECK(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == ENOTSUP);
  CHECK(pthread_spin_init(&spin, 0) == 0);
  run(with_spin, THREADS);
  CHECK(number == THREADS * ROUNDS);
  CHECK(pthread_spin_trylock(&spin) == 0 && pthread_spin_trylock(&spin) == EBUSY);
  CHECK(pthread_spin_unlock(&spin) == 0 && pthread_spin_destroy(&spin) == 0);
  number = 0;
}

static void *wait_for_go(void *argument) {
  pthread_mutex_lock(&mutex);
  waiting++;
  CHECK(pthread_cond_wait(&cond, &mutex) == 0);
  // Nobody is woken whom nobody signalled.
  CHECK(go > 0);
  go--;
  waiting--;
  pthread_mutex_unlock(&mutex);
  return argument;
}
static int count_waiting(void) {
  pthread_mutex_lock(&mutex);
  int count = waiting;
  pthread_mutex_unlock(&mutex);
  return count;
}
static void *produce(void *argument) {
  for (int item = 1; item <= ROUNDS; item++) {
    pthread_mutex_lock(&mutex);
    while (is_full)
      pthread_cond_wait(&cond, &mutex);
    buffer = item;
    is_full = 1;
    pthread_cond_signal(&full);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}
static void *consume(void *argument) {
  for (int item = 1; item <= ROUNDS; item++) {
    pthread_mutex_lock(&mutex);
    while (!is_full)
      pthread_cond_wait(&full, &mutex);
    number += buffer;
    is_full = 0;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}
static void *either(void *argument) { return (long)argument & 1 ? consume(argument) : produce(argument); }
static void *wait_a_while(void *argument) {
  struct timespec until = later((long)argument);
  pthread_mutex_lock(&mutex);
  int result = pthread_cond_timedwait(&cond, &mutex, &until);
  if (result == 0)
    go--;
  pthread_mutex_unlock(&mutex);
  return (void *)(long)result;
}
static void conditions(void) {
  pthread_t threads[THREADS];
  void *result;
  for (int index = 0; index < THREADS; index++)
    CHECK(pthread_create(&threads[index], 0, wait_for_go, 0) == 0);
  while (count_waiting() < THREADS)
    usleep(10000);
  pthread_mutex_lock(&mutex);
  go = 1;
  pthread_cond_signal(&cond);
  pthread_mutex_unlock(&mutex);
  while (count_waiting() == THREADS)
    usleep(10000);
  usleep(50000);
  CHECK(count_waiting() == THREADS - 1);
  CHECK(pthread_cond_destroy(&cond) == EBUSY);
  pthread_mutex_lock(&mutex);
  go = THREADS - 1;
  pthread_cond_broadcast(&cond);
  pthread_mutex_unlock(&mutex);
  for (int index = 0; index < THREADS; index++)
    CHECK(pthread_join(threads[index], 0) == 0);
  CHECK(go == 0 && waiting == 0);
  run(either, THREADS);
  CHECK(number == THREADS / 2 * (ROUNDS * (ROUNDS + 1) / 2));
  number = 0;
  // Time goes by for one, and the other gets the signal.
  CHECK(pthread_create(&threads[0], 0, wait_a_while, (void *)3) == 0);
  CHECK(pthread_create(&threads[1], 0, wait_a_while, (void *)2000) == 0);
  CHECK(pthread_join(threads[0], &result) == 0 && result == (void *)ETIMEDOUT);
  pthread_mutex_lock(&mutex);
  go = 1;
  pthread_cond_signal(&cond);
  pthread_mutex_unlock(&mutex);
  CHECK(pthread_join(threads[1], &result) == 0 && result == 0 && go == 0);
  struct timespec until = {0, 1000000000};
  pthread_mutex_lock(&mutex);
  CHECK(pthread_cond_timedwait(&cond, &mutex, &until) == EINVAL);
  until = (struct timespec){0, 0};
  CHECK(pthread_cond_timedwait(&cond, &mutex, &until) == ETIMEDOUT);
  CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
  pthread_mutex_unlock(&mutex);
  // Whoever waits must hold the mutex, where the mutex knows that.
  pthread_mutex_t checked = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
  CHECK(pthread_cond_wait(&cond, &checked) == EPERM);
  CHECK(pthread_cond_destroy(&cond) == 0);
}

static void *read_or_write(void *argument) {
  for (int round = 0; round < ROUNDS; round++) {
    if ((long)argument == 0) {
      CHECK(pthread_rwlock_wrlock(&rwlock) == 0);
      CHECK(__atomic_load_n(&readers, __ATOMIC_SEQ_CST) == 0);
      inside = 1;
      if (round % 16 == 0)
        usleep(1);
      inside = 0;
    } else {
      CHECK(pthread_rwlock_rdlock(&rwlock) == 0);
      CHECK(inside == 0);
      int now = __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
      int seen = __atomic_load_n(&most, __ATOMIC_SEQ_CST);
      while (now > seen && !__atomic_compare_exchange_n(&most, &seen, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
      if (round % 16 == 0)
        usleep(1);
      CHECK(inside == 0);
      __atomic_fetch_sub(&readers, 1, __ATOMIC_SEQ_CST);
    }
    CHECK(pthread_rwlock_unlock(&rwlock) == 0);
  }
  return 0;
}
static void *try_reading(void *argument) {
  struct timespec until = later(2);
  CHECK(pthread_rwlock_tryrdlock(&rwlock) == EBUSY && pthread_rwlock_trywrlock(&rwlock) == EBUSY);
  CHECK(pthread_rwlock_timedrdlock(&rwlock, &until) == ETIMEDOUT);
  CHECK(pthread_rwlock_timedwrlock(&rwlock, &until) == ETIMEDOUT);
  return argument;
}
static void *try_writing(void *argument) {
  struct timespec until = later(2);
  CHECK(pthread_rwlock_tryrdlock(&rwlock) == 0 && pthread_rwlock_unlock(&rwlock) == 0);
  CHECK(pthread_rwlock_trywrlock(&rwlock) == EBUSY);
  CHECK(pthread_rwlock_timedwrlock(&rwlock, &until) == ETIMEDOUT);
  return argument;
}
static void readers_and_writers(void) {
  run(with_writer, THREADS);
  CHECK(number == THREADS * ROUNDS);
  number = 0;
  run(read_or_write, THREADS);
  CHECK(most > 1);
  CHECK(pthread_rwlock_wrlock(&rwlock) == 0 && pthread_rwlock_wrlock(&rwlock) == EDEADLK);
  run(try_reading, 1);
  CHECK(pthread_rwlock_destroy(&rwlock) == EBUSY && pthread_rwlock_unlock(&rwlock) == 0);
  CHECK(pthread_rwlock_rdlock(&rwlock) == 0 && pthread_rwlock_rdlock(&rwlock) == 0);
  run(try_writing, 1);
  CHECK(pthread_rwlock_unlock(&rwlock) == 0 && pthread_rwlock_unlock(&rwlock) == 0);
  CHECK(pthread_rwlock_unlock(&rwlock) == EPERM && pthread_rwlock_destroy(&rwlock) == 0);
}

static void *in_phases(void *argument) {
  long own = (long)argument;
  for (int round = 1; round <= ROUNDS / 5; round++) {
    phase[own] = round;
    int result = pthread_barrier_wait(&barrier);
    CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
    if (result)
      __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
    for (int other = 0; other < THREADS; other++)
      CHECK(phase[other] == round);
    pthread_barrier_wait(&barrier);
  }
  return 0;
}
static void barriers(void) {
  CHECK(pthread_barrier_init(&barrier, 0, 0) == EINVAL);
  CHECK(pthread_barrier_init(&barrier, 0, THREADS) == 0);
  run(in_phases, THREADS);
  CHECK(serial == ROUNDS / 5);
  CHECK(pthread_barrier_destroy(&barrier) == 0);
}

static void *take_one(void *argument) {
  CHECK(sem_wait(&sem) == 0);
  __atomic_fetch_add(&number, 1, __ATOMIC_SEQ_CST);
  return argument;
}
static void semaphores(void) {
  pthread_t threads[THREADS];
  int value;
  CHECK(sem_init(&mutual, 0, 1) == 0);
  run(with_sem, THREADS);
  CHECK(number == THREADS * ROUNDS);
  number = 0;
  CHECK(sem_init(&sem, 0, 2) == 0);
  for (int index = 0; index < THREADS; index++)
    CHECK(pthread_create(&threads[index], 0, take_one, 0) == 0);
  usleep(50000);
  CHECK(__atomic_load_n(&number, __ATOMIC_SEQ_CST) == 2);
  CHECK(sem_post(&sem) == 0 && sem_post(&sem) == 0);
  for (int index = 0; index < THREADS; index++)
    CHECK(pthread_join(threads[index], 0) == 0);
  CHECK(sem_getvalue(&sem, &value) == 0 && value == 0);
  CHECK(sem_trywait(&sem) == -1 && errno == EAGAIN);
  struct timespec until = later(2);
  CHECK(sem_timedwait(&sem, &until) == -1 && errno == ETIMEDOUT);
  CHECK(sem_post(&sem) == 0 && sem_timedwait(&sem, &until) == 0 && sem_destroy(&sem) == 0);
  CHECK(sem_init(&sem, 0, SEM_VALUE_MAX) == 0 && sem_post(&sem) == -1 && errno == EOVERFLOW);
  CHECK(sem_init(&sem, 0, (unsigned int)SEM_VALUE_MAX + 1) == -1 && errno == EINVAL);
}

static void *allocate(void *argument) {
  enum { BLOCKS = 12 };
  int *blocks[BLOCKS] = {0};
  for (int round = 0; round < 10 * BLOCKS; round++) {
    int at = round % BLOCKS;
    if (blocks[at])
      CHECK(blocks[at][0] == (int)(long)argument && blocks[at][at] == at + (at ? 0 : (int)(long)argument));
    free(blocks[at]);
    blocks[at] = malloc((size_t)(at + 1) * 8 + 8);
    blocks[at][at] = at;
    blocks[at][0] = (int)(long)argument;
  }
  for (int at = 0; at < BLOCKS; at++)
    free(blocks[at]);
  return 0;
}

int main(void) {
  mutexes();
  conditions();
  readers_and_writers();
  barriers();
  semaphores();
  run(allocate, THREADS);
  printf("all of it held\n");
  return 0;
}
