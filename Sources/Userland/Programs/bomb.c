// bomb: the lecture's fork bomb, `void fn(void) { fork(); fn(); }`. It never ends by itself; in a
// container it gets as many processes as the container's limit has, and its first one says so.
#include "guest.h"

static struct proc_info table[256];

static void report(void) {
  printf("bomb: %d processes, and then no fork succeeds\n", ps(table, 256));
}

int main(void) {
  int first = getpid(), reported = 0;
  for (;;)
    if (fork() < 0 && getpid() == first && !reported++)
      report();
}
