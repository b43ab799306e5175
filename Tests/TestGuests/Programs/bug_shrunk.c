// A group that has more than a limit allows, for the limit came later, gives some of it back, and takes some again:
// still less than it had at first, but beyond the limit.
#include "groups.h"

enum { AT_FIRST = 6, LATER = 2 };

static void work(void) {
  int files[AT_FIRST];
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  for (int index = 0; index < AT_FIRST; index++)
    CHECK((files[index] = open("/", O_RDONLY)) >= 0);
  CHECK(puts_all("/cgroup/g/misc.max", "files 2"));
  for (int index = LATER; index < AT_FIRST; index++)
    CHECK(close(files[index]) == 0);
  open("/", O_RDONLY);
}

int main(void) {
  CHECK(mkdir("/cgroup/g") == 0);
  CHECK(status_of(work) == 0);
  return 0;
}
