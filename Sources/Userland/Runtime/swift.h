// What the Swift side of the runtime needs of C, beyond what every program has.
#pragma once

#include "address.h"
#include "attack.h"
#include "channel.h"
#include "clock.h"
#include "group.h"
#include "json.h"
#include "log.h"
#include "manager.h"

void text_begin(void);
void text_bytes(const uint8_t *bytes, long count);
void text_string(const char *text, int width);
void text_number(long value, int width);
void text_pad(int count);

// Writing: 0 if not all of it could be written; and whether that has ever been so of the output.
int text_write(int descriptor);
int output_write(int descriptor, const void *bytes, int count);
int output_lost(void);

int text_take(uint8_t *to);

// `free` and `read` by names that a method's own does not hide.
static inline void free_block(void *block) { free(block); }
static inline int read_file(int file, void *buffer, int count) { return read(file, buffer, count); }

// A loop that no compiler removes.
static inline void burn(unsigned long loops) {
  while (loops--)
    __asm__ volatile("");
}
