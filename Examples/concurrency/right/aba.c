// As aba, with a count beside the top, by which it is never what it was.
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { NODES = 3, NONE = -1 };

static int next[NODES] = {1, 2, NONE};

// The node is in the lower half, in the upper how often the top has changed.
static atomic_llong top;

static int node_of(long long value) { return (int)value; }
static long long after(long long value, int node) {
  return ((value >> 32) + 1) << 32 | (unsigned int)node;
}

static int pop(void) {
  long long seen = top;
  while (node_of(seen) != NONE &&
         !atomic_compare_exchange_strong(&top, &seen, after(seen, next[node_of(seen)])))
    ;
  return node_of(seen);
}

static void push(int node) {
  long long seen = top;
  do
    next[node] = node_of(seen);
  while (!atomic_compare_exchange_strong(&top, &seen, after(seen, node)));
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
