// C11's threads.h and stdatomic.h. The tests run it on 1, 2 and 4 harts.
#include <stdatomic.h>
#include <stdbool.h>
#include <threads.h>
#include <time.h>
#include "libc_check.h"

enum { THREADS = 4, ROUNDS = 100 };

static mtx_t mutex;
static cnd_t cond;
static once_flag once = ONCE_FLAG_INIT;
static tss_t key;
static atomic_int sum, destroyed, begun;
static _Atomic(unsigned char) small;
static atomic_flag flag = ATOMIC_FLAG_INIT;
static atomic_bool is_open;
static thread_local int own;
static int number, other, turn;

static void begin(void) { atomic_fetch_add(&begun, 1); }
static void destroy(void *value) { atomic_fetch_add(&destroyed, *(int *)value); }

static int add(void *argument) {
  int given = *(int *)argument;
  call_once(&once, begin);
  if (tss_set(key, argument) != thrd_success || tss_get(key) != argument)
    return -1;
  for (int round = 0; round < ROUNDS; round++) {
    atomic_fetch_add_explicit(&sum, given, memory_order_relaxed);
    atomic_fetch_add(&small, 1);
    own += given;
    if (mtx_lock(&mutex) != thrd_success)
      return -1;
    number++;
    mtx_unlock(&mutex);
    while (atomic_flag_test_and_set(&flag))
      thrd_yield();
    other++;
    atomic_flag_clear(&flag);
  }
  return own;
}

// One after the other, in order of their numbers.
static int take_turn(void *argument) {
  int given = *(int *)argument;
  while (!atomic_load(&is_open))
    thrd_yield();
  mtx_lock(&mutex);
  while (turn != given)
    if (cnd_wait(&cond, &mutex) != thrd_success)
      return -1;
  turn++;
  cnd_broadcast(&cond);
  mtx_unlock(&mutex);
  thrd_exit(given * 2);
}

int main(void) {
  thrd_t threads[THREADS];
  int numbers[THREADS], result;
  CHECK(mtx_init(&mutex, mtx_plain) == thrd_success && cnd_init(&cond) == thrd_success);
  CHECK(tss_create(&key, destroy) == thrd_success);
  for (int index = 0; index < THREADS; index++) {
    numbers[index] = index + 1;
    CHECK(thrd_create(&threads[index], add, &numbers[index]) == thrd_success);
  }
  for (int index = 0; index < THREADS; index++)
    CHECK(thrd_join(threads[index], &result) == thrd_success && result == ROUNDS * numbers[index]);
  CHECK(sum == 10 * ROUNDS && destroyed == 10 && begun == 1 && own == 0);
  CHECK(small == (unsigned char)(THREADS * ROUNDS));
  CHECK(number == THREADS * ROUNDS && other == THREADS * ROUNDS);
  turn = 1;
  for (int index = THREADS - 1; index >= 0; index--)
    CHECK(thrd_create(&threads[index], take_turn, &numbers[index]) == thrd_success);
  atomic_store(&is_open, true);
  for (int index = 0; index < THREADS; index++)
    CHECK(thrd_join(threads[index], &result) == thrd_success && result == 2 * numbers[index]);
  CHECK(turn == THREADS + 1);
  mtx_t twice;
  CHECK(mtx_init(&twice, mtx_recursive | mtx_timed) == thrd_success);
  struct timespec now;
  CHECK(timespec_get(&now, TIME_UTC) == TIME_UTC);
  CHECK(mtx_lock(&twice) == thrd_success && mtx_timedlock(&twice, &now) == thrd_success);
  CHECK(mtx_unlock(&twice) == thrd_success && mtx_unlock(&twice) == thrd_success);
  CHECK(mtx_unlock(&twice) == thrd_error);
  CHECK(mtx_lock(&mutex) == thrd_success && mtx_trylock(&mutex) == thrd_busy);
  CHECK(mtx_timedlock(&mutex, &now) == thrd_timedout && cnd_timedwait(&cond, &mutex, &now) == thrd_timedout);
  CHECK(thrd_sleep(&(struct timespec){0, 15000000}, 0) == 0);
  mtx_destroy(&mutex);
  cnd_destroy(&cond);
  tss_delete(key);
  printf("all of it held\n");
  return 0;
}
