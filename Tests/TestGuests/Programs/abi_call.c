// Makes the call of a number with two numbers, and prints what came back: abi_call NUMBER [A [B]].
#include "check.h"

static long call(long number, long a, long b) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 0;
  long a = argc > 2 ? atoi(argv[2]) : 0, b = argc > 3 ? atoi(argv[3]) : 0;
  printf("%ld\n", call(atoi(argv[1]), a, b));
  return 0;
}
