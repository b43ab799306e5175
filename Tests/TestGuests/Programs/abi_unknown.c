// A number that is no call prints a line and returns -1.
#include "check.h"

static long call(long number) {
  register long a0 __asm__("a0") = 7;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

int main(void) {
  CHECK(call(0) == -1);
  CHECK(call(2000) == -1);
  CHECK(call(-1) == -1);
  CHECK(call(2147483647) == -1);
  CHECK(call((1L << 32) + 1000) == -1);
  return 0;
}
