// Double-checked initialisation: the pointer is there for others before what it points to is ready.
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct table {
  int size;
};
static struct table *volatile table;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct table *get(void) {
  struct table *found = table;
  if (!found) {
    pthread_mutex_lock(&mutex);
    if (!table) {
      table = calloc(1, sizeof *table);
      table->size = 64;
    }
    found = table;
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
