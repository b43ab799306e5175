// While enough processes of higher priority can run to keep every hart busy, one below them does
// not run at all; when they are gone, it does.
#include "check.h"

enum { BUSY = 8 };

static int spinner(int priority) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    for (;;)
      __asm__ volatile("");
  CHECK(prio_set(child, priority) == 0);
  return child;
}

static uint64_t instructions(int pid) {
  static struct proc_info table[64];
  int count = ps(table, 64);
  for (int index = 0; index < count; index++)
    if (table[index].pid == pid)
      return table[index].instructions;
  CHECK(!"the process is not listed");
  return 0;
}

int main(void) {
  int busy[BUSY];
  int low = spinner(9);
  for (int index = 0; index < BUSY; index++)
    busy[index] = spinner(5);
  sleep(2);
  uint64_t before = instructions(low);
  sleep(12);
  CHECK(instructions(low) == before);

  // Up with it, and it has its turns with the others.
  CHECK(prio_set(low, 5) == 0);
  sleep(12);
  uint64_t among = instructions(low);
  CHECK(among > before);

  // Down again, and the others gone, it has a hart to itself.
  CHECK(prio_set(low, 9) == 0);
  for (int index = 0; index < BUSY; index++)
    CHECK(kill(busy[index]) == 0 && wait(0) > 0);
  among = instructions(low);
  sleep(4);
  CHECK(instructions(low) - among >= 300000);
  CHECK(kill(low) == 0 && wait(0) == low);
  return 0;
}
