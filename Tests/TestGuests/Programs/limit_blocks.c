// The disk is full when its last block is, and empty again when the files are gone.
#include "check.h"

enum { BLOCK = 1024, LARGEST = 268 };
static char block[3 * BLOCK];
static int files;

static char *name(int number) {
  static char text[] = "big?";
  text[3] = (char)('a' + number);
  return text;
}

// Fills the disk block by block and returns how many there were.
static int fill(void) {
  int count = 0;
  for (files = 0; files < 20; files++) {
    int file = open(name(files), O_CREATE | O_RDWR);
    CHECK(file >= 0);
    for (int index = 0; index < LARGEST; index++) {
      memset(block, files * 17 + index, BLOCK);
      if (write(file, block, BLOCK) != BLOCK) {
        CHECK(close(file) == 0);
        files++;
        return count;
      }
      count++;
    }
    CHECK(close(file) == 0);
  }
  CHECK(!"the disk has no end");
  return 0;
}

static void check_contents(void) {
  for (int number = 0; number < files; number++) {
    int file = open(name(number), O_RDONLY), index = 0, length;
    while ((length = read(file, block, BLOCK)) == BLOCK) {
      CHECK(block[0] == (char)(number * 17 + index) && block[BLOCK - 1] == block[0]);
      index++;
    }
    CHECK(length == 0);
    CHECK(close(file) == 0);
  }
}

static void empty(void) {
  for (int number = 0; number < files; number++)
    CHECK(unlink(name(number)) == 0);
}

// How many inodes are free.
static int free_inodes(void) {
  char file[] = "n??";
  int count = 0, more = 1;
  for (int step = 0; step < 2; step++) {
    for (int index = 0; index < (step == 0 ? 400 : count); index++) {
      file[1] = (char)('A' + index / 20);
      file[2] = (char)('A' + index % 20);
      if (step == 1)
        CHECK(unlink(file) == 0);
      else if (more && (more = close(open(file, O_CREATE)) == 0))
        count++;
    }
  }
  return count;
}

// What fails for want of a block takes no inode either, however often it is tried.
static void fail_often(void) {
  struct stat status;
  for (int round = 0; round < 250; round++) {
    CHECK(mkdir("dir") == -1);
    CHECK(open("tight/new", O_CREATE | O_RDWR) == -1);
    CHECK(mkdir("tight/new") == -1 && mknod("tight/new", 1, 0) == -1);
    CHECK(link("tight/zero", "tight/new") == -1);
  }
  CHECK(stat("tight/zero", &status) == 0 && status.nlink == 62);
  CHECK(stat("tight", &status) == 0 && status.nlink == 1 && status.size == BLOCK);
  CHECK(stat("/", &status) == 0 && status.nlink == 4);  // tight, proc, cgroup
}

// A directory whose next entry needs a block.
static void make_tight_directory(int making) {
  char entry[] = "tight/l??";
  if (making) {
    CHECK(mkdir("tight") == 0);
    make_file("tight/zero", "");
  }
  for (int index = 0; index < 61; index++) {
    entry[7] = (char)('A' + index / 10);
    entry[8] = (char)('0' + index % 10);
    CHECK((making ? link("tight/zero", entry) : unlink(entry)) == 0);
  }
  if (!making)
    CHECK(unlink("tight/zero") == 0 && unlink("tight") == 0);
}

int main(void) {
  int inodes = free_inodes();
  make_tight_directory(1);
  CHECK(fill() > 1400);
  fail_often();
  empty();
  CHECK(mkdir("dir") == 0 && unlink("dir") == 0);
  make_file("tight/new", "");
  CHECK(unlink("tight/new") == 0);
  make_tight_directory(0);
  CHECK(free_inodes() == inodes);

  int count = fill();
  CHECK(count > 1400 && count < 2000);
  check_contents();

  // Nothing that needs a block works; what is there stays.
  struct stat status;
  CHECK(mkdir("dir") == -1 && stat("dir", &status) == -1);
  int file = open("biga", O_RDWR);
  CHECK(write(file, block, 1) == 1);
  CHECK(close(file) == 0);
  file = open("small", O_CREATE | O_RDWR);
  if (file >= 0) {
    CHECK(write(file, "x", 1) == -1);
    CHECK(fstat(file, &status) == 0 && status.size == 0);
    CHECK(close(file) == 0 && unlink("small") == 0);
  }
  char *arguments[] = {"true", 0};
  int child = fork();
  if (child == 0) {
    exec("/true", arguments);
    exit(1);
  }
  int result;
  CHECK(wait(&result) == child && result == 0);
  empty();
  CHECK(fill() == count);
  empty();

  // A write that fits in part keeps that part.
  CHECK(fill() == count);
  CHECK(unlink(name(--files)) == 0);
  file = open("part", O_CREATE | O_RDWR);
  memset(block, 'p', sizeof block);
  int written = 0, length;
  while ((length = write(file, block, sizeof block)) == sizeof block)
    written += length;
  CHECK(length == -1);
  CHECK(fstat(file, &status) == 0);
  CHECK((int)status.size >= written && (int)status.size < written + (int)sizeof block);
  CHECK(status.size % BLOCK == 0);
  CHECK(close(file) == 0);
  file = open("part", O_RDONLY);
  for (int index = 0; index < (int)status.size; index += BLOCK) {
    CHECK(read(file, block, BLOCK) == BLOCK);
    CHECK(block[0] == 'p' && block[BLOCK - 1] == 'p');
  }
  CHECK(read(file, block, 1) == 0);
  CHECK(close(file) == 0 && unlink("part") == 0);
  empty();

  // Truncating gives blocks back as well as removing does.
  CHECK(fill() == count);
  for (int number = 0; number < files; number++)
    CHECK(close(open(name(number), O_RDONLY | O_TRUNC)) == 0);
  empty();
  CHECK(fill() == count);
  empty();

  // So does the last close of a file without a name.
  CHECK(fill() == count);
  file = open(name(0), O_RDONLY);
  CHECK(unlink(name(0)) == 0);
  CHECK(mkdir("dir") == -1);
  CHECK(close(file) == 0);
  CHECK(mkdir("dir") == 0 && unlink("dir") == 0);
  make_file(name(0), "");
  empty();
  CHECK(fill() == count);
  empty();

  // And a directory that grew, with the directory.
  CHECK(mkdir("dir") == 0);
  make_file("dir/zero", "");
  char entry[] = "dir/l??";
  for (int index = 0; index < 900; index++) {
    entry[5] = (char)('A' + index / 30);
    entry[6] = (char)('A' + index % 30);
    CHECK(link("dir/zero", entry) == 0);
  }
  CHECK(stat("dir", &status) == 0 && status.size == 903 * 16);
  for (int index = 0; index < 900; index++) {
    entry[5] = (char)('A' + index / 30);
    entry[6] = (char)('A' + index % 30);
    CHECK(unlink(entry) == 0);
  }
  CHECK(unlink("dir/zero") == 0 && unlink("dir") == 0);
  CHECK(fill() == count);
  empty();
  return 0;
}
