// fstat, and the layout of struct stat.
#include "check.h"

int main(void) {
  struct stat status;
  CHECK(sizeof status == 24);
  unsigned char *bytes = (unsigned char *)&status;
  make_file("file", "12345");
  int file = open("file", O_RDONLY);

  memset(&status, 0xff, sizeof status);
  CHECK(fstat(file, &status) == 0);
  CHECK(*(int *)bytes == 1);
  CHECK(*(unsigned *)(bytes + 4) > 0 && *(unsigned *)(bytes + 4) < 200);
  CHECK(*(short *)(bytes + 8) == T_FILE);
  CHECK(*(short *)(bytes + 10) == 1);
  CHECK(*(int *)(bytes + 12) == 0);
  CHECK(*(uint64_t *)(bytes + 16) == 5);

  // Not at once a pipe, nor a closed descriptor, nor a bad pointer.
  char *page = last_page();
  CHECK(fstat(file, NOWHERE) == -1);
  CHECK(fstat(file, (struct stat *)TEXT) == -1);
  CHECK(fstat(file, (struct stat *)(page + PGSIZE - 16)) == -1);
  CHECK(fstat(file, (struct stat *)(page + PGSIZE - 24)) == 0);
  CHECK(close(file) == 0);
  CHECK(fstat(file, &status) == -1);
  CHECK(fstat(-1, &status) == -1);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(fstat(ends[0], &status) == -1 && fstat(ends[1], &status) == -1);

  // The console is a device, whatever descriptor it is on.
  CHECK(fstat(0, &status) == 0 && status.type == T_DEVICE);

  // A directory's links: its name in its parent and `..` of each subdirectory, not `.`.
  CHECK(mkdir("dir") == 0);
  CHECK(stat("dir", &status) == 0 && status.type == T_DIR && status.nlink == 1);
  CHECK(status.size == 32);
  CHECK(mkdir("dir/one") == 0 && mkdir("dir/two") == 0);
  make_file("dir/file", "");
  CHECK(stat("dir", &status) == 0 && status.nlink == 3 && status.size == 80);
  CHECK(unlink("dir/one") == 0);
  CHECK(stat("dir", &status) == 0 && status.nlink == 2 && status.size == 80);

  // An inode is the same by every name.
  struct stat other;
  CHECK(link("file", "name") == 0);
  CHECK(stat("file", &status) == 0 && stat("dir/../name", &other) == 0);
  CHECK(status.ino == other.ino && status.nlink == 2 && other.nlink == 2);
  CHECK(stat("/", &status) == 0 && status.ino == 1 && status.type == T_DIR);
  return 0;
}
