// mkdir, and what a directory reads as.
#include "check.h"

static struct dirent entries[8];

int main(void) {
  struct stat status, parent;
  CHECK(sizeof(struct dirent) == 16);
  CHECK(mkdir("dir") == 0);
  CHECK(mkdir("dir/sub") == 0);
  CHECK(mkdir("/dir/sub/deep") == 0);
  make_file("dir/fourteen_bytes", "");

  CHECK(mkdir("dir") == -1);
  CHECK(mkdir("dir/sub") == -1);
  CHECK(mkdir("dir/fourteen_bytes") == -1);
  CHECK(mkdir("dir/fourteen_bytes/sub") == -1);
  CHECK(mkdir("missing/sub") == -1);
  CHECK(mkdir("/") == -1 && mkdir(".") == -1 && mkdir("..") == -1 && mkdir("") == -1);
  CHECK(mkdir("dir/.") == -1 && mkdir("dir/..") == -1);
  CHECK(mkdir(NOWHERE) == -1);

  // A file of 16-byte entries, `.` and `..` first.
  CHECK(stat("dir", &status) == 0 && stat("/", &parent) == 0);
  int directory = open("dir", O_RDONLY);
  CHECK(read(directory, entries, sizeof entries) == 4 * 16);
  CHECK(entries[0].inum == status.ino && strcmp(entries[0].name, ".") == 0);
  CHECK(entries[1].inum == parent.ino && strcmp(entries[1].name, "..") == 0);
  CHECK(strcmp(entries[2].name, "sub") == 0);
  for (int index = 3; index < DIRSIZ; index++)
    CHECK(entries[2].name[index] == 0);
  CHECK(memcmp(entries[3].name, "fourteen_bytes", 14) == 0);
  CHECK(close(directory) == 0);

  // `..` leads to the parent, and the entries to the inodes.
  CHECK(stat("dir/sub/..", &parent) == 0 && parent.ino == status.ino);
  CHECK(stat("dir/sub", &status) == 0 && status.ino == entries[2].inum);

  // A removed entry is free: its inode number is 0, and the next name takes its place.
  CHECK(unlink("dir/sub/deep") == 0 && unlink("dir/sub") == 0);
  directory = open("dir", O_RDONLY);
  CHECK(read(directory, entries, sizeof entries) == 4 * 16);
  CHECK(entries[2].inum == 0);
  CHECK(close(directory) == 0);
  make_file("dir/next", "");
  directory = open("dir", O_RDONLY);
  CHECK(read(directory, entries, sizeof entries) == 4 * 16);
  CHECK(entries[2].inum != 0 && strcmp(entries[2].name, "next") == 0);
  return 0;
}
