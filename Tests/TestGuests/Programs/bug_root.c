// Everything that a new root is for: it holds in every spelling, for this process and no other.
#include "provoke.h"

static void spell(void) {
  static const char *const ways[] = {
      "..", "/..", "./..", "in/../..", "/in/../../..", "//..//..", "in/./.././../in/../..",
  };
  struct stat root, found;
  CHECK(setroot("/c1") == 0);
  CHECK(stat("/", &root) == 0);
  for (int index = 0; index < (int)(sizeof ways / sizeof ways[0]); index++) {
    CHECK(stat(ways[index], &found) == 0);
    CHECK(found.ino == root.ino);
  }
  CHECK(stat("/../secret", &found) == -1);
  CHECK(stat("../c2", &found) == -1);
}

static void start_at_root(void) {
  struct stat root, here;
  CHECK(chdir("/c1/in") == 0);
  CHECK(stat("/", &root) == 0);
  CHECK(stat(".", &here) == 0);
  CHECK(root.ino != here.ino);
}

static void go_in(void) {
  struct stat root, here;
  CHECK(chdir("/c2") == 0);
  CHECK(setroot("/c1") == 0);
  CHECK(stat("/", &root) == 0);
  CHECK(stat(".", &here) == 0);
  CHECK(root.ino == here.ino);
}

static void hold_directory(void) {
  int directory = open("/", O_RDONLY);
  CHECK(directory >= 0);
  CHECK(setroot("/c1") == -1);
  CHECK(close(directory) == 0);
  CHECK(setroot("/c1") == 0);
}

static void contain(void) {
  enter();
  CHECK(cm_setroot("/c1", 3) == 0);
}

static void join(void) {
  struct cm_info info;
  struct stat found;
  CHECK(cm_info(1, &info) > 0);
  CHECK(cm_join(info.cid) == 0);
  CHECK(stat("/in", &found) == 0);
  CHECK(stat("/c1", &found) == -1);
}

// What is mounted in a container's root leads back into it.
static void mount_inside(void) {
  struct stat root, found;
  enter();
  CHECK(mkdir("/c1/at") == 0 && mount("/c2", "/c1/at", "bind", 0, 0) == 0);
  CHECK(cm_setroot("/c1", 3) == 0);
  CHECK(stat("/", &root) == 0 && stat("at/..", &found) == 0);
  CHECK(found.ino == root.ino);
  CHECK(stat("at/../secret", &found) == -1);
}

int main(void) {
  CHECK(mkdir("/c1") == 0 && mkdir("/c1/in") == 0 && mkdir("/c2") == 0);
  make_file("/secret", "not for containers");
  CHECK(status_of(spell) == 0);
  CHECK(status_of(start_at_root) == 0);
  CHECK(status_of(go_in) == 0);
  CHECK(status_of(hold_directory) == 0);
  make_gate();
  hold(contain);
  CHECK(status_of(join) == 0);
  open_gate();
  CHECK(wait(0) > 0);
  CHECK(status_of(mount_inside) == 0);
  struct stat found;
  CHECK(stat("/secret", &found) == 0);
  return 0;
}
