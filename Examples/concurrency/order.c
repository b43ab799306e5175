// Order violation: a thread uses what its maker prepares only after it has made it.
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
  pthread_create(&thread, 0, work, 0);
  int *made = malloc(sizeof *made);
  *made = 7;
  settings = made;
  pthread_join(thread, 0);
  free(settings);
  return 0;
}
