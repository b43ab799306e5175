// What the tests of mounts share.
#pragma once

#include "contain.h"

static inline struct stat facts(const char *path) {
  struct stat status = {0};
  CHECK(stat(path, &status) == 0);
  return status;
}

static inline int same_file(const char *one, const char *other) {
  struct stat a = facts(one), b = facts(other);
  return a.dev == b.dev && a.ino == b.ino;
}

static inline int bind_mount(const char *source, const char *target, int flags) {
  return mount(source, target, "bind", flags, 0);
}
