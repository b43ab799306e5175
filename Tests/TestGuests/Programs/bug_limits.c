// What holds of the limits of groups: what was taken counts where it was taken until it is given back, whoever does
// that; what was refused does not count; and beyond a limit there is nothing more.
#include "groups.h"
#include "unions.h"

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

static char block[1024];

// A file from outside, written by a group's process.
static void written_inside(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int file = open("/outs", O_WRONLY);
  CHECK(file >= 0 && write(file, block, sizeof block) == sizeof block);
}

static void open_without_name(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int file = open("/ins", O_CREATE | O_WRONLY);
  CHECK(file >= 0 && write(file, block, sizeof block) == sizeof block && unlink("/ins") == 0);
}

// Longer than the blocks that an inode names itself.
static void long_file(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int file = open("/ins", O_CREATE | O_WRONLY);
  for (int index = 0; index < 13; index++)
    CHECK(write(file, block, sizeof block) == sizeof block);
  CHECK(unlink("/ins") == 0);
}

static void copied_up(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int file = open("/u/f", O_WRONLY);
  CHECK(file >= 0 && write(file, "x", 1) == 1);
}

// More than its group may write in a tick, from a group below.
static void written_at_once(void) {
  CHECK(puts_all("/cgroup/g/in/cgroup.procs", "0"));
  int file = open("/outs", O_WRONLY);
  CHECK(write(file, block, sizeof block) == sizeof block);
}

int main(void) {
  CHECK(mkdir("/cgroup/g") == 0 && puts_all("/cgroup/g/misc.max", "files 3"));
  CHECK(status_of(up_to_the_limit) == 0);
  CHECK(status_of(refused_pipe) == 0);
  CHECK(status_of(closed_outside) == 0);
  sleep(10);
  CHECK(holds("/cgroup/g/misc.current", "files 0\npipes 0\nmutexes 0\nshared_pages 0\nsockets 0\n"));
  make_file("/outs", "");
  CHECK(status_of(written_inside) == 0);
  CHECK(status_of(open_without_name) == 0);
  CHECK(status_of(long_file) == 0);
  make_layers();
  CHECK(union_mount(THREE, 0) == 0);
  CHECK(status_of(copied_up) == 0);
  CHECK(mkdir("/cgroup/g/in") == 0 && puts_all("/cgroup/g/io.max", "wbps=500"));
  CHECK(status_of(written_at_once) == 0);
  return 0;
}
