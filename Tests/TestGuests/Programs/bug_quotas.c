// What holds of quotas: those who run at a time share one, and what calls cost beyond it is owed.
#include "provoke.h"

static void put(const char *path, const char *value) {
  int file = open(path, O_WRONLY);
  CHECK(file >= 0 && write(file, value, (int)strlen(value)) == (int)strlen(value));
  close(file);
}

int main(void) {
  CHECK(mkdir("/cgroup/q") == 0);
  put("/cgroup/q/cpu.max", "20000 100000");
  for (int index = 0; index < 2; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      put("/cgroup/q/cgroup.procs", "0");
      // Calls that cost much: in most periods the quota is used up in one.
      for (;;) {
        burn(1900);
        CHECK(sbrk(48 * 4096) != (char *)-1);
        CHECK(sbrk(-48 * 4096) != (char *)-1);
      }
    }
  }
  sleep(60);
  put("/cgroup/q/cgroup.kill", "1");
  while (wait(0) > 0)
    ;
  return 0;
}
