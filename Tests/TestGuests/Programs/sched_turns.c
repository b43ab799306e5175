// Processes of one priority take turns, whatever they do with them.
#include "check.h"

enum { SPINNERS = 3, TICKS = 30, TICK = 100000 };

int main(void) {
  int pids[SPINNERS];
  uint64_t run[SPINNERS], least = ~0ull;
  for (int index = 0; index < SPINNERS; index++) {
    pids[index] = fork();
    CHECK(pids[index] >= 0);
    if (pids[index] == 0)
      for (;;)
        __asm__ volatile("");
  }
  sleep(TICKS);

  static struct proc_info table[64];
  int count = ps(table, 64), seen = 0;
  for (int index = 0; index < count; index++)
    for (int spinner = 0; spinner < SPINNERS; spinner++)
      if (table[index].pid == pids[spinner]) {
        run[spinner] = table[index].instructions;
        seen++;
      }
  CHECK(seen == SPINNERS);
  for (int spinner = 0; spinner < SPINNERS; spinner++)
    least = run[spinner] < least ? run[spinner] : least;
  // One hart has run for all of the time, and nobody was left out. (Who is next of those that are
  // equal is drawn, unless the seed is 0.)
  CHECK(run[0] + run[1] + run[2] >= (TICKS - 2) * (uint64_t)TICK);
  CHECK(least >= 2 * (uint64_t)TICK);

  // Who only spins keeps nobody from waiting for a moment.
  int before = uptime();
  for (int round = 0; round < 3; round++)
    CHECK(sleep(1) == 0);
  CHECK(uptime() - before <= 30 * (SPINNERS + 2));
  for (int spinner = 0; spinner < SPINNERS; spinner++)
    CHECK(kill(pids[spinner]) == 0);
  while (wait(0) > 0)
    ;
  return 0;
}
