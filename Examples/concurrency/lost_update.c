// Lost update: two threads add to one number, each with a load and a store of its own.
#include <assert.h>
#include <pthread.h>

static int balance;

static void *deposit(void *argument) {
  balance += 50;
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
