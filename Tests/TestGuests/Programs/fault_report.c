// Faults at addresses that are known beforehand, for the text that the console shows.
#include "check.h"

static void load(void) { (void)*(volatile char *)0x12345678; }
static void jump(void) { ((void (*)(void))0x7ffff000)(); }
static void stop(void) { __asm__ volatile("ebreak"); }

int main(void) {
  CHECK(status_of(load) == -1);
  CHECK(status_of(jump) == -1);
  CHECK(status_of(stop) == -1);
  return 0;
}
