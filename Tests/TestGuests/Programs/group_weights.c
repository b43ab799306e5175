// Groups of weights 100, 200 and 400, each with so many processes that run without end, or, with a fourth argument,
// that do so in another way. Ends after so many ticks.
#include "groups.h"

static void burn_on(void) {
  for (;;)
    __asm__ volatile("");
}

// Makes calls, and gives its hart up a little before its slice is over.
static void doze(void) {
  for (;;) {
    for (int index = 0; index < 300; index++)
      __asm__ volatile("");
    sleep(1);
  }
}

// Has others run in its place.
static void fork_on(void) {
  for (;;) {
    int child = fork();
    if (child == 0) {
      for (int index = 0; index < 100; index++)
        __asm__ volatile("");
      exit(0);
    }
    while (wait(0) != child)
      ;
  }
}

// Runs in groups below its own, a new one each time.
static void move_on(const char *in) {
  char below[32], procs[48];
  for (int index = 0;; index = !index) {
    strcpy(below, in);
    strcpy(below + strlen(below), index ? "/x" : "/y");
    strcpy(procs, below);
    strcpy(procs + strlen(procs), "/cgroup.procs");
    mkdir(below);
    CHECK(puts_all(procs, "0"));
    for (int turn = 0; turn < 200; turn++)
      __asm__ volatile("");
    unlink(in);
  }
}

int main(int argc, char **argv) {
  CHECK(argc >= 3);
  int each = atoi(argv[1]), ticks = atoi(argv[2]);
  char way = argc > 3 ? argv[3][0] : 'b';
  static const char *const names[] = {"/cgroup/a", "/cgroup/b", "/cgroup/c"};
  static const char *const weights[] = {"100", "200", "400"};
  for (int index = 0; index < 3; index++) {
    char path[48];
    CHECK(mkdir(names[index]) == 0);
    strcpy(path, names[index]);
    strcpy(path + strlen(path), "/cpu.weight");
    CHECK(puts_all(path, weights[index]));
  }
  for (int index = 0; index < 3 * each; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      char path[48];
      strcpy(path, names[index % 3]);
      strcpy(path + strlen(path), "/cgroup.procs");
      CHECK(prio_set(getpid(), 8) == 0 && puts_all(path, "0"));
      if (index % 3 == 0) {
        if (way == 's')
          doze();
        if (way == 'f')
          fork_on();
        if (way == 'm')
          move_on(names[0]);
      }
      burn_on();
    }
  }
  sleep(ticks);
  return 0;
}
