// Groups of children, each of which runs without end at a priority of its own: so many of them at 11, 8
// and 5, which weigh 512, 1024 and 2048, or all at one that is given. Ends after so many ticks.
#include "check.h"

int main(int argc, char **argv) {
  CHECK(argc >= 3);
  int each = atoi(argv[1]), ticks = atoi(argv[2]);
  static const int priorities[] = {11, 8, 5};
  for (int index = 0; index < 3 * each; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(prio_set(getpid(), argc > 3 ? atoi(argv[3]) : priorities[index % 3]) == 0);
      for (;;)
        __asm__ volatile("");
    }
  }
  sleep(ticks);
  return 0;
}
