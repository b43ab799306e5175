// close: the descriptor is free, the file closed with its last descriptor.
#include "check.h"

int main(void) {
  char byte;
  make_file("file", "x");
  int file = open("file", O_RDONLY);
  CHECK(close(file) == 0);
  CHECK(close(file) == -1);
  CHECK(read(file, &byte, 1) == -1);
  CHECK(close(-1) == -1);
  CHECK(close(16) == -1);
  CHECK(close(15) == -1);
  CHECK(close(2147483647) == -1);
  CHECK(close(-2147483647 - 1) == -1);

  // A closed standard descriptor is the next to be taken.
  CHECK(close(0) == 0);
  CHECK(open("file", O_RDONLY) == 0);
  CHECK(read(0, &byte, 1) == 1 && byte == 'x');

  // A child's close is its own.
  int child = fork(), status;
  if (child == 0)
    exit(close(0));
  CHECK(wait(&status) == child && status == 0);
  CHECK(read(0, &byte, 1) == 0);
  return 0;
}
