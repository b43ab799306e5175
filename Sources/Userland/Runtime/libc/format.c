// The texts of `printf`. There is nothing of floating point, which the machine does not have: a conversion
// that is not here ends the program.
#include "format.h"
#include "internal.h"
#include <stdlib.h>
#include <string.h>

struct conversion {
  int left, plus, space, alternative, zero;
  int width, precision;  // -1: none
  int bits;
};

static void put(struct libc_sink *sink, const char *bytes, size_t count) {
  if (count)
    sink->put(sink, bytes, count);
  sink->total += count;
}

static void pad(struct libc_sink *sink, char byte, long count) {
  for (; count > 0; count--)
    put(sink, &byte, 1);
}

static void put_text(struct libc_sink *sink, struct conversion *how, const char *text, size_t count) {
  long missing = how->width - (long)count;
  if (!how->left)
    pad(sink, ' ', missing);
  put(sink, text, count);
  if (how->left)
    pad(sink, ' ', missing);
}

static void put_number(struct libc_sink *sink, struct conversion *how, uint64_t value, unsigned int base,
                       int is_upper, const char *sign) {
  char digits[24];
  size_t at = sizeof digits;
  const char *names = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (uint64_t rest = value; rest; rest /= base)
    digits[--at] = names[rest % base];
  long count = (long)(sizeof digits - at);
  long zeros = (how->precision < 0 ? 1 : how->precision) - count;
  if (how->alternative && base == 8 && zeros < 1)
    zeros = 1;
  if (how->alternative && base == 16 && value)
    sign = is_upper ? "0X" : "0x";
  long signs = (long)strlen(sign);
  if (zeros < 0)
    zeros = 0;
  if (how->zero && !how->left && how->precision < 0 && how->width > signs + zeros + count)
    zeros = how->width - signs - count;
  long missing = how->width - signs - zeros - count;
  if (!how->left)
    pad(sink, ' ', missing);
  put(sink, sign, (size_t)signs);
  pad(sink, '0', zeros);
  put(sink, digits + at, (size_t)count);
  if (how->left)
    pad(sink, ' ', missing);
}

static int number(const char **format, va_list *arguments) {
  int value = 0;
  if (**format == '*') {
    ++*format;
    return va_arg(*arguments, int);
  }
  while (**format >= '0' && **format <= '9')
    value = value * 10 + (*(*format)++ - '0');
  return value;
}

static int64_t signed_of(struct conversion *how, va_list *arguments) {
  if (how->bits == 64)
    return va_arg(*arguments, long);
  int value = va_arg(*arguments, int);
  return how->bits == 8 ? (signed char)value : how->bits == 16 ? (short)value : value;
}

static uint64_t unsigned_of(struct conversion *how, va_list *arguments) {
  if (how->bits == 64)
    return va_arg(*arguments, unsigned long);
  unsigned int value = va_arg(*arguments, unsigned int);
  return how->bits == 8 ? (unsigned char)value : how->bits == 16 ? (unsigned short)value : value;
}

static _Noreturn void refuse(char conversion) {
  char text[] = "printf: found %?, expected one of diouxXcspn%\n";
  text[15] = conversion;
  libc_write(2, text, sizeof text - 1);
  abort();
}

static const char *flags(const char *format, struct conversion *how) {
  for (;; format++)
    switch (*format) {
    case '-':
      how->left = 1;
      break;
    case '+':
      how->plus = 1;
      break;
    case ' ':
      how->space = 1;
      break;
    case '#':
      how->alternative = 1;
      break;
    case '0':
      how->zero = 1;
      break;
    default:
      return format;
    }
}

static void convert(struct libc_sink *sink, struct conversion *how, char conversion, va_list *arguments) {
  switch (conversion) {
  case 'd':
  case 'i': {
    int64_t value = signed_of(how, arguments);
    const char *sign = value < 0 ? "-" : how->plus ? "+" : how->space ? " " : "";
    put_number(sink, how, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, 0, sign);
    return;
  }
  case 'o':
  case 'u':
  case 'x':
  case 'X': {
    unsigned int base = conversion == 'o' ? 8 : conversion == 'u' ? 10 : 16;
    put_number(sink, how, unsigned_of(how, arguments), base, conversion == 'X', "");
    return;
  }
  case 'p': {
    void *value = va_arg(*arguments, void *);
    how->alternative = 1;
    if (value)
      put_number(sink, how, (uintptr_t)value, 16, 0, "");
    else
      put_text(sink, how, "(nil)", 5);
    return;
  }
  case 'c': {
    char byte = (char)va_arg(*arguments, int);
    put_text(sink, how, &byte, 1);
    return;
  }
  case 's': {
    const char *text = va_arg(*arguments, const char *);
    if (!text)
      text = "(null)";
    put_text(sink, how, text, how->precision < 0 ? strlen(text) : strnlen(text, (size_t)how->precision));
    return;
  }
  case 'n':
    *va_arg(*arguments, int *) = (int)sink->total;
    return;
  case '%':
    put(sink, "%", 1);
    return;
  default:
    refuse(conversion);
  }
}

void libc_format(struct libc_sink *sink, const char *format, va_list given) {
  va_list arguments;
  va_copy(arguments, given);
  while (*format) {
    const char *plain = format;
    while (*format && *format != '%')
      format++;
    put(sink, plain, (size_t)(format - plain));
    if (!*format)
      break;
    struct conversion how = {.precision = -1, .bits = 32};
    format = flags(format + 1, &how);
    how.width = number(&format, &arguments);
    if (how.width < 0) {
      how.left = 1;
      how.width = -how.width;
    }
    if (*format == '.') {
      format++;
      how.precision = number(&format, &arguments);
    }
    for (;; format++)
      if (*format == 'h')
        how.bits = how.bits == 16 ? 8 : 16;
      else if (*format == 'l' || *format == 'z' || *format == 'j' || *format == 't')
        how.bits = 64;
      else
        break;
    convert(sink, &how, *format, &arguments);
    if (*format)
      format++;
  }
  va_end(arguments);
}
