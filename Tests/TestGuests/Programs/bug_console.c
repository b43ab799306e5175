// A container has no device: not by path, and not by a descriptor that it came with.
#include "provoke.h"

static void reach_console(void) {
  char byte;
  enter();
  CHECK(open("/console", O_RDWR) == -1);
  CHECK(open("/console", O_RDONLY) == -1);
  CHECK(mknod("/mine", CONSOLE, 0) == -1);
  CHECK(write(1, "x", 1) == -1);
  CHECK(read(0, &byte, 1) == -1);
}

int main(void) {
  CHECK(status_of(reach_console) == 0);
  return 0;
}
