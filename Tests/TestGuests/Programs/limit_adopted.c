// Orphans that a container's init has adopted count under a limit that it sets afterwards.
#include "contain.h"

static void adopt_and_limit(void) {
  struct gate gate = make_gate();
  if (fork() == 0) {
    for (int index = 0; index < 3; index++)
      if (fork() == 0) {
        await(gate);
        exit(0);
      }
    exit(0);
  }
  CHECK(wait(0) > 0);
  CHECK(maxproc(4) == 0);
  int more = fork();
  if (more == 0)
    exit(0);
  CHECK(more == -1);
  open_gate(gate);
  close(gate.ends[1]);
  while (wait(0) > 0)
    ;
}

int main(void) {
  CHECK(in_container(adopt_and_limit) == 0);
  return 0;
}
