// Barriers: the last to arrive takes the line of the others, who then touch nothing but what is their own, so that the
// barrier may go.
#include "internal.h"
#include <errno.h>

int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attr, unsigned int count) {
  (void)attr;
  if (count == 0)
    return EINVAL;
  *barrier = (pthread_barrier_t){.self = {.limit = count}};
  return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *barrier) { return barrier->self.arrived ? EBUSY : 0; }

int pthread_barrier_wait(pthread_barrier_t *barrier) {
  struct libc_line *line = (struct libc_line *)&barrier->self.first;
  libc_lock(&barrier->self.lock);
  if (++barrier->self.arrived < barrier->self.limit) {
    libc_enter(line, 0);
    libc_unlock(&barrier->self.lock);
    libc_wait_until(line, &barrier->self.lock, 0);
    return 0;
  }
  barrier->self.arrived = 0;
  struct libc_thread *thread = line->first;
  __atomic_store_n(&line->first, 0, __ATOMIC_RELEASE);
  libc_unlock(&barrier->self.lock);
  while (thread) {
    struct libc_thread *next = thread->next;
    libc_wake_thread(thread);
    thread = next;
  }
  return PTHREAD_BARRIER_SERIAL_THREAD;
}

int pthread_barrierattr_init(pthread_barrierattr_t *attr) {
  attr->self = 0;
  return 0;
}
int pthread_barrierattr_destroy(pthread_barrierattr_t *attr) {
  attr->self = -1;
  return 0;
}
