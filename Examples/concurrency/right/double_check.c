// As double_check, with the pointer shown, by an atomic store that releases, when all is ready.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct table {
  int size;
};
static struct table *_Atomic table;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct table *get(void) {
  struct table *found = atomic_load_explicit(&table, memory_order_acquire);
  if (!found) {
    pthread_mutex_lock(&mutex);
    found = table;
    if (!found) {
      found = calloc(1, sizeof *found);
      found->size = 64;
      atomic_store_explicit(&table, found, memory_order_release);
    }
    pthread_mutex_unlock(&mutex);
  }
  return found;
}

static void *use(void *argument) {
  assert(get()->size == 64);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  for (int index = 0; index < 2; index++)
    pthread_create(&threads[index], 0, use, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  return 0;
}
