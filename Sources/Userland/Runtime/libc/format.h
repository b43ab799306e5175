#pragma once

#include <stdarg.h>
#include <stddef.h>

// Where a text goes: a piece at a time, in the order of the pieces.
struct libc_sink {
  void (*put)(struct libc_sink *sink, const char *bytes, size_t count);
  size_t total;
};

// What `printf` makes of a format.
void libc_format(struct libc_sink *sink, const char *format, va_list arguments);
