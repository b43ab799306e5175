// A fault ends the process with status -1 and harms nobody else.
#include "check.h"

static char data[PGSIZE] = {1};
static volatile long sink;

static void write_null(void) { *(volatile int *)0 = 1; }
static void write_text(void) { *(volatile char *)write_null = 1; }
static void read_past_the_heap(void) { sink = *(volatile long *)sbrk(0); }
static void read_top(void) { sink = *(volatile long *)0x3fffffe000; }
static void read_far(void) { sink = *(volatile long *)0x8000000000000000; }
static void write_last(void) { *(volatile char *)-1 = 1; }
static void jump_to(uintptr_t address) { ((void (*)(void))address)(); }
static void jump_far(void) { jump_to(1ull << 63); }
static void jump_last(void) { jump_to(-2ull); }
static void jump_unmapped(void) { jump_to((uintptr_t)sbrk(0) + 1024 * 1024); }
static void jump_data(void) {
  *(uint32_t *)data = 0x00008067;  // ret
  jump_to((uintptr_t)data);
}
static void jump_stack(void) {
  volatile uint32_t code = 0x00008067;
  jump_to((uintptr_t)&code);
}
static void touch_guard(void) {
  char here;
  *(volatile char *)(((uintptr_t)&here & ~(uintptr_t)(PGSIZE - 1)) - 1) = 1;
}
static int deeper(int depth) {
  volatile char frame[100];
  frame[0] = (char)depth;
  return depth == 0 ? 0 : deeper(depth - 1) + frame[0];
}
static void overflow_stack(void) { sink = deeper(1000); }
static void cross_the_end(void) {
  char *page = last_page();
  *(volatile uint64_t *)(page + PGSIZE - 4) = 1;
}

#define INSTRUCTION(name, word) \
  static void name(void) { __asm__ volatile(".4byte " #word); }
INSTRUCTION(zeros, 0)
INSTRUCTION(ones, 0xffffffff)
INSTRUCTION(break_point, 0x00100073)
INSTRUCTION(short_break_point, 0x90029002)
INSTRUCTION(float_add, 0x00000053)
INSTRUCTION(float_load, 0x00013007)
INSTRUCTION(float_store, 0x00013027)
INSTRUCTION(read_fcsr, 0x00302573)
INSTRUCTION(read_sstatus, 0x10002573)
INSTRUCTION(read_mhartid, 0xf1402573)
INSTRUCTION(write_cycle, 0xc0001073)
INSTRUCTION(supervisor_return, 0x10200073)
INSTRUCTION(machine_return, 0x30200073)
INSTRUCTION(wait_for_interrupt, 0x10500073)
INSTRUCTION(flush_translations, 0x12000073)
INSTRUCTION(vector, 0x00000057)

int main(void) {
  void (*bodies[])(void) = {
      write_null,    write_text,        read_past_the_heap, read_top,
      read_far,      write_last,        jump_far,           jump_last,
      jump_unmapped, jump_data,         jump_stack,         touch_guard,
      overflow_stack, cross_the_end,    zeros,              ones,
      break_point,   short_break_point, float_add,          float_load,
      float_store,   read_fcsr,         read_sstatus,       read_mhartid,
      write_cycle,   supervisor_return, machine_return,     wait_for_interrupt,
      flush_translations, vector,
  };
  for (int index = 0; index < (int)(sizeof bodies / sizeof *bodies); index++) {
    int status = status_of(bodies[index]);
    if (status != -1)
      fprintf(2, "body %d: status %d\n", index, status);
    CHECK(status == -1);
  }
  return 0;
}
