// An int argument is the lower 32 bits of its register, whatever is in the upper ones.
#include "check.h"

static long call(long number, long first, long second) {
  register long a0 __asm__("a0") = first;
  register long a1 __asm__("a1") = second;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}

static long dirty(int number) { return (long)(0xeaeb0b5b00000000ul | (unsigned)number); }

static void limit_inside(void) {
  CHECK(cm_create_and_enter() == 0);
  CHECK(call(26, dirty(3), 0) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(0);
  CHECK(wait(0) == child);
}

static void limit(void) {
  CHECK(call(23, dirty(8), 0) == 0 && call(23, dirty(4), 0) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(0);
  CHECK(wait(0) == child);
}

int main(void) {
  CHECK(status_of(limit) == 0);
  CHECK(status_of(limit_inside) == 0);
  CHECK(call(36, dirty(getpid()), dirty(9)) == 0 && prio_get(getpid()) == 9);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    for (;;)
      sleep(1);
  CHECK(call(6, dirty(child), 0) == 0 && wait(0) == child);
  int mutex = mutex_create("m");
  CHECK(call(32, dirty(mutex), 0) == 0 && call(35, dirty(mutex), 0) == 0);
  CHECK(call(33, dirty(mutex), 0) == 0 && call(31, dirty(mutex), 0) == 0);
  exit(0);
}
