// ABA: the top of a stack is what it was, but what is below it is not. A node gets two owners.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { NODES = 3, NONE = -1 };

static int next[NODES] = {1, 2, NONE};
static atomic_int top;

static int pop(void) {
  int node = top;
  while (node != NONE && !atomic_compare_exchange_strong(&top, &node, next[node]))
    ;
  return node;
}

static void push(int node) {
  int below = top;
  do
    next[node] = below;
  while (!atomic_compare_exchange_strong(&top, &below, node));
}

static int owned;

static void *one(void *argument) {
  pop();
  return argument;
}

static void *other(void *argument) {
  int first = pop();
  owned = pop();
  push(first);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], 0, one, 0);
  pthread_create(&threads[1], 0, other, 0);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  // What one of them owns is in no stack.
  for (int node; (node = pop()) != NONE;)
    assert(node != owned);
  return 0;
}
