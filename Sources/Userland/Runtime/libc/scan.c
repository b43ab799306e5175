// What `scanf` reads: numbers, words, bytes and sets of bytes; nothing of floating point.
#include "file.h"
#include <ctype.h>
#include <stdlib.h>

static int next(struct libc_source *source) {
  int byte = source->back;
  if (byte == -2)
    byte = source->next(source);
  source->back = -2;
  source->count++;
  return byte;
}

static void back(struct libc_source *source, int byte) {
  source->back = byte;
  source->count--;
}

static void skip(struct libc_source *source) {
  int byte;
  while (isspace(byte = next(source)))
    ;
  back(source, byte);
}

static int digit(int byte) {
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  byte = tolower(byte);
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : 99;
}

// Whether there was a number.
static int number(struct libc_source *source, int base, int width, uint64_t *result) {
  int byte = next(source), negative = byte == '-', digits = 0;
  uint64_t value = 0;
  if (byte == '-' || byte == '+') {
    byte = next(source);
    width--;
  }
  if (byte == '0' && (base == 0 || base == 16) && width > 0) {
    digits = 1;
    width--;
    byte = next(source);
    if (tolower(byte) == 'x' && width > 0) {
      base = 16;
      width--;
      digits = 0;
      byte = next(source);
    } else if (base == 0) {
      base = 8;
    }
  }
  if (base == 0)
    base = 10;
  for (; width > 0 && digit(byte) < base; width--, digits++, byte = next(source))
    value = value * (uint64_t)base + (uint64_t)digit(byte);
  back(source, byte);
  *result = negative ? 0 - value : value;
  return digits > 0;
}

static void store(void *to, int bits, uint64_t value) {
  switch (bits) {
  case 8:
    *(uint8_t *)to = (uint8_t)value;
    break;
  case 16:
    *(uint16_t *)to = (uint16_t)value;
    break;
  case 32:
    *(uint32_t *)to = (uint32_t)value;
    break;
  default:
    *(uint64_t *)to = value;
  }
}

// A set of bytes such as [a-z]; gives the end of it in the format.
static const char *set(const char *format, char *is_in) {
  int is_not = *format == '^';
  format += is_not;
  for (int byte = 0; byte < 256; byte++)
    is_in[byte] = (char)is_not;
  for (int is_first = 1; *format && (is_first || *format != ']'); is_first = 0) {
    int from = (unsigned char)*format++, to = from;
    if (*format == '-' && format[1] && format[1] != ']') {
      to = (unsigned char)format[1];
      format += 2;
    }
    for (int byte = from; byte <= to; byte++)
      is_in[byte] = !is_not;
  }
  return format;
}

// Bytes of a set, or any that are no spaces; how many.
static int bytes(struct libc_source *source, int width, const char *is_in, char *to) {
  int count = 0, byte = next(source);
  for (; count < width && byte >= 0 && (is_in ? is_in[byte] : !isspace(byte)); byte = next(source)) {
    if (to)
      to[count] = (char)byte;
    count++;
  }
  back(source, byte);
  return count;
}

static _Noreturn void refuse(char conversion) {
  char text[] = "scanf: found %?, expected one of diouxXpcsn[%\n";
  text[14] = conversion;
  libc_write(2, text, sizeof text - 1);
  abort();
}

int libc_scan(struct libc_source *source, const char *format, va_list given) {
  va_list arguments;
  va_copy(arguments, given);
  int found = 0, goes_on = 1, is_at_end = 0;
  for (; goes_on && *format; format++) {
    if (isspace((unsigned char)*format)) {
      skip(source);
      continue;
    }
    int byte;
    if (*format != '%') {
      if ((byte = next(source)) != (unsigned char)*format) {
        back(source, byte);
        is_at_end = byte < 0;
        break;
      }
      continue;
    }
    int width = 0, bits = 32, is_dropped = *++format == '*';
    format += is_dropped;
    while (isdigit((unsigned char)*format))
      width = width * 10 + (*format++ - '0');
    for (;; format++)
      if (*format == 'h')
        bits = bits == 16 ? 8 : 16;
      else if (*format == 'l' || *format == 'z' || *format == 'j' || *format == 't')
        bits = 64;
      else
        break;
    char conversion = *format, is_in[256];
    if (conversion != 'c' && conversion != '[' && conversion != 'n')
      skip(source);
    if (conversion != 'n' && conversion != '%') {
      byte = next(source);
      back(source, byte);
      if (byte < 0) {
        is_at_end = 1;
        break;
      }
    }
    void *to = is_dropped || conversion == '%' ? 0 : va_arg(arguments, void *);
    uint64_t value = 0;
    int count = 0, is_text = 0;
    switch (conversion) {
    case 'd':
    case 'u':
      count = number(source, 10, width ? width : INT32_MAX, &value);
      break;
    case 'i':
      count = number(source, 0, width ? width : INT32_MAX, &value);
      break;
    case 'o':
      count = number(source, 8, width ? width : INT32_MAX, &value);
      break;
    case 'p':
      bits = 64;
      count = number(source, 16, width ? width : INT32_MAX, &value);
      break;
    case 'x':
    case 'X':
      count = number(source, 16, width ? width : INT32_MAX, &value);
      break;
    case 's':
      is_text = 1;
      count = bytes(source, width ? width : INT32_MAX, 0, to);
      break;
    case '[':
      is_text = 1;
      format = set(format + 1, is_in);
      count = bytes(source, width ? width : INT32_MAX, is_in, to);
      break;
    case 'c':
      for (width += !width; count < width && (byte = next(source)) >= 0; count++)
        if (to)
          ((char *)to)[count] = (char)byte;
      goes_on = count == width;
      found += goes_on && to;
      continue;
    case 'n':
      store(to, bits, (uint64_t)source->count);
      continue;
    case '%':
      if ((byte = next(source)) != '%') {
        back(source, byte);
        goes_on = 0;
      }
      continue;
    default:
      refuse(conversion);
    }
    goes_on = count > 0;
    if (goes_on && to) {
      if (is_text)
        ((char *)to)[count] = 0;
      else
        store(to, bits, value);
      found++;
    }
  }
  va_end(arguments);
  return found == 0 && is_at_end ? EOF : found;
}
