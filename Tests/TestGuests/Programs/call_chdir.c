// chdir: where relative paths begin.
#include "check.h"

int main(void) {
  struct stat here, there;
  CHECK(mkdir("one") == 0 && mkdir("one/two") == 0);
  make_file("one/two/file", "deep");
  make_file("top", "top");

  CHECK(chdir("one") == 0);
  CHECK(begins_with("two/file", "deep") && !begins_with("top", "top"));
  CHECK(begins_with("/top", "top") && begins_with("../top", "top"));
  CHECK(chdir("two") == 0);
  CHECK(begins_with("file", "deep") && begins_with("./file", "deep"));
  CHECK(chdir("..") == 0 && begins_with("two/file", "deep"));

  // No and not a directory; the working directory stays.
  CHECK(chdir("missing") == -1);
  CHECK(chdir("two/file") == -1);
  CHECK(chdir("two/file/deeper") == -1);
  CHECK(chdir("/console") == -1);
  CHECK(chdir(NOWHERE) == -1);
  CHECK(begins_with("two/file", "deep"));

  // "" is the working directory itself.
  CHECK(chdir("") == 0 && begins_with("two/file", "deep"));
  CHECK(stat("", &here) == 0 && stat("/one", &there) == 0 && here.ino == there.ino);

  // `..` of the root is the root.
  CHECK(chdir("/") == 0 && begins_with("top", "top"));
  CHECK(chdir("..") == 0 && begins_with("top", "top"));
  CHECK(chdir("/../../one/../..") == 0 && begins_with("top", "top"));
  CHECK(begins_with("../one/../../one/two/./file", "deep"));

  // One may stand in a directory that is removed, and walk out of it.
  CHECK(mkdir("gone") == 0 && chdir("gone") == 0);
  CHECK(unlink("../gone") == 0);
  CHECK(stat("/gone", &here) == -1);
  CHECK(stat(".", &here) == 0 && here.nlink == 0);
  CHECK(chdir("/") == 0);
  return 0;
}
