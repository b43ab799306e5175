// A limit in every generation: each is called for while the parent still lives, who ends then.
#include "check.h"

int main(int argc, char **argv) {
  int generations = argc > 1 ? atoi(argv[1]) : 100, ready[2];
  char byte;
  for (int generation = 0; generation < generations; generation++) {
    CHECK(maxproc(20) == 0);
    CHECK(pipe(ready) == 0);
    int child = fork();
    CHECK(child >= 0);
    if (child != 0) {
      // The child has a limit of its own before this process is gone.
      close(ready[1]);
      read(ready[0], &byte, 1);
      if (generation == 0)
        break;
      exit(0);
    }
    CHECK(maxproc(10) == 0);
    close(ready[0]);
    close(ready[1]);
  }
  while (wait(0) > 0)
    ;
  // The first is below the test's own parent, and waits until the chain is at its end.
  sleep(generations);
  return 0;
}
