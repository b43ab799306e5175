// What holds of the limits of groups: what was taken counts where it was taken until it is given back, whoever does
// that; what was refused does not count; and beyond a limit there is nothing more.
#include "groups.h"

static void up_to_the_limit(void) {
  int opened = 0;
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  while (opened < 8 && open("/", O_RDONLY) >= 0)
    opened++;
  CHECK(opened == 3);
}

static void refused_pipe(void) {
  int ends[2];
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  CHECK(open("/", O_RDONLY) >= 0 && open("/", O_RDONLY) >= 0);
  CHECK(pipe(ends) == -1);
}

// A file that a group's process opened, closed last by one outside.
static void closed_outside(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int file = open("/", O_RDONLY);
  CHECK(file >= 0);
  if (fork() == 0) {
    CHECK(puts_all("/cgroup/cgroup.procs", "0"));
    sleep(5);
    CHECK(close(file) == 0);
    exit(0);
  }
}

int main(void) {
  CHECK(mkdir("/cgroup/g") == 0 && puts_all("/cgroup/g/misc.max", "files 3"));
  CHECK(status_of(up_to_the_limit) == 0);
  CHECK(status_of(refused_pipe) == 0);
  CHECK(status_of(closed_outside) == 0);
  sleep(10);
  CHECK(holds("/cgroup/g/misc.current", "files 0\npipes 0\nmutexes 0\nshared_pages 0\nsockets 0\n"));
  return 0;
}
