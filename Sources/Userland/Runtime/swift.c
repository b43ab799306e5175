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

// A message that was too long ends its line all the same.
static void text_end(void) {
  if (used == sizeof text)
    text[used - 1] = '\n';
}

static int lost;

int output_write(int descriptor, const void *bytes, int count) {
  int whole = write(descriptor, bytes, count) == count;
  if (!whole && descriptor == 1)
    lost = 1;
  return whole;
}

int output_lost(void) { return lost; }

int text_write(int descriptor) {
  text_end();
  int count = used;
  used = 0;
  return output_write(descriptor, text, count);
}

int text_take(uint8_t *to) {
  text_end();
  int count = used;
  memcpy(to, text, (size_t)count);
  used = 0;
  return count;
}

void arc4random_buf(void *to, size_t count) { memset(to, 0x5a, count); }
