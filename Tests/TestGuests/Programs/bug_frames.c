// What holds of a group's memory: a frame counts where it was first used until nobody uses it, also if the last to do
// so is elsewhere; what was refused does not count; shared pages and copies of pages do.
#include "groups.h"

static char page[2 * PGSIZE];

// Pages that a group's process has brought, used last by one outside.
static void ended_outside(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0") && sbrk(4 * PGSIZE) != (char *)-1);
  if (fork() == 0) {
    CHECK(puts_all("/cgroup/cgroup.procs", "0"));
    sleep(5);
    exit(0);
  }
}

static void refused_fork(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0") && puts_all("/cgroup/g/memory.max", "8192"));
  CHECK(fork() == -1 && puts_all("/cgroup/g/memory.max", "max"));
}

static void shared_page(void) { CHECK(puts_all("/cgroup/g/cgroup.procs", "0") && shm_get("p")); }

// Both write to what they share by fork.
static void copies(void) {
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  int child = fork();
  for (int at = 0; at < 2 * PGSIZE; at++)
    page[at]++;
  if (child == 0)
    exit(0);
  CHECK(wait(0) == child);
}

int main(void) {
  CHECK(mkdir("/cgroup/g") == 0);
  CHECK(status_of(ended_outside) == 0);
  sleep(10);
  CHECK(status_of(refused_fork) == 0);
  CHECK(status_of(shared_page) == 0);
  CHECK(status_of(copies) == 0);
  CHECK(holds("/cgroup/g/memory.current", "0\n"));
  return 0;
}
