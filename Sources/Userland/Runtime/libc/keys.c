// Values of threads by keys, `_Thread_local` variables, and pthread_once.
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct {
  unsigned int use;  // odd while the key is somebody's
  void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];
static int lock;

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
  libc_lock(&lock);
  unsigned int found = 0;
  while (found < PTHREAD_KEYS_MAX && keys[found].use & 1)
    found++;
  if (found < PTHREAD_KEYS_MAX) {
    keys[found].use++;
    keys[found].destructor = destructor;
    *key = found;
  }
  libc_unlock(&lock);
  return found < PTHREAD_KEYS_MAX ? 0 : EAGAIN;
}

// How often the key has been made and deleted, and its destructor if it is somebody's.
static unsigned int use(pthread_key_t key, void (**destructor)(void *)) {
  libc_lock(&lock);
  unsigned int found = key < PTHREAD_KEYS_MAX ? keys[key].use : 0;
  if (destructor)
    *destructor = found & 1 ? keys[key].destructor : 0;
  libc_unlock(&lock);
  return found;
}

int pthread_key_delete(pthread_key_t key) {
  libc_lock(&lock);
  int is_used = key < PTHREAD_KEYS_MAX && keys[key].use & 1;
  if (is_used)
    keys[key].use++;
  libc_unlock(&lock);
  return is_used ? 0 : EINVAL;
}

int pthread_setspecific(pthread_key_t key, const void *value) {
  struct libc_thread *self = libc_self();
  unsigned int current = use(key, 0);
  if (!(current & 1))
    return EINVAL;
  if (!self->values && !(self->values = calloc(PTHREAD_KEYS_MAX, sizeof *self->values)))
    return ENOMEM;
  self->values[key] = (struct libc_value){current, value};
  return 0;
}

void *pthread_getspecific(pthread_key_t key) {
  struct libc_thread *self = libc_self();
  if (!self->values || key >= PTHREAD_KEYS_MAX || self->values[key].use != use(key, 0))
    return 0;
  return (void *)self->values[key].value;
}

void libc_end_values(struct libc_thread *thread) {
  int called = thread->values != 0;
  for (int round = 0; called && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
    called = 0;
    for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++) {
      struct libc_value held = thread->values[key];
      if (!held.value)
        continue;
      thread->values[key].value = 0;
      void (*destructor)(void *);
      if (held.use != use(key, &destructor) || !destructor)
        continue;
      destructor((void *)held.value);
      called = 1;
    }
  }
  free(thread->values);
  thread->values = 0;
  for (size_t index = 0; index < thread->locals_count; index++)
    free(thread->locals[index]);
  free(thread->locals);
  thread->locals = 0;
  thread->locals_count = 0;
}

// What the compiler makes of a `_Thread_local` variable (-femulated-tls).
struct variable {
  size_t bytes, alignment;
  size_t number;  // from 1 on, when it has first been used
  void *initial;
};

void *__emutls_get_address(struct variable *variable) {
  static size_t variables;
  struct libc_thread *self = libc_self();
  size_t number = __atomic_load_n(&variable->number, __ATOMIC_ACQUIRE);
  if (!number) {
    libc_lock(&lock);
    if (!(number = variable->number)) {
      number = ++variables;
      __atomic_store_n(&variable->number, number, __ATOMIC_RELEASE);
    }
    libc_unlock(&lock);
  }
  if (number > self->locals_count) {
    void **more = realloc(self->locals, (number + 8) * sizeof *more);
    if (!more)
      abort();
    memset(more + self->locals_count, 0, (number + 8 - self->locals_count) * sizeof *more);
    self->locals = more;
    self->locals_count = number + 8;
  }
  void **local = &self->locals[number - 1];
  if (!*local) {
    if (posix_memalign(local, variable->alignment, variable->bytes))
      abort();
    if (variable->initial)
      memcpy(*local, variable->initial, variable->bytes);
    else
      memset(*local, 0, variable->bytes);
  }
  return *local;
}

enum { RUNS = 1, DONE = 2, RUNS_AWAITED = 3 };

int pthread_once(pthread_once_t *once, void (*function)(void)) {
  int seen = __atomic_load_n(once, __ATOMIC_ACQUIRE);
  while (seen != DONE) {
    if (seen == 0) {
      if (!__atomic_compare_exchange_n(once, &seen, RUNS, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
        continue;
      function();
      if (__atomic_exchange_n(once, DONE, __ATOMIC_ACQ_REL) == RUNS_AWAITED)
        libc_wake(once, INT32_MAX);
      return 0;
    }
    if (seen == RUNS && !__atomic_compare_exchange_n(once, &seen, RUNS_AWAITED, 0, __ATOMIC_ACQUIRE,
                                                     __ATOMIC_ACQUIRE))
      continue;
    libc_sleep(once, RUNS_AWAITED, 0);
    seen = __atomic_load_n(once, __ATOMIC_ACQUIRE);
  }
  return 0;
}
