// What calls cost: small ones a hundred instructions, large ones by what they do; and whoever makes
// them is charged for it.
#include "check.h"

static uint64_t now(void) {
  uint64_t time;
  __asm__ volatile("rdtime %0" : "=r"(time));
  return time;
}

#define COST(call)                      \
  ({                                    \
    uint64_t began = now();             \
    CHECK(call);                        \
    now() - began;                      \
  })

static char bytes[200000];

static uint64_t used(void) {
  static struct proc_info table[64];
  int count = ps(table, 64), own = getpid();
  for (int index = 0; index < count; index++)
    if (table[index].pid == own)
      return table[index].instructions;
  return 0;
}

int main(void) {
  CHECK(COST(getpid() > 0) < 130);
  CHECK(COST(open("README", O_RDONLY) >= 0) < 200);
  int file = open("large", O_CREATE | O_RDWR);
  CHECK(COST(write(file, bytes, 10) == 10) < 200);
  CHECK(COST(write(file, bytes, sizeof bytes) == sizeof bytes) > sizeof bytes / 16);
  // A refused one costs what it has done.
  CHECK(COST(write(file, bytes, 1 << 30) == -1) > 70000 / 16);
  CHECK(COST(sbrk(1 << 20) != (char *)-1) > 256 * 64);
  CHECK(COST(fork() >= 0 || (exit(0), 0)) > 256 / 4);
  CHECK(wait(0) > 0);

  uint64_t before = used();
  for (int loop = 0; loop < 100; loop++)
    getpid();
  uint64_t charged = used() - before;
  CHECK(charged > 100 * 100 && charged < 30000);
  return 0;
}
