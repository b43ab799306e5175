// stdio.h, stdlib.h, string.h, ctype.h and time.h: texts, numbers and files.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "libc_check.h"

static char text[300];

#define PRINTS(expected, ...)                                                                      \
  do {                                                                                             \
    int count = snprintf(text, sizeof text, __VA_ARGS__);                                          \
    if (strcmp(text, expected) || count != (int)strlen(expected)) {                                \
      printf("line %d: found \"%s\" (%d), expected \"%s\"\n", __LINE__, text, count, expected);    \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

static void prints(void) {
  PRINTS("plain", "plain");
  PRINTS("-5|   -5|-5   |-0005|+5| 5", "%d|%5d|%-5d|%05d|%+d|% d", -5, -5, -5, -5, 5, 5);
  PRINTS("00042|  042|42 |", "%.5d|%5.3d|%-3.0d|%.0d", 42, 42, 42, 0);
  PRINTS("4294967295 ffffffff FF 0xff 017 0", "%u %x %X %#x %#o %#o", UINT_MAX, UINT_MAX, 255, 255, 15, 0);
  PRINTS("-9223372036854775808 18446744073709551615", "%ld %lu", LONG_MIN, ULONG_MAX);
  PRINTS("-1 255 -1 65535 7 8", "%hhd %hhu %hd %hu %zu %lld", 255, 255, 65535, 65535, (size_t)7, 8LL);
  PRINTS("-3 ffff", "%" PRId64 " %" PRIx32, (int64_t)-3, (uint32_t)0xffff);
  PRINTS("x|  x|x  |ab|  ab|%", "%c|%3c|%-3c|%.2s|%4.2s|%%", 'x', 'x', 'x', "abc", "abc");
  PRINTS("[    7] [7    ] [007]", "[%*d] [%*d] [%.*d]", 5, 7, -5, 7, 3, 7);
  PRINTS("0x1000 (nil) (null)", "%p %p %s", (void *)0x1000, (void *)0, (char *)0);
  int count;
  CHECK(snprintf(text, 4, "%d%n", 123456, &count) == 6 && !strcmp(text, "123") && count == 6);
  CHECK(snprintf(0, 0, "%s", "longer") == 6);
  CHECK(sprintf(text, "%s-%d", "a", 1) == 3 && !strcmp(text, "a-1"));
}

static void scans(void) {
  int a = 0, b = 0, count = 0;
  long wide = 0;
  unsigned int hex = 0;
  short half = 0;
  char word[20], one;
  CHECK(sscanf(" 12,-7 rest", "%d,%d %19s", &a, &b, word) == 3 && a == 12 && b == -7 && !strcmp(word, "rest"));
  CHECK(sscanf("0x1f 077 -9223372036854775808", "%x %i %ld", &hex, &a, &wide) == 3);
  CHECK(hex == 31 && a == 63 && wide == LONG_MIN);
  CHECK(sscanf("12345", "%2d%3hd%n", &a, &half, &count) == 2 && a == 12 && half == 345 && count == 5);
  CHECK(sscanf("key=value;", "%[a-z]=%*[^;]%c", word, &one) == 2 && !strcmp(word, "key") && one == ';');
  CHECK(sscanf("x", "%d", &a) == 0 && sscanf("", "%d", &a) == EOF && sscanf("5", "%d %d", &a, &b) == 1);
  CHECK(sscanf("7%", "%d%%%n", &a, &count) == 1 && count == 2);
}

static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void numbers(void) {
  char *end;
  CHECK(strtol("  -42x", &end, 10) == -42 && *end == 'x' && strtol("0x1f", 0, 0) == 31 && strtol("z", 0, 36) == 35);
  CHECK(strtol("none", &end, 10) == 0 && *end == 'n');
  errno = 0;
  CHECK(strtol("9223372036854775808", 0, 10) == LONG_MAX && errno == ERANGE);
  CHECK(strtol("-9223372036854775808", 0, 10) == LONG_MIN && strtoul("18446744073709551615", 0, 10) == ULONG_MAX);
  CHECK(atoi("19") == 19 && atol("-19") == -19 && abs(-3) == 3 && div(-7, 2).rem == -1);
  int list[50];
  srand(7);
  for (int index = 0; index < 50; index++)
    list[index] = rand() % 1000;
  qsort(list, 50, sizeof *list, by_value);
  for (int index = 1; index < 50; index++)
    CHECK(list[index - 1] <= list[index]);
  CHECK(bsearch(&list[20], list, 50, sizeof *list, by_value) != 0);
  int missing = 1000;
  CHECK(bsearch(&missing, list, 50, sizeof *list, by_value) == 0);
  srand(7);
  int first = rand();
  srand(7);
  CHECK(first == rand() && first >= 0);
}

static void strings(void) {
  char line[40] = "one,two;;three", *rest;
  CHECK(!strcmp(strtok_r(line, ",;", &rest), "one") && !strcmp(strtok_r(0, ",;", &rest), "two"));
  CHECK(!strcmp(strtok_r(0, ",;", &rest), "three") && strtok_r(0, ",;", &rest) == 0);
  CHECK(!strcmp(strcat(strncpy(line, "abcdef", 7), "gh"), "abcdefgh"));
  CHECK(!strcmp(strncat(line, "ijkl", 2), "abcdefghij") && strstr(line, "def") == line + 3 && !strstr(line, "dx"));
  CHECK(strrchr("a/b/c", '/')[1] == 'c' && strspn("aab", "a") == 2 && strcspn("xyz", "z") == 2);
  CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strncasecmp("abX", "ABy", 2) == 0 && strnlen("abc", 2) == 2);
  char *copy = strdup("copied");
  CHECK(copy && !strcmp(copy, "copied") && !strcmp(strerror(ETIMEDOUT), "Connection timed out"));
  free(copy);
  CHECK(isalpha('x') && !isalpha('1') && isspace('\t') && toupper('q') == 'Q' && isxdigit('F') && ispunct('!'));
}

static void files(void) {
  FILE *file = fopen("/f", "w");
  CHECK(file && fprintf(file, "line %d\nsecond\n", 1) == 14 && fputs("third", file) >= 0 && fputc('!', file) == '!');
  CHECK(fwrite("12345678", 4, 2, file) == 2 && fclose(file) == 0);
  file = fopen("/f", "r");
  int number;
  CHECK(file && fscanf(file, "line %d", &number) == 1 && number == 1 && fgetc(file) == '\n');
  CHECK(fgets(text, sizeof text, file) && !strcmp(text, "second\n"));
  CHECK(fgetc(file) == 't' && ungetc('T', file) == 'T' && fgetc(file) == 'T');
  CHECK(fread(text, 2, 100, file) == 6 && !memcmp(text, "hird!12345678", 12));
  CHECK(fgetc(file) == EOF && feof(file) && !ferror(file) && !fgets(text, sizeof text, file));
  CHECK(fclose(file) == 0 && remove("/f") == 0 && fopen("/f", "r") == 0 && errno == ENOENT);
  CHECK(fopen("/f", "a") == 0 && errno == EINVAL);
}

static void times(void) {
  struct timespec before, after;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
  usleep(1);
  usleep(25000);
  CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
  long gone = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
  CHECK(gone >= 40 && gone < 200);
  CHECK(nanosleep(&(struct timespec){0, 1000000000}, 0) == -1 && errno == EINVAL);
  CHECK(clock_gettime(9, &after) == -1);
}

int main(void) {
  prints();
  scans();
  numbers();
  strings();
  files();
  times();
  CHECK(puts("all of it held") >= 0);
  return 0;
}
