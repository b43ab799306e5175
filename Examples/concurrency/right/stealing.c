// As stealing: for the last task the owner competes with who would steal it.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { TASKS = 3 };

static atomic_int done[TASKS];
// The owner takes from the end, others steal from the front.
static atomic_int front, end = TASKS;

static void run(int task) { assert(atomic_fetch_add(&done[task], 1) == 0); }

static void *own(void *argument) {
  for (;;) {
    int task = --end;
    int first = front;
    if (task > first) {
      run(task);
      continue;
    }
    if (task == first && atomic_compare_exchange_strong(&front, &first, first + 1))
      run(task);
    end = front;
    return argument;
  }
}

static void *steal(void *argument) {
  int first = front;
  while (first < end)
    if (atomic_compare_exchange_strong(&front, &first, first + 1)) {
      run(first);
      first = front;
    }
  return argument;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, own, 0);
  pthread_create(&threads[1], 0, steal, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  for (int task = 0; task < TASKS; task++)
    assert(done[task] == 1);
  return 0;
}
