// What holds of groups: children start in them, who is moved leaves one, who is frozen does not run, a container
// changes neither its own limits nor others' groups, and leaves none behind.
#include "provoke.h"

static void put(const char *path, const char *value, int count) {
  int file = open(path, O_WRONLY);
  if (file < 0 && count < 0)
    return;
  CHECK(file >= 0 && write(file, value, (int)strlen(value)) == count);
  close(file);
}

static void in_group(void) {
  put("/cgroup/g/in/cgroup.procs", "0", 1);
  CHECK(status_of(nothing) == 0);
  put("/cgroup/g/cgroup.procs", "0", 1);
  CHECK(status_of(nothing) == 0);
}

static void spin(void) {
  put("/cgroup/g/in/cgroup.procs", "0", 1);
  for (;;)
    ;
}

static void freeze(const char *file) {
  int child = fork();
  if (child == 0)
    spin();
  CHECK(child > 0);
  sleep(3);
  put(file, "1", 1);
  sleep(3);
  put(file, "0", 1);
  CHECK(kill(child) == 0 && wait(0) == child);
}

// What a container finds of the tree outside, having been there.
static void look_out(void) {
  CHECK(chdir("/cgroup/g") == 0);
  enter();
  put("pids.max", "5", -1);
}

static void own_limit(void) {
  enter();
  CHECK(cm_maxproc(3) == 0);
  put("/cgroup/pids.max", "9", -1);
  CHECK(mkdir("/cgroup/below") == 0);
  put("/cgroup/below/pids.max", "9", 1);
}

int main(void) {
  CHECK(mkdir("/cgroup/g") == 0 && mkdir("/cgroup/g/in") == 0);
  CHECK(status_of(in_group) == 0);
  freeze("/cgroup/g/in/cgroup.freeze");
  freeze("/cgroup/g/cgroup.freeze");
  CHECK(status_of(look_out) == 0);
  CHECK(status_of(own_limit) == 0);
  return 0;
}
