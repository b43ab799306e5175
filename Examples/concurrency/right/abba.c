// As abba, with one order for all.
#include <pthread.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static int from = 10, to;

static void *there(void *argument) {
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);
  from--;
  to++;
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return argument;
}

static void *back(void *argument) {
  pthread_mutex_lock(&a);
  pthread_mutex_lock(&b);
  to--;
  from++;
  pthread_mutex_unlock(&b);
  pthread_mutex_unlock(&a);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, there, 0);
  pthread_create(&threads[1], 0, back, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  return from == 10 && to == 0 ? 0 : 1;
}
