// open: which flags do what to which kind of file.
#include "check.h"

static uint64_t size_of(const char *path) {
  struct stat status;
  CHECK(stat(path, &status) == 0);
  return status.size;
}

int main(void) {
  char byte;
  make_file("file", "content");
  CHECK(mkdir("dir") == 0);
  CHECK(mknod("device", CONSOLE, 0) == 0);

  // The lowest free descriptor.
  CHECK(open("file", O_RDONLY) == 3);
  CHECK(open("file", O_RDONLY) == 4);
  CHECK(close(3) == 0);
  CHECK(open("file", O_RDWR) == 3);
  CHECK(close(3) == 0 && close(4) == 0);

  // Missing things.
  CHECK(open("missing", O_RDONLY) == -1);
  CHECK(open("missing", O_RDWR | O_TRUNC) == -1);
  CHECK(open("missing/file", O_RDONLY) == -1);
  CHECK(open("missing/file", O_CREATE | O_RDWR) == -1);
  CHECK(open("file/file", O_RDONLY) == -1);
  CHECK(open("file/file", O_CREATE | O_RDWR) == -1);
  CHECK(open("", O_CREATE | O_RDWR) == -1);
  CHECK(open(NOWHERE, O_RDONLY) == -1);

  // Read, write, both.
  int file = open("file", O_RDONLY);
  CHECK(read(file, &byte, 1) == 1 && write(file, "x", 1) == -1 && close(file) == 0);
  file = open("file", O_WRONLY);
  CHECK(read(file, &byte, 1) == -1 && write(file, "c", 1) == 1 && close(file) == 0);
  file = open("file", O_RDWR);
  CHECK(read(file, &byte, 1) == 1 && write(file, "o", 1) == 1 && close(file) == 0);
  CHECK(begins_with("file", "content"));

  // A directory only with flags 0.
  file = open("dir", 0);
  CHECK(file >= 0 && write(file, "x", 1) == -1 && close(file) == 0);
  CHECK(open("dir", O_WRONLY) == -1);
  CHECK(open("dir", O_RDWR) == -1);
  CHECK(open("dir", O_TRUNC) == -1);
  CHECK(open("dir", O_CREATE) == -1);
  CHECK(open("dir", O_CREATE | O_RDWR) == -1);
  CHECK(open(".", O_RDWR) == -1);

  // O_CREATE makes what is missing and opens what is there.
  file = open("new", O_CREATE | O_RDWR);
  CHECK(file >= 0 && read(file, &byte, 1) == 0 && write(file, "x", 1) == 1 && close(file) == 0);
  file = open("new", O_CREATE | O_RDONLY);
  CHECK(read(file, &byte, 1) == 1 && byte == 'x' && close(file) == 0);
  file = open("dir/new", O_CREATE);
  CHECK(file >= 0 && close(file) == 0 && size_of("dir/new") == 0);
  file = open("device", O_CREATE | O_RDWR);
  CHECK(file >= 0);
  struct stat status;
  CHECK(fstat(file, &status) == 0 && status.type == T_DEVICE && close(file) == 0);

  // O_TRUNC empties a file, also when opened for reading only, and leaves other opens of it
  // standing where they were.
  int reader = open("file", O_RDONLY);
  CHECK(read(reader, &byte, 1) == 1);
  file = open("file", O_RDONLY | O_TRUNC);
  CHECK(file >= 0 && size_of("file") == 0 && read(file, &byte, 1) == 0);
  CHECK(close(file) == 0);
  CHECK(read(reader, &byte, 1) == 0);
  make_file("file", "again");
  CHECK(read(reader, &byte, 1) == 1 && byte == 'g');
  CHECK(close(reader) == 0);
  file = open("new", O_CREATE | O_WRONLY | O_TRUNC);
  CHECK(file >= 0 && size_of("new") == 0 && close(file) == 0);
  file = open("device", O_RDWR | O_TRUNC);
  CHECK(file >= 0 && close(file) == 0);

  // With no descriptor left it fails, and makes nothing that stays open.
  while (dup(0) >= 0)
    ;
  CHECK(open("file", O_RDONLY) == -1);
  CHECK(close(15) == 0);
  CHECK(open("file", O_RDONLY) == 15);
  return 0;
}
