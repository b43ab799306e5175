// As atomicity, with the check and the change under one lock.
#include <assert.h>
#include <pthread.h>

static int balance = 100;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *withdraw(void *argument) {
  pthread_mutex_lock(&mutex);
  if (balance >= 80)
    balance -= 80;
  pthread_mutex_unlock(&mutex);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  for (int index = 0; index < 2; index++)
    pthread_create(&threads[index], 0, withdraw, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  assert(balance == 20);
  return 0;
}
