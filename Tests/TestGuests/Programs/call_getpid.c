// getpid: the same all one's life, never another's.
#include "check.h"

int main(void) {
  int me = getpid(), last = me;
  CHECK(me > 1);
  CHECK(getpid() == me);
  for (int round = 0; round < 10; round++) {
    int child = fork(), status;
    CHECK(child >= 0);
    if (child == 0)
      exit(getpid());
    CHECK(child > last);
    last = child;
    CHECK(wait(&status) == child && status == child);
    CHECK(getpid() == me);
  }
  CHECK(getcid() == 0);
  return 0;
}
