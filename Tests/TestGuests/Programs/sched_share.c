// Who sleeps just before each tick takes nothing from an equal who only runs: each of the two has
// about half of the hart.
#include "check.h"

enum { TICKS = 60, TICK = 100000 };

static uint64_t now(void) {
  uint64_t time;
  __asm__ volatile("rdtime %0" : "=r"(time));
  return time;
}

int main(void) {
  int runner = fork();
  if (runner == 0)
    for (;;)
      __asm__ volatile("");
  int sleeper = fork();
  if (sleeper == 0)
    for (;;) {
      while (now() % TICK < TICK - 1500)
        ;
      sleep(1);
    }
  sleep(TICKS);

  static struct proc_info table[64];
  uint64_t ran = 0, slept = 0;
  int count = ps(table, 64);
  for (int index = 0; index < count; index++) {
    if (table[index].pid == runner)
      ran = table[index].instructions;
    if (table[index].pid == sleeper)
      slept = table[index].instructions;
  }
  printf("%d %d\n", (int)ran, (int)slept);
  CHECK(ran > TICKS * (uint64_t)TICK / 3);
  kill(runner);
  kill(sleeper);
  while (wait(0) > 0)
    ;
  return 0;
}
