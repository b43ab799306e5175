// As lost_wakeup, with the mutex around the change that the other waits for.
#include <pthread.h>
#include <stdatomic.h>

static atomic_int is_ready;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *consume(void *argument) {
  pthread_mutex_lock(&mutex);
  while (!is_ready)
    pthread_cond_wait(&cond, &mutex);
  pthread_mutex_unlock(&mutex);
  return argument;
}

static void *produce(void *argument) {
  pthread_mutex_lock(&mutex);
  is_ready = 1;
  pthread_cond_signal(&cond);
  pthread_mutex_unlock(&mutex);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, consume, 0);
  pthread_create(&threads[1], 0, produce, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  return 0;
}
