// A container's input, output and errors: passed on byte by byte, whatever the sizes.
//
// `cm_io feed N` writes N bytes of a pattern in pieces of odd sizes; `echo` copies input to
// output; `both` copies odd bytes to output and even ones to errors; `check N` reads the pattern.
#include "check.h"

static uint8_t pattern(uint32_t at) { return (uint8_t)(at * 7 + (at >> 8) + (at >> 16)); }

static void feed(int count) {
  static uint8_t bytes[1300];
  int done = 0, size = 1;
  while (done < count) {
    int part = size < count - done ? size : count - done;
    for (int at = 0; at < part; at++)
      bytes[at] = pattern((uint32_t)(done + at));
    CHECK(write(1, bytes, part) == part);
    done += part;
    size = size * 3 % 1297 + 1;
  }
}

static int echo(void) {
  static uint8_t bytes[700];
  int count, size = 1;
  while ((count = read(0, bytes, size)) > 0) {
    CHECK(write(1, bytes, count) == count);
    size = size * 5 % 691 + 1;
  }
  return count;
}

static void check(int wanted) {
  static uint8_t bytes[1000];
  int done = 0, count;
  while ((count = read(0, bytes, sizeof bytes)) > 0)
    for (int at = 0; at < count; at++, done++)
      CHECK(bytes[at] == pattern((uint32_t)done));
  CHECK(count == 0);
  CHECK(done == wanted);
  fprintf(2, "%d bytes are right\n", done);
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 0;
  if (!strcmp(argv[1], "feed"))
    feed(atoi(argv[2]));
  else if (!strcmp(argv[1], "echo"))
    return echo() ? 1 : 77;
  else if (!strcmp(argv[1], "check"))
    check(atoi(argv[2]));
  else
    return 2;
  return 0;
}
