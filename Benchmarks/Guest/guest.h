// What the benchmark programs need of a system: two Linux-numbered calls, so that the same ELF runs
// on qemu-riscv64 and on a bare hart.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

static inline long guest_call(long number, long a, long b, long c) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

// Prints a name and a number that depends on all of the work.
static inline void report(const char *name, u64 value) {
  char line[64];
  int n = 0;
  while (*name) line[n++] = *name++;
  line[n++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) line[n++] = "0123456789abcdef"[value >> shift & 15];
  line[n++] = '\n';
  guest_call(64, 1, (long)line, n);
}

static inline u64 next_random(u64 *state) {
  u64 x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

void work(void);

__attribute__((used)) static void guest_main(void) {
  work();
  guest_call(93, 0, 0, 0);
}

__attribute__((naked, used)) void _start(void) { __asm__("andi sp, sp, -16\n j guest_main\n"); }

// The compiler may call these.
void *memset(void *target, int value, u64 count) {
  for (u64 i = 0; i < count; i++) ((volatile u8 *)target)[i] = (u8)value;
  return target;
}
void *memcpy(void *target, const void *source, u64 count) {
  for (u64 i = 0; i < count; i++) ((volatile u8 *)target)[i] = ((const u8 *)source)[i];
  return target;
}
