// Attributes of threads, and that nothing but semaphores is shared between processes.
#include "internal.h"
#include <errno.h>

int pthread_attr_init(pthread_attr_t *attr) {
  *attr = (pthread_attr_t){.size = {0}};
  return 0;
}
int pthread_attr_destroy(pthread_attr_t *attr) {
  (void)attr;
  return 0;
}
int pthread_attr_setdetachstate(pthread_attr_t *attr, int state) {
  if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
    return EINVAL;
  attr->self.detached = state;
  return 0;
}
int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state) {
  *state = attr->self.detached;
  return 0;
}
int pthread_attr_setstacksize(pthread_attr_t *attr, size_t bytes) {
  if (bytes < PTHREAD_STACK_MIN)
    return EINVAL;
  attr->self.bytes = bytes;
  return 0;
}
int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *bytes) {
  *bytes = attr->self.bytes ? attr->self.bytes : LIBC_STACK;
  return 0;
}
int pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t bytes) {
  if (bytes < PTHREAD_STACK_MIN)
    return EINVAL;
  attr->self.stack = stack;
  attr->self.bytes = bytes;
  return 0;
}
int pthread_attr_getstack(const pthread_attr_t *attr, void **stack, size_t *bytes) {
  *stack = attr->self.stack;
  return pthread_attr_getstacksize(attr, bytes);
}
// All threads compete for the machine's harts.
int pthread_attr_setscope(pthread_attr_t *attr, int scope) {
  (void)attr;
  return scope == PTHREAD_SCOPE_SYSTEM ? 0 : scope == PTHREAD_SCOPE_PROCESS ? ENOTSUP : EINVAL;
}
int pthread_attr_getscope(const pthread_attr_t *attr, int *scope) {
  (void)attr;
  *scope = PTHREAD_SCOPE_SYSTEM;
  return 0;
}

static int share(int shared) {
  return shared == PTHREAD_PROCESS_PRIVATE ? 0 : shared == PTHREAD_PROCESS_SHARED ? ENOTSUP : EINVAL;
}
static int not_shared(int *shared) {
  *shared = PTHREAD_PROCESS_PRIVATE;
  return 0;
}

#define SHARING(what)                                                                              \
  int what##_setpshared(what##_t *attr, int shared) {                                              \
    (void)attr;                                                                                    \
    return share(shared);                                                                          \
  }                                                                                                \
  int what##_getpshared(const what##_t *attr, int *shared) {                                       \
    (void)attr;                                                                                    \
    return not_shared(shared);                                                                     \
  }
SHARING(pthread_mutexattr)
SHARING(pthread_condattr)
SHARING(pthread_rwlockattr)
SHARING(pthread_barrierattr)
