// exit: the whole 32-bit status is kept, descriptors are closed, children go to init.
#include "check.h"

int main(void) {
  int kept[] = {0, 1, -1, 255, 256, 0x12345678, -2147483647 - 1, 2147483647};
  for (int index = 0; index < 8; index++) {
    int child = fork(), status = 99;
    CHECK(child >= 0);
    if (child == 0)
      exit(kept[index]);
    CHECK(wait(&status) == child);
    CHECK(status == kept[index]);
  }

  // The reader sees the end when the last writer has exited.
  int ends[2];
  char byte;
  CHECK(pipe(ends) == 0);
  if (fork() == 0)
    exit(0);
  CHECK(close(ends[1]) == 0);
  CHECK(read(ends[0], &byte, 1) == 0);
  CHECK(wait(0) > 0);
  return 0;
}
