// As barrier, with a number for each use of the barrier.
#include <pthread.h>

enum { THREADS = 2, ROUNDS = 2 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int arrived, use;

static void barrier(void) {
  pthread_mutex_lock(&mutex);
  int own = use;
  if (++arrived == THREADS) {
    arrived = 0;
    use++;
    pthread_cond_broadcast(&all_here);
  } else {
    while (use == own)
      pthread_cond_wait(&all_here, &mutex);
  }
  pthread_mutex_unlock(&mutex);
}

static void *work(void *argument) {
  for (int round = 0; round < ROUNDS; round++)
    barrier();
  return argument;
}

int main(void) {
  pthread_t threads[THREADS];
  for (int index = 0; index < THREADS; index++)
    pthread_create(&threads[index], 0, work, 0);
  for (int index = 0; index < THREADS; index++)
    pthread_join(threads[index], 0);
  return 0;
}
