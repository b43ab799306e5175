// write: all of it, or -1 and what fitted.
#include "check.h"

static char block[3 * 1024];

static uint64_t size_of(int file) {
  struct stat status;
  CHECK(fstat(file, &status) == 0);
  return status.size;
}

static void check_the_largest_file(void) {
  enum { LARGEST = 268 };
  int file = open("large", O_CREATE | O_RDWR);
  for (int index = 0; index < LARGEST; index++) {
    memset(block, index, 1024);
    CHECK(write(file, block, 1024) == 1024);
  }
  CHECK(size_of(file) == LARGEST * 1024);
  CHECK(write(file, "x", 1) == -1);
  CHECK(write(file, block, 1024) == -1);
  CHECK(size_of(file) == LARGEST * 1024);
  CHECK(close(file) == 0);

  file = open("large", O_RDWR);
  for (int index = 0; index < LARGEST; index++) {
    CHECK(read(file, block, 1024) == 1024);
    CHECK(block[0] == (char)index && block[1023] == (char)index);
  }
  CHECK(read(file, block, 1) == 0);
  CHECK(close(file) == 0);

  // Up to the last byte, and not one further.
  file = open("large", O_RDWR | O_TRUNC);
  for (int index = 0; index < LARGEST - 1; index++)
    CHECK(write(file, block, 1024) == 1024);
  CHECK(write(file, block, 1023) == 1023);
  CHECK(write(file, block, 2) == -1);
  CHECK(size_of(file) >= LARGEST * 1024 - 1 && size_of(file) <= LARGEST * 1024);
  CHECK(close(file) == 0);
  CHECK(unlink("large") == 0);
}

// What could be copied of a block is in it; the file's end and the offset move by whole pieces.
static void check_a_buffer_that_ends(void) {
  char *page = last_page(), bytes[16];
  memset(page, 'n', PGSIZE);
  int file = open("ends", O_CREATE | O_RDWR);
  CHECK(write(file, "0123456789", 10) == 10);
  CHECK(write(file, page + PGSIZE - 3, 20) == -1);
  CHECK(size_of(file) == 10);
  CHECK(write(file, "x", 1) == 1);
  CHECK(size_of(file) == 11);
  CHECK(close(file) == 0);
  file = open("ends", O_RDWR);
  CHECK(write(file, page + PGSIZE - 3, 5) == -1);
  CHECK(close(file) == 0);
  file = open("ends", O_RDWR);
  CHECK(read(file, bytes, 16) == 11 && memcmp(bytes, "nnn3456789x", 11) == 0);
  CHECK(close(file) == 0);

  // Blocks before the bad page are written, and are the file's.
  file = open("ends", O_RDWR | O_TRUNC);
  CHECK(write(file, page, 5000) == -1);
  CHECK(size_of(file) == PGSIZE);
  CHECK(close(file) == 0 && unlink("ends") == 0);
}

int main(void) {
  char bytes[8];
  int file = open("file", O_CREATE | O_RDWR);
  CHECK(write(file, "12345", 5) == 5);
  CHECK(write(file, "", 0) == 0);
  CHECK(size_of(file) == 5);

  // Overwriting keeps the rest.
  CHECK(close(file) == 0);
  file = open("file", O_RDWR);
  CHECK(write(file, "ab", 2) == 2 && size_of(file) == 5);
  CHECK(read(file, bytes, 8) == 3 && memcmp(bytes, "345", 3) == 0);

  // Across blocks.
  memset(block, 'z', sizeof block);
  CHECK(write(file, block, sizeof block) == sizeof block);
  CHECK(size_of(file) == 5 + sizeof block);

  // Bad descriptors, bad buffers.
  CHECK(write(-1, "x", 1) == -1);
  CHECK(write(16, "x", 1) == -1);
  CHECK(write(9, "x", 1) == -1);
  int reader = open("file", O_RDONLY);
  CHECK(write(reader, "x", 1) == -1);
  CHECK(write(file, NOWHERE, 1) == -1);
  CHECK(close(reader) == 0 && close(file) == 0);
  check_a_buffer_that_ends();

  // An offset past the end, after a truncation by another.
  file = open("file", O_RDWR);
  CHECK(read(file, block, 100) == 100);
  CHECK(close(open("file", O_WRONLY | O_TRUNC)) == 0);
  CHECK(write(file, "x", 1) == -1);
  CHECK(size_of(file) == 0);
  CHECK(close(file) == 0);

  // A bad buffer takes no block, however often.
  for (int round = 0; round < 700; round++) {
    file = open("junk", O_CREATE | O_WRONLY);
    CHECK(file >= 0);
    CHECK(write(file, NOWHERE, 1) == -1);
    CHECK(close(file) == 0);
    CHECK(unlink("junk") == 0);
  }

  check_the_largest_file();
  return 0;
}
