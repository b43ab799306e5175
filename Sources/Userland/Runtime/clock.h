// Virtual time, in instructions.
#pragma once

#include <stdint.h>

static inline uint64_t time_now(void) {
  uint64_t now;
  __asm__ volatile("rdtime %0" : "=r"(now));
  return now;
}
