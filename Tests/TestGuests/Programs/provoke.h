// What the programs that provoke the kernel's defects have in common. Each does what is right to do
// in a place where a kernel has been wrong once, and ends with 0 on a kernel that is right.
#pragma once

#include "check.h"

static int gate[2];

// Lets a body run in a child that then waits until the gate is opened, and returns its pid once
// the body is done.
static inline int hold(void (*body)(void)) {
  int ready[2];
  char byte = 0;
  CHECK(pipe(ready) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(ready[0]);
    close(gate[1]);
    body();
    CHECK(write(ready[1], &byte, 1) == 1);
    close(ready[1]);
    read(gate[0], &byte, 1);
    exit(0);
  }
  close(ready[1]);
  CHECK(read(ready[0], &byte, 1) == 1);
  close(ready[0]);
  return child;
}

static inline void open_gate(void) {
  close(gate[0]);
  close(gate[1]);
}

static inline void make_gate(void) { CHECK(pipe(gate) == 0); }

static inline void nothing(void) {}

static inline void enter(void) { CHECK(cm_create_and_enter() == 0); }

// Runs a loop for about this many instructions.
static inline void burn(unsigned long count) {
  for (unsigned long loop = 0; loop < count / 2; loop++)
    __asm__ volatile("");
}
