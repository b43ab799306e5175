// Mutexes of the four types, and spinlocks. An uncontended one costs no call of the kernel.
#include "internal.h"
#include <errno.h>

enum { KIND = 3, MAY_NOT_WAIT = 1 };

// Only what can be held twice, or not be let go by others, knows who holds it: by the thread's address, or 1
// for the first thread of all.
static int owner(pthread_mutex_t *mutex) { return __atomic_load_n(&mutex->self.owner, __ATOMIC_ACQUIRE); }
static void set_owner(pthread_mutex_t *mutex, int owner) {
  __atomic_store_n(&mutex->self.owner, owner, __ATOMIC_RELEASE);
}
// Addresses have 38 bits, and a thread has more than 64 bytes.
static int own(void) {
  uintptr_t self = (uintptr_t)libc_pointer();
  return self ? (int)(self >> 6) : 1;
}

// A mutex that the caller holds already.
static int again(pthread_mutex_t *mutex, int kind, int how) {
  if (kind != PTHREAD_MUTEX_RECURSIVE)
    return how == MAY_NOT_WAIT ? EBUSY : EDEADLK;
  if (mutex->self.count == UINT32_MAX)
    return EAGAIN;
  mutex->self.count++;
  return 0;
}

static int take(pthread_mutex_t *mutex, int how, const struct timespec *until) {
  int seen = __atomic_fetch_or(&mutex->self.kind, HELD, __ATOMIC_ACQUIRE), kind = seen & KIND;
  int has_owner = kind == PTHREAD_MUTEX_RECURSIVE || kind == PTHREAD_MUTEX_ERRORCHECK;
  if (seen & HELD) {
    if (has_owner && owner(mutex) == own())
      return again(mutex, kind, how);
    if (how == MAY_NOT_WAIT)
      return EBUSY;
    int failed = libc_lock_until(&mutex->self.kind, until);
    if (failed)
      return failed;
  }
  if (has_owner) {
    mutex->self.count = 0;
    set_owner(mutex, own());
  }
  return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) { return take(mutex, 0, 0); }
int pthread_mutex_trylock(pthread_mutex_t *mutex) { return take(mutex, MAY_NOT_WAIT, 0); }

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until) {
  return libc_ticks(until) < 0 ? EINVAL : take(mutex, 0, until);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  int kind = __atomic_load_n(&mutex->self.kind, __ATOMIC_ACQUIRE) & KIND;
  if (kind == PTHREAD_MUTEX_RECURSIVE || kind == PTHREAD_MUTEX_ERRORCHECK) {
    if (owner(mutex) != own())
      return EPERM;
    if (mutex->self.count) {
      mutex->self.count--;
      return 0;
    }
    set_owner(mutex, 0);
  }
  libc_unlock(&mutex->self.kind);
  return 0;
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr) {
  // Only what is used: with 32 bits, for which a source may have been preprocessed, there is no more.
  mutex->self.owner = 0;
  mutex->self.count = 0;
  mutex->self.kind = attr ? attr->self : 0;
  return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
  return __atomic_load_n(&mutex->self.kind, __ATOMIC_ACQUIRE) & HELD ? EBUSY : 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr) {
  attr->self = 0;
  return 0;
}
int pthread_mutexattr_destroy(pthread_mutexattr_t *attr) {
  attr->self = -1;
  return 0;
}
int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int kind) {
  if (kind < PTHREAD_MUTEX_NORMAL || kind > PTHREAD_MUTEX_ADAPTIVE_NP)
    return EINVAL;
  attr->self = kind;
  return 0;
}
int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *kind) {
  *kind = attr->self;
  return 0;
}

// A holder that has lost its hart cannot go on while others spin for it, so they sleep.
int pthread_spin_init(pthread_spinlock_t *lock, int shared) {
  (void)shared;
  *lock = 0;
  return 0;
}
int pthread_spin_destroy(pthread_spinlock_t *lock) {
  *lock = 0;
  return 0;
}
int pthread_spin_lock(pthread_spinlock_t *lock) {
  libc_lock((int *)lock);
  return 0;
}
int pthread_spin_trylock(pthread_spinlock_t *lock) { return libc_try((int *)lock) ? 0 : EBUSY; }
int pthread_spin_unlock(pthread_spinlock_t *lock) {
  libc_unlock((int *)lock);
  return 0;
}
