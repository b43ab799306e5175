// link: a second name for the same file.
#include "check.h"

static int links(const char *path) {
  struct stat status;
  CHECK(stat(path, &status) == 0);
  return status.nlink;
}

int main(void) {
  make_file("one", "same");
  CHECK(mkdir("dir") == 0);
  CHECK(link("one", "two") == 0);
  CHECK(link("two", "dir/three") == 0);
  CHECK(links("one") == 3 && links("dir/three") == 3);
  CHECK(begins_with("dir/three", "same"));

  // What is written by one name is read by the other.
  make_file("two", "changed");
  CHECK(begins_with("one", "changed"));

  // Failures leave the count as it was.
  CHECK(link("missing", "new") == -1);
  CHECK(link("one", "two") == -1);
  CHECK(link("one", "dir") == -1);
  CHECK(link("one", "one") == -1);
  CHECK(link("dir", "new") == -1);
  CHECK(link(".", "new") == -1);
  CHECK(link("", "new") == -1);
  CHECK(link("one", "") == -1);
  CHECK(link("one", "missing/new") == -1);
  CHECK(link("one", "two/new") == -1);
  CHECK(link("one", NOWHERE) == -1);
  CHECK(link(NOWHERE, "new") == -1);
  CHECK(links("one") == 3 && links("dir") == 1);

  CHECK(unlink("one") == 0);
  CHECK(links("two") == 2 && begins_with("two", "changed"));
  CHECK(unlink("two") == 0 && begins_with("dir/three", "changed"));
  CHECK(links("dir/three") == 1);
  CHECK(unlink("dir/three") == 0 && unlink("dir") == 0);
  return 0;
}
