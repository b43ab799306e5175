// Semaphores: a count, and how many wait for it, so that nobody is woken in vain.
#include <errno.h>
#include <semaphore.h>
#include "internal.h"

static int fail(int error) {
  errno = error;
  return -1;
}

int sem_init(sem_t *sem, int shared, unsigned int value) {
  (void)shared;
  if (value > SEM_VALUE_MAX)
    return fail(EINVAL);
  *sem = (sem_t){.self = {.value = (int)value}};
  return 0;
}

int sem_destroy(sem_t *sem) {
  (void)sem;
  return 0;
}

static int try(sem_t *sem) {
  int value = __atomic_load_n(&sem->self.value, __ATOMIC_ACQUIRE);
  while (value > 0)
    if (__atomic_compare_exchange_n(&sem->self.value, &value, value - 1, 0, __ATOMIC_ACQUIRE,
                                    __ATOMIC_ACQUIRE))
      return 1;
  return 0;
}

static int wait(sem_t *sem, const struct timespec *until) {
  while (!try(sem)) {
    __atomic_fetch_add(&sem->self.waiters, 1, __ATOMIC_SEQ_CST);
    int failed = libc_sleep_until(&sem->self.value, 0, until);
    __atomic_fetch_sub(&sem->self.waiters, 1, __ATOMIC_SEQ_CST);
    if (failed)
      return fail(failed);
  }
  return 0;
}

int sem_wait(sem_t *sem) { return wait(sem, 0); }
int sem_trywait(sem_t *sem) { return try(sem) ? 0 : fail(EAGAIN); }
int sem_timedwait(sem_t *sem, const struct timespec *until) {
  return libc_ticks(until) < 0 ? fail(EINVAL) : wait(sem, until);
}

int sem_post(sem_t *sem) {
  int value = __atomic_load_n(&sem->self.value, __ATOMIC_ACQUIRE);
  do
    if (value == SEM_VALUE_MAX)
      return fail(EOVERFLOW);
  while (!__atomic_compare_exchange_n(&sem->self.value, &value, value + 1, 0, __ATOMIC_SEQ_CST,
                                      __ATOMIC_ACQUIRE));
  if (__atomic_load_n(&sem->self.waiters, __ATOMIC_SEQ_CST))
    libc_wake(&sem->self.value, 1);
  return 0;
}

int sem_getvalue(sem_t *sem, int *value) {
  *value = __atomic_load_n(&sem->self.value, __ATOMIC_ACQUIRE);
  return 0;
}
