// What Embedded Swift needs: a message's buffer, filled piece by piece, and randomness for hashes
// (the same in every run: a guest's hashes must not differ between two runs).
//
// A text that is put into a message may come from anywhere: from a spec, a file's name, a process's.
// What would steer the terminal, and what is no UTF-8, goes in as `\x1b`.
#include "swift.h"

static char text[512];
static int used;

void text_begin(void) { used = 0; }

void text_bytes(const uint8_t *bytes, long count) {
  if (count > (long)sizeof text - used)
    count = (long)sizeof text - used;
  memcpy(text + used, bytes, (size_t)count);
  used += (int)count;
}

void text_pad(int count) {
  while (count-- > 0)
    text_bytes((const uint8_t *)" ", 1);
}

// How many bytes the character has that begins here; 0 if it is none: cut short, in more bytes than
// it needs, half of a pair, or behind the last one (RFC 3629).
int character_length(const uint8_t *bytes, long count) {
  static const uint32_t first_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
  if (count > 0 && bytes[0] < 0x80)
    return 1;
  if (count < 1 || bytes[0] < 0xc2 || bytes[0] > 0xf4)
    return 0;
  int length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
  if (length > count)
    return 0;
  uint32_t scalar = bytes[0] & (0x7f >> length);
  for (int index = 1; index < length; index++) {
    if ((bytes[index] & 0xc0) != 0x80)
      return 0;
    scalar = scalar << 6 | (bytes[index] & 0x3f);
  }
  int is_half = scalar >> 11 == 0xd800 >> 11;
  return scalar >= first_of_length[length] && scalar <= 0x10ffff && !is_half ? length : 0;
}

static void text_escape(uint8_t byte) {
  static const char digits[] = "0123456789abcdef";
  uint8_t escape[] = {'\\', 'x', (uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 15]};
  text_bytes(escape, sizeof escape);
}

// Whether these bytes, which are one character, steer a terminal: ASCII's controls, and U+0080 to
// U+009F.
static int is_control(const uint8_t *bytes) {
  return bytes[0] < ' ' || bytes[0] == 0x7f || (bytes[0] == 0xc2 && bytes[1] < 0xa0);
}

void text_string(const char *string, int width) {
  const uint8_t *bytes = (const uint8_t *)string;
  long count = (long)strlen(string);
  int start = used;
  while (count > 0) {
    int length = character_length(bytes, count);
    int shown = length > 0 && !is_control(bytes);
    if (length == 0)
      length = 1;
    if (shown)
      text_bytes(bytes, length);
    for (int index = 0; index < length && !shown; index++)
      text_escape(bytes[index]);
    bytes += length;
    count -= length;
  }
  text_pad(width - (used - start));
}

void text_number(long value, int width) {
  char digits[24];
  int at = sizeof digits;
  unsigned long size = value < 0 ? 0 - (unsigned long)value : (unsigned long)value;
  digits[--at] = 0;
  do
    digits[--at] = (char)('0' + size % 10);
  while ((size /= 10));
  if (value < 0)
    digits[--at] = '-';
  text_string(digits + at, width);
}

void text_write(int descriptor) {
  write(descriptor, text, used);
  used = 0;
}

int text_take(uint8_t *to) {
  int count = used;
  memcpy(to, text, (size_t)count);
  used = 0;
  return count;
}

void arc4random_buf(void *to, size_t count) { memset(to, 0x5a, count); }
