// Formatted texts. A text is put together in a line on the stack and written when the line is full
// and at the end, so that short messages of several processes do not mix.
#include "guest.h"

typedef struct {
  int descriptor;
  int count;
  int total;
  char bytes[128];
} Line;

static void flush(Line *line) {
  if (line->count)
    write(line->descriptor, line->bytes, line->count);
  line->count = 0;
}

static void put(Line *line, char byte) {
  if (line->count == sizeof line->bytes)
    flush(line);
  line->bytes[line->count++] = byte;
  line->total++;
}

static void pad(Line *line, char byte, int count) {
  while (count-- > 0)
    put(line, byte);
}

static void put_text(Line *line, const char *text, int width, int left) {
  int missing = width - (int)strlen(text);
  if (!left)
    pad(line, ' ', missing);
  while (*text)
    put(line, *text++);
  if (left)
    pad(line, ' ', missing);
}

static void put_number(Line *line, uint64_t value, int base, int negative, char fill, int width,
                       int left) {
  char digits[24];
  int at = sizeof digits;
  digits[--at] = 0;
  do
    digits[--at] = "0123456789abcdef"[value % (uint64_t)base];
  while ((value /= (uint64_t)base));
  if (fill == '0' && !left)
    while ((int)sizeof digits - 1 - at + negative < width && at > 1)
      digits[--at] = '0';
  if (negative)
    digits[--at] = '-';
  put_text(line, digits + at, width, left);
}

int vfprintf(int descriptor, const char *format, va_list arguments) {
  Line line = {.descriptor = descriptor};
  for (; *format; format++) {
    if (*format != '%') {
      put(&line, *format);
      continue;
    }
    int left = 0, width = 0, wide = 0;
    char fill = ' ';
    for (format++; *format == '-' || *format == '0'; format++)
      if (*format == '-')
        left = 1;
      else
        fill = '0';
    while (*format >= '0' && *format <= '9')
      width = width * 10 + (*format++ - '0');
    for (; *format == 'l' || *format == 'z'; format++)
      wide = 1;
    switch (*format) {
    case 'd':
    case 'i': {
      int64_t value = wide ? va_arg(arguments, long) : va_arg(arguments, int);
      uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
      put_number(&line, size, 10, value < 0, fill, width, left);
      break;
    }
    case 'u':
    case 'x': {
      uint64_t value = wide ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned int);
      put_number(&line, value, *format == 'u' ? 10 : 16, 0, fill, width, left);
      break;
    }
    case 'p':
      put_text(&line, "0x", 0, 0);
      put_number(&line, va_arg(arguments, uintptr_t), 16, 0, '0', 16, 0);
      break;
    case 'c':
      put(&line, (char)va_arg(arguments, int));
      break;
    case 's': {
      const char *text = va_arg(arguments, const char *);
      put_text(&line, text ? text : "(null)", width, left);
      break;
    }
    case '%':
      put(&line, '%');
      break;
    case 0:
      format--;
      break;
    default:
      put(&line, '%');
      put(&line, *format);
    }
  }
  flush(&line);
  return line.total;
}

int fprintf(int descriptor, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int total = vfprintf(descriptor, format, arguments);
  va_end(arguments);
  return total;
}

int printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int total = vfprintf(1, format, arguments);
  va_end(arguments);
  return total;
}

int putchar(int byte) {
  char one = (char)byte;
  return write(1, &one, 1) == 1 ? byte : -1;
}
