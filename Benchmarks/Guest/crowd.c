// Many processes that all want to run share one amount of work, in so many groups: crowd PROCESSES [GROUPS].
#include "user/user.h"

enum { WORK = 60000000 };

// Makes a group of this number, or goes into it.
static void group(int number, int enter) {
  char path[] = "/cgroup/g?" "?/cgroup.procs";
  path[9] = 'a' + number / 26;
  path[10] = 'a' + number % 26;
  if (!enter) {
    path[11] = 0;
    mkdir(path);
    return;
  }
  int file = open(path, 1);
  if (write(file, "0", 1) != 1) exit(1);
  close(file);
}

int main(int argc, char *argv[]) {
  int count = argc > 1 ? atoi(argv[1]) : 1, groups = argc > 2 ? atoi(argv[2]) : 0;
  for (int number = 0; number < groups; number++) group(number, 0);
  for (int i = 0; i < count; i++) {
    int child = fork();
    if (child < 0) return 1;
    if (child > 0) continue;
    if (groups) group(i % groups, 1);
    for (volatile int left = WORK / count; left > 0;) left--;
    exit(0);
  }
  while (wait(0) > 0) {}
  return 0;
}
