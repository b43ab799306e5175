// dup: the lowest free descriptor, for the same open file.
#include "check.h"

int main(void) {
  char bytes[4];
  make_file("file", "abcdefgh");
  int file = open("file", O_RDWR);
  CHECK(file == 3);
  CHECK(dup(file) == 4);
  CHECK(dup(file) == 5);
  CHECK(close(4) == 0);
  CHECK(dup(0) == 4);

  // One offset for both.
  CHECK(read(3, bytes, 2) == 2 && bytes[0] == 'a');
  CHECK(read(5, bytes, 2) == 2 && bytes[0] == 'c');
  CHECK(close(3) == 0);
  CHECK(read(5, bytes, 2) == 2 && bytes[0] == 'e');

  CHECK(dup(3) == -1);
  CHECK(dup(-1) == -1);
  CHECK(dup(16) == -1);
  CHECK(dup(1000) == -1);

  // Sixteen are all there are.
  CHECK(dup(0) == 3);
  for (int next = 6; next < 16; next++)
    CHECK(dup(5) == next);
  CHECK(dup(5) == -1);
  CHECK(close(9) == 0);
  CHECK(dup(5) == 9);
  return 0;
}
