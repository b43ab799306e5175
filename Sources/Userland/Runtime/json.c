// Texts of JSON, as json.h describes them.
#include "json.h"

struct reading {
  const uint8_t *at, *end;
  char *to;
  long room, length;
};

static int next(const struct reading *reading) {
  return reading->at < reading->end ? *reading->at : 0;
}

static void put(struct reading *reading, int byte) {
  if (reading->length < reading->room)
    reading->to[reading->length] = (char)byte;
  reading->length++;
}

// Four digits behind what it stands at; -1 at what is none.
static int32_t four_digits(struct reading *reading) {
  int32_t value = 0;
  for (int count = 0; count < 4; count++) {
    reading->at++;
    int digit = next(reading) - '0', letter = (next(reading) | 0x20) - 'a';
    if (digit >= 0 && digit < 10)
      value = value << 4 | digit;
    else if (letter >= 0 && letter < 6)
      value = value << 4 | (letter + 10);
    else
      return -1;
  }
  reading->at++;
  return value;
}

// A scalar value as `uXXXX`, or as two halves `uXXXX\uXXXX`.
static const char *put_scalar(struct reading *reading) {
  static const char *const digits = "four hexadecimal digits";
  const uint8_t *start = reading->at;
  int32_t scalar = four_digits(reading);
  if (scalar >> 11 == 0xd800 >> 11) {
    int32_t second = 0;
    if (scalar < 0xdc00 && next(reading) == '\\' && reading->at + 1 < reading->end &&
        reading->at[1] == 'u') {
      reading->at++;
      second = four_digits(reading);
    }
    if (second < 0)
      return digits;
    if (second >> 10 != 0xdc00 >> 10) {
      reading->at = start;
      return "both halves of a pair";
    }
    scalar = 0x10000 + ((scalar & 0x3ff) << 10) + (second & 0x3ff);
  }
  if (scalar < 0)
    return digits;
  if (scalar == 0) {
    reading->at -= 4;
    return "no NUL in a text";
  }
  if (scalar < 0x80) {
    put(reading, scalar);
    return 0;
  }
  int tail = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
  put(reading, (0xff << (7 - tail) & 0xff) | scalar >> 6 * tail);
  while (tail-- > 0)
    put(reading, 0x80 | (scalar >> 6 * tail & 0x3f));
  return 0;
}

static const char *read(struct reading *reading) {
  static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  for (;;) {
    int byte = next(reading);
    if (byte < 32)
      return "the end of the text";
    if (byte == '"')
      break;
    if (byte != '\\') {
      int length = character_length(reading->at, reading->end - reading->at);
      if (length == 0)
        return "UTF-8";
      while (length-- > 0)
        put(reading, *reading->at++);
      continue;
    }
    reading->at++;
    byte = next(reading);
    if (byte == 'u') {
      const char *expected = put_scalar(reading);
      if (expected)
        return expected;
      continue;
    }
    const char *escape = escapes;
    while (*escape && *escape != byte)
      escape += 2;
    if (!*escape)
      return "an escape";
    put(reading, escape[1]);
    reading->at++;
  }
  reading->at++;
  return 0;
}

const char *json_text(const uint8_t *text, long count, long *index, char *to, long capacity,
                      long *length) {
  struct reading reading = {text + *index, text + count, to, to ? capacity - 1 : 0, 0};
  const char *expected = read(&reading);
  if (to)
    to[reading.length < capacity ? reading.length : capacity - 1] = 0;
  *index = reading.at - text;
  *length = reading.length;
  return expected;
}

// Goes over digits; how many they are.
static long digits(struct reading *reading, unsigned long *value) {
  const uint8_t *start = reading->at;
  for (int digit; (digit = next(reading) - '0') >= 0 && digit < 10; reading->at++)
    *value = *value * 10 + (unsigned long)digit;
  return reading->at - start;
}

const char *json_number(const uint8_t *text, long count, long *index, long *value) {
  struct reading reading = {text + *index, text + count, 0, 0, 0};
  int negative = next(&reading) == '-';
  unsigned long whole = 0, rest = 0;
  const char *expected = 0;
  reading.at += negative;
  int first = next(&reading);
  long length = digits(&reading, &whole);
  if (length > 1 && first == '0') {
    reading.at -= length - 1;
    expected = "no digit after a leading 0";
  } else {
    if (length && next(&reading) == '.') {
      reading.at++;
      length = digits(&reading, &rest) ? 99 : 0;
    }
    if (length && (next(&reading) | 0x20) == 'e') {
      reading.at++;
      reading.at += next(&reading) == '+' || next(&reading) == '-';
      length = digits(&reading, &rest) ? 99 : 0;
    }
    if (!length)
      expected = "a digit";
  }
  *value = length > 18 ? NO_NUMBER : negative ? -(long)whole : (long)whole;
  *index = reading.at - text;
  return expected;
}

static int in_word(uint8_t byte) {
  return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '-' ||
         byte == '+' || byte == '.' || byte >= 0x80;
}

void json_position(const uint8_t *text, long index, long *line, long *column) {
  *line = *column = 1;
  for (const uint8_t *at = text; at < text + index; at++)
    if (*at == '\n') {
      ++*line;
      *column = 1;
    } else if ((*at & 0xc0) != 0x80) {
      ++*column;
    }
}

void json_found(const uint8_t *text, long count, long index, char *found) {
  const uint8_t *at = text + index, *end = text + count;
  const char *words = at >= end                           ? "the end"
                      : *at < 32                          ? "a control character"
                      : !character_length(at, end - at) ? "a byte that is none"
                                                          : 0;
  if (words) {
    while ((*found++ = *words++))
      ;
    return;
  }
  int is_text = *at == '"';
  const uint8_t *first = at, *last = at + 24 < end ? at + 24 : end;
  do
    *found++ = (char)*at++;
  while (at < last && *at >= 32 &&
         (is_text ? at == first + 1 || at[-1] != '"' : in_word(*at) && in_word(*first)));
  *found = 0;
}
