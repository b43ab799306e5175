// A group with a quota, and so many processes in it that run in one way or another. Ends after so many ticks.
#include "groups.h"

static void burn_on(void) {
  for (;;)
    __asm__ volatile("");
}
static void call_on(void) {
  for (;;)
    getpid();
}
// Calls that cost much at once.
static void read_on(void) {
  static char bytes[4096];
  for (;;) {
    int file = open("README", O_RDONLY);
    CHECK(file >= 0 && read(file, bytes, sizeof bytes) > 0 && close(file) == 0);
    int child = fork();
    if (child == 0)
      exit(0);
    while (wait(0) != child)
      ;
  }
}

int main(int argc, char **argv) {
  CHECK(argc >= 4);
  int count = atoi(argv[1]), ticks = atoi(argv[2]);
  CHECK(mkdir("/cgroup/q") == 0 && mkdir("/cgroup/q/in") == 0);
  CHECK(puts_all("/cgroup/q/cpu.max", argv[3]));
  for (int index = 0; index < count; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(prio_set(getpid(), 8) == 0);
      CHECK(puts_all(index % 2 ? "/cgroup/q/in/cgroup.procs" : "/cgroup/q/cgroup.procs", "0"));
      if (argc > 4 && argv[4][0] == 'c')
        call_on();
      if (argc > 4 && argv[4][0] == 'r')
        read_on();
      burn_on();
    }
  }
  sleep(ticks);
  return 0;
}
