// What holds of shares: weights count, and a group that sleeps for long has no more of them when it wakes.
#include "provoke.h"

static void put(const char *path, const char *value) {
  int file = open(path, O_WRONLY);
  CHECK(file >= 0 && write(file, value, (int)strlen(value)) == (int)strlen(value));
  close(file);
}

static void start(const char *procs, int rests) {
  int child = fork();
  CHECK(child >= 0);
  if (child)
    return;
  put(procs, "0");
  CHECK(prio_set(getpid(), 8) == 0);
  for (;;) {
    burn(rests ? 300000 : 3000000);
    if (rests)
      sleep(60);
  }
}

int main(void) {
  CHECK(mkdir("/cgroup/light") == 0 && mkdir("/cgroup/heavy") == 0);
  put("/cgroup/heavy/cpu.weight", "400");
  for (int index = 0; index < 2; index++) {
    start("/cgroup/light/cgroup.procs", 1);
    start("/cgroup/heavy/cgroup.procs", 0);
  }
  sleep(300);
  put("/cgroup/light/cgroup.kill", "1");
  put("/cgroup/heavy/cgroup.kill", "1");
  while (wait(0) > 0)
    ;
  return 0;
}
