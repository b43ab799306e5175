// A call keeps every integer register but a0, takes its number as a 32-bit int, and sign-extends
// its result.
#include "check.h"

#define KEPT "1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31"
#define SAVED "1, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27"

// Returns the bits in which a register differs after the call from what it held before.
long changed_bits(void);
__asm__(
    ".text\n"
    "changed_bits:\n"
    "  addi sp, sp, -256\n"
    "  .irp r, " SAVED "\n"
    "    sd x\\r, 8 * \\r(sp)\n"
    "  .endr\n"
    "  .irp r, " KEPT "\n"
    "    li x\\r, 1000 + \\r\n"
    "  .endr\n"
    "  li a7, 11\n"
    "  ecall\n"
    "  li a0, 0\n"
    "  .irp r, " KEPT "\n"
    "    addi x\\r, x\\r, -1000 - \\r\n"
    "    or a0, a0, x\\r\n"
    "  .endr\n"
    "  addi x17, x17, -11\n"
    "  or a0, a0, x17\n"
    "  .irp r, " SAVED "\n"
    "    ld x\\r, 8 * \\r(sp)\n"
    "  .endr\n"
    "  addi sp, sp, 256\n"
    "  ret\n");

static long call(long number, long first) {
  register long a0 __asm__("a0") = first;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

int main(void) {
  CHECK(changed_bits() == 0);

  // Only the low half of a7, and of an int argument, counts.
  CHECK(call(11 + (7L << 32), 0) == getpid());
  CHECK(call(13, 5L << 32) == 0);
  CHECK(call(21, (1L << 32) + 77) == -1L);

  // A failure has all 64 bits set, as has a negative status on its way through wait.
  CHECK(call(10, 99) == -1L);
  return 0;
}
