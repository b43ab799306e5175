// unlink: a name goes at once, a file with its last name and its last descriptor.
#include "check.h"

int main(void) {
  struct stat status;
  char bytes[16];
  CHECK(unlink("missing") == -1);
  CHECK(unlink("missing/file") == -1);
  CHECK(unlink(NOWHERE) == -1);

  make_file("file", "content");
  CHECK(unlink("file/below") == -1);
  CHECK(unlink("file") == 0);
  CHECK(unlink("file") == -1);
  CHECK(open("file", O_RDONLY) == -1);

  // `.`, `..`, and directories that hold something.
  CHECK(mkdir("dir") == 0);
  CHECK(unlink(".") == -1 && unlink("..") == -1);
  CHECK(unlink("dir/.") == -1 && unlink("dir/..") == -1);
  CHECK(unlink("/") == -1 && unlink("") == -1);
  make_file("dir/file", "");
  CHECK(unlink("dir") == -1);
  CHECK(unlink("dir/file") == 0);
  CHECK(mkdir("dir/sub") == 0);
  CHECK(unlink("dir") == -1);
  CHECK(unlink("dir/sub") == 0);
  CHECK(stat("dir", &status) == 0 && status.nlink == 1);
  CHECK(unlink("dir") == 0);
  CHECK(stat("dir", &status) == -1);

  // A file lives on while it is open: read, write, stat, and a new one of the same name.
  make_file("file", "old");
  int file = open("file", O_RDWR);
  CHECK(unlink("file") == 0);
  CHECK(fstat(file, &status) == 0 && status.nlink == 0 && status.size == 3);
  make_file("file", "new");
  CHECK(read(file, bytes, 16) == 3 && memcmp(bytes, "old", 3) == 0);
  CHECK(write(file, " and on", 7) == 7);
  CHECK(begins_with("file", "new"));
  CHECK(close(file) == 0);

  // So it does in a child that holds it.
  file = open("file", O_RDONLY);
  int child = fork(), result;
  if (child == 0) {
    sleep(3);
    CHECK(read(file, bytes, 16) == 3 && memcmp(bytes, "new", 3) == 0);
    exit(0);
  }
  CHECK(unlink("file") == 0 && close(file) == 0);
  CHECK(wait(&result) == child && result == 0);

  // The place in the directory is used again.
  CHECK(mkdir("dir") == 0);
  for (int round = 0; round < 200; round++) {
    make_file("dir/x", "");
    CHECK(unlink("dir/x") == 0);
  }
  CHECK(stat("dir", &status) == 0 && status.size == 48);
  CHECK(unlink("dir") == 0);
  return 0;
}
