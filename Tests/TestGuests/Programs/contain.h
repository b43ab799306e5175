// What the tests of calls 22 to 42 share.
#pragma once

#include "check.h"

// Runs the body in a child, in a container of its own, and returns the status that it ended with.
static void (*contained)(void);
static inline void enter_and_run(void) {
  CHECK(cm_create_and_enter() == 0);
  contained();
}
static inline int in_container(void (*body)(void)) {
  contained = body;
  return status_of(enter_and_run);
}

// Whether there is something at a path that can be read.
static inline int opens(const char *path) {
  int file = open(path, O_RDONLY);
  if (file >= 0)
    close(file);
  return file >= 0;
}

// A gate: whoever waits goes on when it is opened.
struct gate {
  int ends[2];
};
static inline struct gate make_gate(void) {
  struct gate gate;
  CHECK(pipe(gate.ends) == 0);
  return gate;
}
static inline void await(struct gate gate) {
  char byte;
  close(gate.ends[1]);
  read(gate.ends[0], &byte, 1);
}
static inline void open_gate(struct gate gate) {
  close(gate.ends[0]);
  close(gate.ends[1]);
}
// One number through a pipe.
static inline void tell(struct gate gate, int number) {
  CHECK(write(gate.ends[1], &number, sizeof number) == sizeof number);
}
static inline int hear(struct gate gate) {
  int number = -1000;
  CHECK(read(gate.ends[0], &number, sizeof number) == sizeof number);
  return number;
}
