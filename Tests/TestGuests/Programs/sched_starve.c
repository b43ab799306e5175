// One that makes itself the lowest of all gives way to its child at once. A scheduler that prefers
// the lowest never lets the child run: no dispatch of it tells that it waits.
#include "provoke.h"

int main(void) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(0);
  CHECK(prio_set(getpid(), 15) == 0);
  burn(1000000);
  return 0;
}
