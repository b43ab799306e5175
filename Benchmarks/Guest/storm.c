// 450,000 system calls of the small kind: what a kernel spends its day with.
#include "user/user.h"

static void check(int holds, const char *what) {
  if (holds) return;
  printf("storm: %s failed\n", what);
  exit(1);
}

int main(void) {
  int ends[2];
  char byte = 'x', bytes[512];
  char *nothing[] = {"nothing", 0};

  for (int i = 0; i < 150000; i++) check(getpid() > 0, "getpid");
  for (int i = 0; i < 60000; i++) check(sbrk(16) != (char *)-1, "sbrk");
  check(pipe(ends) == 0, "pipe");
  for (int i = 1; i <= 120000; i++) {
    check(write(ends[1], &byte, 1) == 1, "write");
    if (i % 500 == 0) check(read(ends[0], bytes, 500) == 500, "read");
  }
  for (int i = 0; i < 80000; i++) check(exec("/nothing", nothing) == -1, "exec of nothing");
  for (int i = 0; i < 13000; i++) {
    int child = fork();
    if (child == 0) exit(0);
    check(child > 0 && wait(0) == child, "fork");
  }
  return 0;
}
