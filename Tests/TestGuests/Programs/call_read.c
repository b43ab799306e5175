// read: a count, 0 at the end, -1 and an unmoved offset for a bad buffer.
#include "check.h"

int main(void) {
  char bytes[32];
  make_file("ten", "0123456789");
  int file = open("ten", O_RDONLY);
  CHECK(file == 3);
  CHECK(read(file, bytes, 4) == 4 && memcmp(bytes, "0123", 4) == 0);
  CHECK(read(file, bytes, 0) == 0);
  CHECK(read(file, bytes, 32) == 6 && memcmp(bytes, "456789", 6) == 0);
  CHECK(read(file, bytes, 32) == 0);
  CHECK(read(file, bytes, 1) == 0);
  CHECK(close(file) == 0);

  // Bad descriptors.
  CHECK(read(file, bytes, 1) == -1);
  CHECK(read(-1, bytes, 1) == -1);
  CHECK(read(16, bytes, 1) == -1);
  CHECK(read(2147483647, bytes, 1) == -1);

  // Not readable.
  file = open("ten", O_WRONLY);
  CHECK(read(file, bytes, 1) == -1);
  CHECK(close(file) == 0);

  // A bad buffer, wholly or in part, leaves the offset where it was.
  file = open("ten", O_RDWR);
  CHECK(read(file, bytes, 2) == 2);
  CHECK(read(file, NOWHERE, 4) == -1);
  CHECK(read(file, (char *)TEXT, 4) == -1);
  char *page = last_page();
  CHECK(read(file, page + PGSIZE - 2, 4) == -1);
  CHECK(read(file, bytes, 3) == 3 && memcmp(bytes, "234", 3) == 0);
  CHECK(close(file) == 0);

  // Two descriptors of two opens have an offset each.
  int first = open("ten", O_RDONLY), second = open("ten", O_RDONLY);
  CHECK(read(first, bytes, 5) == 5);
  CHECK(read(second, bytes, 5) == 5 && bytes[0] == '0');
  return 0;
}
