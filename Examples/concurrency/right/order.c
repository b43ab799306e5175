// As order, with the thread made last.
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static int *settings;

static void *work(void *argument) {
  assert(settings != NULL);
  assert(*settings == 7);
  return argument;
}

int main(void) {
  pthread_t thread;
  settings = malloc(sizeof *settings);
  *settings = 7;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
  free(settings);
  return 0;
}
