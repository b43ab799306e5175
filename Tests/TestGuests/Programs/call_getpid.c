// getpid: a pid is the same all one's life, and a child's is another.
#include "check.h"

int main(void) {
  int me = getpid();
  CHECK(me > 0);
  CHECK(getpid() == me);
  return 0;
}
