// Orphans are adopted by init, which reaps them: a thousand of them take no more slots than one,
// and their parent is 1.
#include "check.h"

int main(void) {
  for (int round = 0; round < 150; round++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(fork() >= 0);
      exit(0);
    }
    CHECK(wait(0) == child);
  }

  // An orphan that lives on has init as its parent.
  int ends[2], orphan = 0;
  CHECK(pipe(ends) == 0);
  int child = fork();
  if (child == 0) {
    int grandchild = fork();
    if (grandchild == 0) {
      sleep(1000);
      exit(0);
    }
    CHECK(write(ends[1], &grandchild, 4) == 4);
    exit(0);
  }
  CHECK(read(ends[0], &orphan, 4) == 4);
  CHECK(wait(0) == child);
  static struct proc_info table[64];
  int count = ps(table, 64), found = 0;
  for (int index = 0; index < count; index++)
    if (table[index].pid == orphan) {
      CHECK(table[index].parent == 1);
      found = 1;
    }
  CHECK(found);
  CHECK(wait(0) == -1);
  CHECK(kill(orphan) == 0);
  return 0;
}
