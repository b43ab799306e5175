// What the tests of unions share: layers under /l, and a union of them at /u.
#pragma once

#include "mounts.h"

static inline void make_directory(const char *path) { CHECK(mkdir(path) == 0); }

static inline int union_mount(const char *layers, int flags) {
  return mount("overlay", "/u", "overlay", flags, layers);
}

// Three layers: /l/up, and below it /l/mid and /l/low, each with files and directories that others have.
static inline void make_layers(void) {
  static const char *const directories[] = {
      "/l", "/u", "/l/up", "/l/mid", "/l/low", "/l/low/d", "/l/mid/d", "/l/low/d/e", "/l/low/only",
  };
  for (unsigned index = 0; index < sizeof directories / sizeof *directories; index++)
    make_directory(directories[index]);
  make_file("/l/low/f", "low f");
  make_file("/l/low/g", "low g");
  make_file("/l/mid/g", "mid g");
  make_file("/l/low/d/a", "low a");
  make_file("/l/mid/d/b", "mid b");
  make_file("/l/low/d/e/deep", "low deep");
  make_file("/l/low/only/x", "low x");
}

#define THREE "lowerdir=/l/mid:/l/low,upperdir=/l/up"

// How often a directory lists a name.
static inline int listed(const char *directory, const char *name) {
  struct dirent entry;
  int count = 0, file = open(directory, O_RDONLY);
  CHECK(file >= 0);
  while (read(file, &entry, sizeof entry) == sizeof entry)
    if (entry.inum != 0 && strncmp(entry.name, name, DIRSIZ) == 0) {
      char path[MAXPATH];
      struct stat status;
      strcpy(path, directory);
      strcpy(path + strlen(path), "/");
      strcpy(path + strlen(path), name);
      CHECK(stat(path, &status) == 0 && status.ino == entry.inum);
      count++;
    }
  close(file);
  return count;
}

// How many names a directory lists besides `.` and `..`.
static inline int count_of(const char *directory) {
  struct dirent entry;
  int count = -2, file = open(directory, O_RDONLY);
  CHECK(file >= 0);
  while (read(file, &entry, sizeof entry) == sizeof entry)
    count += entry.inum != 0;
  close(file);
  return count;
}

// The lower layers are as `make_layers` left them.
static inline void lower_is_unchanged(void) {
  CHECK(begins_with("/l/low/f", "low f") && begins_with("/l/low/g", "low g"));
  CHECK(begins_with("/l/mid/g", "mid g") && begins_with("/l/low/d/a", "low a"));
  CHECK(begins_with("/l/mid/d/b", "mid b") && begins_with("/l/low/d/e/deep", "low deep"));
  CHECK(facts("/l/low/f").size == 5 && facts("/l/low/d/a").size == 5);
  CHECK(count_of("/l/low") == 4 && count_of("/l/mid") == 2 && count_of("/l/low/d") == 2);
  CHECK(count_of("/l/mid/d") == 1 && count_of("/l/low/d/e") == 1 && count_of("/l/low/only") == 1);
}
