// What is written to the files of a container's group.
#include "group.h"

#include "swift.h"

char *numbered_path(const char *before, int number, const char *name) {
  // As long as a text of the program's can be.
  char *path = malloc(512);
  text_begin();
  text_string(before, 0);
  text_number(number, 0);
  if (*name)
    text_string("/", 0);
  text_string(name, 0);
  path[text_take((uint8_t *)path)] = 0;
  return path;
}

int group_write(int container, const char *file, const char *value) {
  char *path = numbered_path("/cgroup/c", container, file);
  int descriptor = open(path, O_WRONLY), count = (int)strlen(value);
  free(path);
  // What is written at once is one value.
  int written = descriptor < 0 ? -1 : write(descriptor, value, count);
  close(descriptor);
  return written == count ? 0 : -1;
}

void group_name(int container, const char *name) { group_write(container, "net.name", name); }

static int group_limit(int container, const struct limits *limits, int limit) {
  char text[64];
  limit_text(limits, limit, text);
  return group_write(container, limit_file(limit), text);
}

int group_limit_all(int container, const struct limits *limits) {
  int limit = LIMIT_NPROC;
  do
    limit = limits_next(limits, limit);
  while (limit && group_limit(container, limits, limit) == 0);
  return limit;
}
