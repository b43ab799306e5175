// ps: the visible processes, lowest pid first.
#include "check.h"

static struct proc_info table[64];

static struct proc_info *entry(int count, int pid) {
  for (int index = 0; index < count; index++)
    if (table[index].pid == pid)
      return &table[index];
  return 0;
}

int main(void) {
  CHECK(sizeof table[0] == 48);
  memset(table, 0xff, sizeof table);
  int me = getpid();
  int count = ps(table, 64);
  CHECK(count == 2);
  CHECK(table[0].pid == 1 && table[0].parent == 0 && strcmp(table[0].name, "init") == 0);
  CHECK(table[0].state == P_BLOCKED && table[0].priority == 0 && table[0].cid == 0);
  CHECK(table[1].pid == me && table[1].parent == 1 && table[1].cid == 0);
  CHECK(table[1].state == P_RUNNING && table[1].zero == 0);
  CHECK(strcmp(table[1].name, "call_ps") == 0);
  CHECK(table[1].instructions > 0);
  CHECK(table[2].pid == -1);

  // What has been run is counted.
  uint64_t before = table[1].instructions;
  for (int loop = 0; loop < 1000; loop++)
    __asm__ volatile("");
  CHECK(ps(table, 64) == 2 && table[1].instructions >= before + 2000);

  // A blocked child, an exited one, one that could run.
  int asleep = fork();
  if (asleep == 0)
    sleep(100000);
  int exited = fork();
  if (exited == 0)
    exit(0);
  sleep(2);
  int runnable = fork();
  if (runnable == 0)
    for (;;)
      __asm__ volatile("");
  count = ps(table, 64);
  CHECK(count == 5);
  for (int index = 1; index < count; index++)
    CHECK(table[index - 1].pid < table[index].pid);
  CHECK(entry(count, asleep)->state == P_BLOCKED && entry(count, asleep)->parent == me);
  CHECK(entry(count, exited)->state == P_EXITED);
  CHECK(entry(count, runnable)->state == P_RUNNABLE || entry(count, runnable)->state == P_RUNNING);
  CHECK(strcmp(entry(count, asleep)->name, "call_ps") == 0);

  // No more than there is room for.
  memset(table, 0xff, sizeof table);
  CHECK(ps(table, 1) == 1);
  CHECK(table[0].pid == 1 && table[1].pid == -1);
  CHECK(ps(table, 0) == 0);
  CHECK(ps(table, -1) == -1);
  CHECK(ps(NOWHERE, 64) == -1);
  char *page = last_page();
  CHECK(ps((struct proc_info *)(page + PGSIZE - 48), 2) == -1);
  CHECK(ps((struct proc_info *)(page + PGSIZE - 48), 1) == 1);
  CHECK(kill(asleep) == 0 && kill(runnable) == 0);
  return 0;
}
