// Condition variables: a line of the threads that wait. Whoever is woken was signalled, and nobody else comes
// in its place.
#include "internal.h"
#include <errno.h>

static struct libc_line *line(pthread_cond_t *cond) { return (struct libc_line *)&cond->self.first; }

static int wait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
  libc_lock(&cond->self.lock);
  libc_enter(line(cond), 0);
  libc_unlock(&cond->self.lock);
  int failed = pthread_mutex_unlock(mutex);
  if (failed) {
    libc_lock(&cond->self.lock);
    libc_leave(line(cond));
    libc_unlock(&cond->self.lock);
    return failed;
  }
  failed = libc_wait_until(line(cond), &cond->self.lock, until);
  int refused = pthread_mutex_lock(mutex);
  return refused ? refused : failed;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex) { return wait(cond, mutex, 0); }

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
  return libc_ticks(until) < 0 ? EINVAL : wait(cond, mutex, until);
}

int pthread_cond_signal(pthread_cond_t *cond) {
  // Who waits had entered the line before it let go of the mutex.
  if (libc_is_empty(line(cond)))
    return 0;
  libc_lock(&cond->self.lock);
  struct libc_thread *thread = libc_take(line(cond));
  libc_unlock(&cond->self.lock);
  if (thread)
    libc_wake_thread(thread);
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond) {
  if (libc_is_empty(line(cond)))
    return 0;
  libc_lock(&cond->self.lock);
  struct libc_thread *thread = cond->self.first;
  __atomic_store_n(&cond->self.first, 0, __ATOMIC_RELEASE);
  libc_unlock(&cond->self.lock);
  while (thread) {
    // When it has been woken it may enter another line.
    struct libc_thread *next = thread->next;
    libc_wake_thread(thread);
    thread = next;
  }
  return 0;
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr) {
  cond->self.lock = 0;
  cond->self.clock = attr ? attr->self : 0;
  cond->self.first = cond->self.last = 0;
  return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond) { return libc_is_empty(line(cond)) ? 0 : EBUSY; }

int pthread_condattr_init(pthread_condattr_t *attr) {
  attr->self = CLOCK_REALTIME;
  return 0;
}
int pthread_condattr_destroy(pthread_condattr_t *attr) {
  attr->self = -1;
  return 0;
}
// Both clocks show the same.
int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
    return EINVAL;
  attr->self = clock;
  return 0;
}
int pthread_condattr_getclock(const pthread_condattr_t *attr, clockid_t *clock) {
  *clock = attr->self;
  return 0;
}
