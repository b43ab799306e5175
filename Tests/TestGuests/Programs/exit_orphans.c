// Orphans are adopted by init, which reaps them: a thousand of them take no more slots than one,
// and their parent is 1.
#include "check.h"

static struct proc_info table[64];

static struct proc_info *listed(int pid) {
  int count = ps(table, 64);
  for (int index = 0; index < count; index++)
    if (table[index].pid == pid)
      return &table[index];
  return 0;
}

// Forks a child that forks another; returns the other's pid when the child has ended, `late` ticks
// after it began.
static int orphan_of(void (*body)(void), int late) {
  int ends[2], orphan = 0;
  CHECK(pipe(ends) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int grandchild = fork();
    if (grandchild == 0) {
      body();
      exit(0);
    }
    sleep(late);
    CHECK(write(ends[1], &grandchild, 4) == 4);
    exit(0);
  }
  CHECK(read(ends[0], &orphan, 4) == 4);
  CHECK(wait(0) == child);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return orphan;
}

static void end_at_once(void) {}
static void sleep_long(void) { sleep(1000); }

int main(void) {
  for (int round = 0; round < 150; round++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      CHECK(fork() >= 0);
      exit(0);
    }
    CHECK(wait(0) == child);
  }

  // An orphan that lives on has init as its parent.
  int orphan = orphan_of(sleep_long, 0);
  CHECK(listed(orphan) && listed(orphan)->parent == 1);
  CHECK(wait(0) == -1);
  CHECK(kill(orphan) == 0);
  sleep(2);
  CHECK(!listed(orphan));

  // One that had ended before its parent did is reaped as well, at once.
  orphan = orphan_of(end_at_once, 3);
  sleep(2);
  CHECK(!listed(orphan));
  return 0;
}
