// As lost_update, with a mutex around the addition.
#include <assert.h>
#include <pthread.h>

static int balance;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *deposit(void *argument) {
  pthread_mutex_lock(&mutex);
  balance += 50;
  pthread_mutex_unlock(&mutex);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  for (int index = 0; index < 2; index++)
    pthread_create(&threads[index], 0, deposit, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  assert(balance == 100);
  return 0;
}
