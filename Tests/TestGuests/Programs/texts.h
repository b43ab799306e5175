// Files of text, for the tests of /proc and /cgroup.
#pragma once

// What was taken last.
static char text[8192];

// What a file holds; -1 if it cannot be opened.
static inline int take(const char *path) {
  int file = open(path, O_RDONLY), count, all = 0;
  if (file < 0)
    return -1;
  while ((count = read(file, text + all, (int)sizeof text - 1 - all)) > 0)
    all += count;
  CHECK(count == 0 && close(file) == 0);
  text[all] = 0;
  return all;
}

// Where what was taken first has this in it; 0 if nowhere.
static inline const char *find(const char *what) {
  size_t length = strlen(what);
  for (const char *at = text; *at; at++)
    if (memcmp(at, what, length) == 0)
      return at;
  return 0;
}

static inline int has(const char *what) { return find(what) != 0; }

// Whether a file holds exactly this.
static inline int holds(const char *path, const char *what) {
  return take(path) >= 0 && strcmp(text, what) == 0;
}
