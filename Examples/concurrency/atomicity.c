// Atomicity violation: each step holds the mutex, but what was checked may have changed before it is used.
#include <assert.h>
#include <pthread.h>

static int balance = 100;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int read_balance(void) {
  pthread_mutex_lock(&mutex);
  int value = balance;
  pthread_mutex_unlock(&mutex);
  return value;
}

static void *withdraw(void *argument) {
  if (read_balance() >= 80) {
    pthread_mutex_lock(&mutex);
    balance -= 80;
    pthread_mutex_unlock(&mutex);
  }
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
