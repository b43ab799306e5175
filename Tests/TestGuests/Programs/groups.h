// What the tests of groups share.
#pragma once

#include "mounts.h"
#include "texts.h"

// What writing a value to a file comes to; -1 also where that cannot be opened.
static inline int put(const char *path, const char *value) {
  int file = open(path, O_WRONLY), count;
  if (file < 0)
    return -1;
  count = write(file, value, (int)strlen(value));
  CHECK(close(file) == 0);
  return count;
}

static inline int puts_all(const char *path, const char *value) {
  return put(path, value) == (int)strlen(value);
}

// A number in decimal digits, with a newline behind it.
static inline const char *line_of(int number) {
  static char line[16];
  char digits[12];
  int count = 0, at = 0;
  do
    digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count)
    line[at++] = digits[--count];
  line[at++] = '\n';
  line[at] = 0;
  return line;
}

static inline int move_to(const char *path, int pid) { return puts_all(path, line_of(pid)); }

// The path of a file of container N's group.
static inline const char *of_container(int cid, const char *name) {
  static char path[64];
  memcpy(path, "/cgroup/c", 9);
  strcpy(path + 9, line_of(cid));
  char *end = path + strlen(path) - 1;
  *end = '/';
  strcpy(end + 1, name);
  return path;
}

// Whether a directory has this entry.
static inline int lists(const char *path, const char *name) {
  struct dirent entry;
  int folder = open(path, O_RDONLY), found = 0;
  CHECK(folder >= 0);
  while (read(folder, &entry, sizeof entry) == sizeof entry) {
    char own[15] = "";
    memcpy(own, entry.name, 14);
    CHECK(entry.inum != 0);
    found |= strcmp(own, name) == 0;
  }
  close(folder);
  return found;
}
