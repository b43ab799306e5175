// As starvation, with readers that let a waiting writer go first.
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int readers, writers_waiting, overtaken;

static void *read_often(void *argument) {
  for (int round = 0; round < 3; round++) {
    pthread_mutex_lock(&mutex);
    while (writers_waiting)
      pthread_cond_wait(&changed, &mutex);
    if (writers_waiting)
      overtaken++;
    // Whoever waits to write may be overtaken, but not again and again.
    assert(overtaken <= 2);
    readers++;
    pthread_mutex_unlock(&mutex);
    pthread_mutex_lock(&mutex);
    if (--readers == 0)
      pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}

static void *write_once(void *argument) {
  pthread_mutex_lock(&mutex);
  writers_waiting++;
  while (readers)
    pthread_cond_wait(&changed, &mutex);
  writers_waiting--;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  return argument;
}

int main(void) {
  pthread_t threads[3];
  pthread_create(&threads[0], 0, read_often, 0);
  pthread_create(&threads[1], 0, read_often, 0);
  pthread_create(&threads[2], 0, write_once, 0);
  for (int index = 0; index < 3; index++)
    pthread_join(threads[index], 0);
  return 0;
}
