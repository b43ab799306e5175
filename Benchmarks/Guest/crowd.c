// Many processes that all want to run share one amount of work: crowd PROCESSES.
#include "user/user.h"

enum { WORK = 60000000 };

int main(int argc, char *argv[]) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  for (int i = 0; i < count; i++) {
    int child = fork();
    if (child < 0) return 1;
    if (child > 0) continue;
    for (volatile int left = WORK / count; left > 0;) left--;
    exit(0);
  }
  while (wait(0) > 0) {}
  return 0;
}
