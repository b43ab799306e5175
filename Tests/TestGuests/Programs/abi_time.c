// Virtual time: rdcycle, rdtime and rdinstret read it, and it grows with what is run.
#include "check.h"

static unsigned long cycles(void) {
  unsigned long value;
  __asm__ volatile("rdcycle %0" : "=r"(value));
  return value;
}

static unsigned long instructions(void) {
  unsigned long value;
  __asm__ volatile("rdinstret %0" : "=r"(value));
  return value;
}

static unsigned long time_now(void) {
  unsigned long value;
  __asm__ volatile("rdtime %0" : "=r"(value));
  return value;
}

static void burn(unsigned long loops) {
  while (loops--)
    __asm__ volatile("");
}

int main(void) {
  unsigned long before = cycles();
  burn(1000);
  unsigned long after = cycles();
  CHECK(after - before >= 2000);
  CHECK(after - before < 100000);
  CHECK(time_now() >= after);
  CHECK(instructions() >= after);

  // A tick is 100,000 instructions.
  int tick = uptime();
  burn(150000);
  CHECK(uptime() > tick);
  CHECK(uptime() - tick < 20);

  // fence and fence.i do nothing that can be seen here.
  __asm__ volatile("fence rw, rw\n fence.i\n fence.tso" ::: "memory");
  return 0;
}
