// Two hundred inodes, all of which can be had again.
#include "check.h"

static char *name(int number) {
  static char text[8];
  text[0] = 'f';
  text[1] = (char)('0' + number / 100);
  text[2] = (char)('0' + number / 10 % 10);
  text[3] = (char)('0' + number % 10);
  return text;
}

static int fill(void) {
  int count = 0;
  for (;;) {
    int file = open(name(count), O_CREATE | O_WRONLY);
    if (file < 0)
      break;
    CHECK(close(file) == 0);
    count++;
    CHECK(count < 1000);
  }
  return count;
}

static void empty(int count) {
  for (int number = 0; number < count; number++)
    CHECK(unlink(name(number)) == 0);
}

int main(void) {
  int count = fill();
  CHECK(count > 100 && count < 200);
  struct stat status;
  CHECK(stat(name(count - 1), &status) == 0);

  // What needs an inode fails, what does not works.
  CHECK(mkdir("dir") == -1);
  CHECK(mknod("device", 1, 0) == -1);
  CHECK(open("another", O_CREATE | O_RDWR) == -1);
  CHECK(stat("another", &status) == -1 && stat("dir", &status) == -1);
  CHECK(link("f000", "link") == 0 && unlink("link") == 0);
  make_file("f000", "still");
  CHECK(begins_with("f000", "still"));

  // An unlinked file keeps its inode while it is open.
  int file = open("f000", O_RDONLY);
  CHECK(unlink("f000") == 0);
  CHECK(open("another", O_CREATE | O_RDWR) == -1);
  CHECK(close(file) == 0);
  make_file("f000", "");
  empty(count);

  for (int round = 0; round < 3; round++) {
    CHECK(fill() == count);
    empty(count);
  }

  // A working directory is let go by whoever ends in it or walks out of it.
  for (int round = 0; round < 250; round++) {
    CHECK(mkdir("place") == 0);
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(chdir("place") == 0);
      if (round % 3 == 1)
        *(volatile char *)0 = 1;
      if (round % 3 == 2)
        CHECK(chdir("..") == 0);
      exit(0);
    }
    CHECK(wait(0) == child);
    CHECK(unlink("place") == 0);
  }
  CHECK(fill() == count);
  empty(count);

  // Directories in place of files.
  for (int number = 0; number < count; number++)
    CHECK(mkdir(name(number)) == 0);
  CHECK(mkdir(name(count)) == -1);
  empty(count);
  CHECK(fill() == count);
  empty(count);
  return 0;
}
