#pragma once

#include "internal.h"
#include <stdio.h>

struct _IO_FILE {
  int descriptor, lock;
  int is_at_end, has_failed;
  // What has been read and not yet taken; a byte that was put back is in front of it.
  int at, count, back;  // -1: none was
  unsigned char bytes[512];
};

// With the lock held: the next byte, or EOF.
int libc_next_byte(FILE *file);
// What `scanf` does: `next` gives bytes, -1 at the end, and one that is not wanted goes to `back`.
struct libc_source {
  int (*next)(struct libc_source *source);
  void *from;
  int count, back;  // -2: none
};
int libc_scan(struct libc_source *source, const char *format, va_list arguments);
