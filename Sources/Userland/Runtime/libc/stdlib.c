// Numbers, sorting, and random numbers.
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static int digit(int byte) {
  if (isdigit(byte))
    return byte - '0';
  return isalpha(byte) ? tolower(byte) - 'a' + 10 : 99;
}

// The value without its sign; `most` where it is larger than that.
static uint64_t number(const char *text, char **end, int base, int *negative, uint64_t most) {
  const char *at = text;
  uint64_t value = 0;
  int digits = 0, is_larger = 0;
  while (isspace((unsigned char)*at))
    at++;
  *negative = *at == '-';
  at += *at == '-' || *at == '+';
  if ((base == 0 || base == 16) && *at == '0' && tolower(at[1]) == 'x' && isxdigit((unsigned char)at[2])) {
    at += 2;
    base = 16;
  }
  if (base == 0)
    base = *at == '0' ? 8 : 10;
  most += *negative && most == INT64_MAX;
  for (; digit((unsigned char)*at) < base; at++, digits++) {
    uint64_t more;
    if (__builtin_mul_overflow(value, (uint64_t)base, &more) ||
        __builtin_add_overflow(more, (uint64_t)digit((unsigned char)*at), &more) || more > most)
      is_larger = 1;
    value = more;
  }
  if (end)
    *end = (char *)(digits ? at : text);
  if (is_larger)
    errno = ERANGE;
  return is_larger ? most : value;
}

long strtol(const char *text, char **end, int base) {
  int negative;
  uint64_t value = number(text, end, base, &negative, INT64_MAX);
  return (long)(negative ? 0 - value : value);
}
unsigned long strtoul(const char *text, char **end, int base) {
  int negative;
  uint64_t value = number(text, end, base, &negative, UINT64_MAX);
  return negative && value != UINT64_MAX ? 0 - value : value;
}
long long strtoll(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long long strtoull(const char *text, char **end, int base) { return strtoul(text, end, base); }
long atol(const char *text) { return strtol(text, 0, 10); }
long long atoll(const char *text) { return strtol(text, 0, 10); }

// What glibc's headers make of these.
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
long __isoc23_strtoll(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long __isoc23_strtoull(const char *text, char **end, int base) { return strtoul(text, end, base); }

int abs(int value) { return value < 0 ? -value : value; }
long labs(long value) { return value < 0 ? -value : value; }
long long llabs(long long value) { return value < 0 ? -value : value; }
div_t div(int value, int by) { return (div_t){value / by, value % by}; }
ldiv_t ldiv(long value, long by) { return (ldiv_t){value / by, value % by}; }

char *getenv(const char *name) {
  (void)name;
  return 0;
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  void *block;
  return posix_memalign(&block, alignment, bytes) ? 0 : block;
}

int rand_r(unsigned int *seed) {
  uint64_t next = *seed * 6364136223846793005u + 1442695040888963407u;
  *seed = (unsigned int)(next >> 16);
  return (int)(next >> 33);
}

static uint64_t state = 1;
static int lock;

void srand(unsigned int seed) {
  libc_lock(&lock);
  state = seed;
  libc_unlock(&lock);
}
int rand(void) {
  libc_lock(&lock);
  state = state * 6364136223846793005u + 1442695040888963407u;
  int value = (int)(state >> 33);
  libc_unlock(&lock);
  return value;
}
void srandom(unsigned int seed) { srand(seed); }
long random(void) { return rand(); }

static void swap(char *a, char *b, size_t bytes) {
  for (; bytes; bytes--, a++, b++) {
    char byte = *a;
    *a = *b;
    *b = byte;
  }
}

// A heap: the order of equals is not kept, and nothing is worse than n log n.
void qsort(void *base, size_t count, size_t bytes, int (*compare)(const void *, const void *)) {
  char *at = base;
  for (size_t start = count / 2, end = count; end > 1;) {
    if (start)
      start--;
    else
      swap(at, at + --end * bytes, bytes);
    for (size_t parent = start, child; (child = 2 * parent + 1) < end; parent = child) {
      if (child + 1 < end && compare(at + child * bytes, at + (child + 1) * bytes) < 0)
        child++;
      if (compare(at + parent * bytes, at + child * bytes) >= 0)
        break;
      swap(at + parent * bytes, at + child * bytes, bytes);
    }
  }
}

void *bsearch(const void *key, const void *base, size_t count, size_t bytes,
              int (*compare)(const void *, const void *)) {
  const char *low = base;
  while (count) {
    const char *middle = low + count / 2 * bytes;
    int order = compare(key, middle);
    if (order == 0)
      return (void *)middle;
    if (order > 0) {
      low = middle + bytes;
      count -= count / 2 + 1;
    } else {
      count /= 2;
    }
  }
  return 0;
}
