// Bytes, strings, and what a program asks about a file by its name.
#include "guest.h"

#ifndef __clang__  // gcc would make of the loop in memset a call of memset
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memset(void *to, int byte, size_t count) {
  char *at = to;
  uint64_t word = (uint8_t)byte * 0x0101010101010101u;
  while (count && (uintptr_t)at & 7) {
    *at++ = (char)byte;
    count--;
  }
  for (; count >= 8; count -= 8, at += 8)
    *(uint64_t *)at = word;
  while (count--)
    *at++ = (char)byte;
  return to;
}

void *memcpy(void *to, const void *from, size_t count) {
  char *at = to;
  const char *source = from;
  if ((((uintptr_t)at | (uintptr_t)source) & 7) == 0)
    for (; count >= 8; count -= 8, at += 8, source += 8)
      *(uint64_t *)at = *(const uint64_t *)source;
  while (count--)
    *at++ = *source++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  char *at = to;
  const char *source = from;
  if (at <= source || at >= source + count)
    return memcpy(to, from, count);
  while (count--)
    at[count] = source[count];
  return to;
}

int memcmp(const void *a, const void *b, size_t count) {
  const uint8_t *left = a, *right = b;
  for (; count; count--, left++, right++)
    if (*left != *right)
      return *left - *right;
  return 0;
}

void *memchr(const void *from, int byte, size_t count) {
  for (const uint8_t *at = from; count; count--, at++)
    if (*at == (uint8_t)byte)
      return (void *)at;
  return 0;
}

size_t strlen(const char *text) {
  size_t count = 0;
  while (text[count])
    count++;
  return count;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b)
    a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t count) {
  for (; count && *a && *a == *b; count--)
    a++, b++;
  return count ? (uint8_t)*a - (uint8_t)*b : 0;
}

char *strcpy(char *to, const char *from) {
  char *at = to;
  while ((*at++ = *from++))
    ;
  return to;
}

char *strchr(const char *text, int byte) {
  for (; *text; text++)
    if (*text == (char)byte)
      return (char *)text;
  return byte ? 0 : (char *)text;
}

int atoi(const char *text) {
  unsigned int value = 0;
  int negative = *text == '-';
  if (negative)
    text++;
  while (*text >= '0' && *text <= '9')
    value = value * 10 + (unsigned int)(*text++ - '0');
  return (int)(negative ? 0 - value : value);
}

int stat(const char *path, struct stat *status) {
  int descriptor = open(path, O_RDONLY);
  if (descriptor < 0)
    return -1;
  int result = fstat(descriptor, status);
  close(descriptor);
  return result;
}

char *gets(char *line, int size) {
  int count = 0;
  while (count + 1 < size) {
    if (read(0, &line[count], 1) != 1)
      break;
    char byte = line[count++];
    if (byte == '\n' || byte == '\r')
      break;
  }
  line[count] = 0;
  return line;
}
