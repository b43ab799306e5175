// What a container's numbers are: each given once, and none that means somebody outside.
#include "provoke.h"

static int outsider;

static void look_across(void) {
  enter();
  CHECK(outsider > 2);
  CHECK(prio_get(outsider) == -1);
  CHECK(prio_set(outsider, 14) == -1);
}

static void count_children(void) {
  enter();
  CHECK(getpid() == 1);
  for (int number = 2; number < 5; number++) {
    int child = fork();
    if (child == 0)
      exit(getpid());
    int status;
    CHECK(wait(&status) > 0 && status == number && child == number);
  }
}

// What is to be seen in /proc: the container's own.
static void read_proc(void) {
  char bytes[512];
  enter();
  int folder = open("/proc", O_RDONLY), own = open("/proc/1/status", O_RDONLY);
  CHECK(folder >= 0 && own >= 0);
  CHECK(read(folder, bytes, sizeof bytes) == 12 * 16);  // ., .., self, net, seven texts and itself
  CHECK(open("/proc/2/status", O_RDONLY) == -1);
}

int main(void) {
  make_gate();
  hold(nothing);
  outsider = hold(nothing);
  CHECK(status_of(look_across) == 0);
  CHECK(status_of(count_children) == 0);
  CHECK(status_of(read_proc) == 0);
  open_gate();
  CHECK(wait(0) > 0 && wait(0) > 0);
  return 0;
}
