// Two threads add to a local variable of the first one without a lock: main exits with 1 where an addition is lost.
#include "guest.h"
#include "thread.h"

static char stack[4096] __attribute__((aligned(16)));

static int add(void *argument) {
  volatile int *sum = argument;
  *sum = *sum + 1;
  return 0;
}

int main(void) {
  volatile int sum = 0;
  int thread = clone(add, (void *)&sum, stack + sizeof stack);
  sum = sum + 1;
  join(thread, 0);
  return sum == 2 ? 0 : 1;
}
