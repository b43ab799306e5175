// Paths: their length, slashes, empty ones, long names.
#include "check.h"

static char path[200];

// A path of this length to `file` in `/`, padded with `./`.
static char *padded(int length) {
  int at = 0;
  path[at++] = '/';
  while (length - at - 4 >= 2) {
    path[at++] = '.';
    path[at++] = '/';
  }
  while (length - at > 4)
    path[at++] = '/';
  strcpy(path + at, "file");
  CHECK((int)strlen(path) == length);
  return path;
}

int main(void) {
  struct stat one, other;
  make_file("file", "found");

  // 127 bytes and no more, for every call that takes one.
  CHECK(begins_with(padded(126), "found"));
  CHECK(begins_with(padded(127), "found"));
  CHECK(open(padded(128), O_RDONLY) == -1);
  CHECK(open(padded(128), O_CREATE | O_RDWR) == -1);
  CHECK(unlink(path) == -1 && mkdir(path) == -1 && chdir(path) == -1);
  CHECK(mknod(path, 1, 0) == -1 && link(path, "new") == -1 && link("file", path) == -1);
  char *arguments[] = {"x", 0};
  CHECK(exec(path, arguments) == -1);

  // The NUL has to be where the process can be read.
  char *page = last_page();
  memcpy(page + PGSIZE - 4, "file", 4);
  CHECK(open(page + PGSIZE - 4, O_RDONLY) == -1);
  memcpy(page + PGSIZE - 5, "file", 5);
  CHECK(begins_with(page + PGSIZE - 5, "found"));

  // Slashes.
  CHECK(mkdir("dir") == 0);
  make_file("dir/inner", "inside");
  CHECK(begins_with("/dir/inner", "inside") && begins_with("//dir///inner", "inside"));
  CHECK(begins_with("dir//inner", "inside") && begins_with("dir/./inner", "inside"));
  CHECK(begins_with("./dir/../dir/inner", "inside"));
  CHECK(stat("dir", &one) == 0 && stat("dir/", &other) == 0 && one.ino == other.ino);
  CHECK(stat("dir///", &other) == 0 && one.ino == other.ino);
  CHECK(stat("/", &one) == 0 && stat("////", &other) == 0 && one.ino == other.ino);
  CHECK(mkdir("dir//sub//") == 0 && stat("dir/sub", &one) == 0 && one.type == T_DIR);

  // The empty path is the working directory, to look at and not to make.
  CHECK(stat("", &one) == 0 && stat("/", &other) == 0 && one.ino == other.ino);
  CHECK(chdir("dir") == 0);
  CHECK(stat("", &one) == 0 && stat("/dir", &other) == 0 && one.ino == other.ino);
  CHECK(open("", O_CREATE | O_RDWR) == -1 && mkdir("") == -1 && mknod("", 1, 0) == -1);
  CHECK(link("inner", "") == -1 && unlink("") == -1);
  CHECK(chdir("..") == 0);

  // A name longer than 14 bytes is cut, wherever it stands.
  make_file("abcdefghijklmnop", "long");
  CHECK(begins_with("abcdefghijklmn", "long"));
  CHECK(begins_with("abcdefghijklmnXXXXXXXX", "long"));
  CHECK(!begins_with("abcdefghijklm", "long"));
  CHECK(mkdir("abcdefghijklmnq") == -1);
  CHECK(link("file", "abcdefghijklmnr") == -1);
  CHECK(mkdir("ABCDEFGHIJKLMNO") == 0);
  make_file("ABCDEFGHIJKLMNOP/inner", "deep");
  CHECK(begins_with("ABCDEFGHIJKLMN/inner", "deep"));
  CHECK(unlink("ABCDEFGHIJKLMNQRS/inner") == 0 && unlink("ABCDEFGHIJKLMNxyz") == 0);
  CHECK(unlink("abcdefghijklmnopqrstuvwxyz") == 0);
  CHECK(open("abcdefghijklmn", O_RDONLY) == -1);

  // Names are bytes.
  make_file("\xff \x01", "odd");
  CHECK(begins_with("\xff \x01", "odd"));
  make_file("...", "dots");
  CHECK(begins_with("...", "dots") && unlink("...") == 0);
  return 0;
}
