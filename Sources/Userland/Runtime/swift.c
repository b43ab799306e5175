// What Embedded Swift needs: a message's buffer, filled piece by piece, and randomness for hashes
// (the same in every run: a guest's hashes must not differ between two runs).
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

void text_string(const char *string, int width) {
  long count = (long)strlen(string);
  text_bytes((const uint8_t *)string, count);
  text_pad(width - (int)count);
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
