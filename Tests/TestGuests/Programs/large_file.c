// A file of so many blocks, and not one more: large_file BLOCKS. Run by tests of large files.
#include "check.h"

static char block[1024];

static void fill(int index) {
  memset(block, index * 7, sizeof block);
  memcpy(block, &index, sizeof index);
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 0;
  int count = atoi(argv[1]);
  int file = open("big", O_CREATE | O_RDWR);
  for (int index = 0; index < count; index++) {
    fill(index);
    CHECK(write(file, block, sizeof block) == sizeof block);
  }
  CHECK(write(file, "x", 1) == -1);
  CHECK(close(file) == 0);
  file = open("big", O_RDONLY);
  for (int index = 0; index < count; index++) {
    int number;
    CHECK(read(file, block, sizeof block) == sizeof block);
    memcpy(&number, block, sizeof number);
    CHECK(number == index && block[1023] == (char)(index * 7));
  }
  CHECK(read(file, block, 1) == 0);
  CHECK(close(file) == 0);
  // Its blocks are free again, those of block numbers too.
  CHECK(unlink("big") == 0);
  file = open("big", O_CREATE | O_RDWR);
  for (int index = 0; index < count; index++)
    CHECK(write(file, block, sizeof block) == sizeof block);
  CHECK(close(file) == 0 && unlink("big") == 0);
  return 0;
}
