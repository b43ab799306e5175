// Locks for readers and writers. As with Linux's, readers come in whenever no writer is inside. Whoever lets a
// lock go gives it to those who wait, in their order: a writer, or all readers together.
#include "internal.h"
#include <errno.h>

enum { READER, WRITER };

static struct libc_line *line(pthread_rwlock_t *lock) { return (struct libc_line *)&lock->self.first; }

static int take(pthread_rwlock_t *lock, int kind, int may_wait, const struct timespec *until) {
  struct libc_thread *own = libc_self();
  libc_lock(&lock->self.lock);
  int is_free = !lock->self.writer && (kind == READER || !lock->self.readers);
  int is_own = lock->self.writer == own;
  if (is_free && kind == READER)
    lock->self.readers++;
  if (is_free && kind == WRITER)
    lock->self.writer = own;
  if (!is_free && may_wait && !is_own)
    libc_enter(line(lock), kind);
  libc_unlock(&lock->self.lock);
  if (is_free)
    return 0;
  if (!may_wait)
    return EBUSY;
  return is_own ? EDEADLK : libc_wait_until(line(lock), &lock->self.lock, until);
}

// Takes all who wait to read out of the line, as a list.
static struct libc_thread *take_readers(pthread_rwlock_t *lock) {
  struct libc_line rest = {0, 0};
  struct libc_thread *readers = 0, **end = &readers, *thread;
  while ((thread = libc_take(line(lock)))) {
    if (thread->kind == READER) {
      lock->self.readers++;
      *end = thread;
      end = &thread->next;
    } else {
      if (rest.first)
        rest.last->next = thread;
      else
        rest.first = thread;
      rest.last = thread;
    }
  }
  *end = 0;
  if (rest.last)
    rest.last->next = 0;
  lock->self.last = rest.last;
  __atomic_store_n(&lock->self.first, (void *)rest.first, __ATOMIC_RELEASE);
  return readers;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
  struct libc_thread *woken = 0;
  libc_lock(&lock->self.lock);
  if (!lock->self.writer && !lock->self.readers) {
    libc_unlock(&lock->self.lock);
    return EPERM;
  }
  if (lock->self.writer)
    lock->self.writer = 0;
  else
    lock->self.readers--;
  struct libc_thread *next = __atomic_load_n(&line(lock)->first, __ATOMIC_ACQUIRE);
  if (next && !lock->self.readers) {
    if (next->kind == READER) {
      woken = take_readers(lock);
    } else {
      woken = libc_take(line(lock));
      woken->next = 0;
      lock->self.writer = woken;
    }
  }
  libc_unlock(&lock->self.lock);
  while (woken) {
    struct libc_thread *after = woken->next;
    libc_wake_thread(woken);
    woken = after;
  }
  return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock) { return take(lock, READER, 1, 0); }
int pthread_rwlock_wrlock(pthread_rwlock_t *lock) { return take(lock, WRITER, 1, 0); }
int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) { return take(lock, READER, 0, 0); }
int pthread_rwlock_trywrlock(pthread_rwlock_t *lock) { return take(lock, WRITER, 0, 0); }
int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until) {
  return libc_ticks(until) < 0 ? EINVAL : take(lock, READER, 1, until);
}
int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until) {
  return libc_ticks(until) < 0 ? EINVAL : take(lock, WRITER, 1, until);
}

int pthread_rwlock_init(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr) {
  (void)attr;
  lock->self.lock = 0;
  lock->self.readers = 0;
  lock->self.writer = lock->self.first = lock->self.last = 0;
  return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock) {
  return lock->self.writer || lock->self.readers ? EBUSY : 0;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t *attr) {
  attr->self = 0;
  return 0;
}
int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr) {
  attr->self = -1;
  return 0;
}
