// One honest process that computes, pid 3, and beside it a team that tries to get more of the hart than as many processes
// that compute would: `sched_attack WAY COUNT TICKS`. The ways: `burn` (COUNT that compute), `sleep` (sleeps
// before its slice is over), `block` (blocks before that, and a partner wakes it at once), `short` (the same
// after a few thousand instructions), `turns` (COUNT of which one at a time computes, each for most of a slice), `fork` (has
// children compute for most of a slice each).
#include "check.h"

enum { MOST_OF_A_SLICE = 90000, LITTLE = 5000 };

static void burn(unsigned long count) {
  for (unsigned long loop = 0; loop < count / 2; loop++)
    __asm__ volatile("");
}

static void burn_on(void) {
  for (;;)
    burn(1000000);
}

// Passes a byte on for ever; whoever gets it computes first.
static void pass(int from, int to, unsigned long count) {
  char byte = 0;
  while (read(from, &byte, 1) == 1) {
    burn(count);
    write(to, &byte, 1);
  }
  exit(0);
}

// COUNT processes in a ring, the first of which computes for so long each time it has the byte.
static void ring(int count, unsigned long first, unsigned long others) {
  int ends[8][2];
  char byte = 0;
  for (int index = 0; index < count; index++)
    CHECK(pipe(ends[index]) == 0);
  for (int index = 0; index < count; index++)
    if (fork() == 0)
      pass(ends[index][0], ends[(index + 1) % count][1], index == 0 ? first : others);
  CHECK(write(ends[0][1], &byte, 1) == 1);
}

static int team(const char *way, int count) {
  if (strcmp(way, "burn") == 0) {
    for (int index = 0; index < count; index++)
      if (fork() == 0)
        burn_on();
  } else if (strcmp(way, "sleep") == 0) {
    if (fork() == 0)
      for (;;) {
        burn(MOST_OF_A_SLICE);
        sleep(1);
      }
  } else if (strcmp(way, "block") == 0) {
    ring(2, MOST_OF_A_SLICE, 0);
  } else if (strcmp(way, "short") == 0) {
    ring(2, LITTLE, 0);
  } else if (strcmp(way, "turns") == 0) {
    ring(count, MOST_OF_A_SLICE, MOST_OF_A_SLICE);
  } else if (strcmp(way, "fork") == 0) {
    if (fork() == 0)
      for (;;) {
        if (fork() == 0) {
          burn(MOST_OF_A_SLICE);
          exit(0);
        }
        wait(0);
      }
  } else {
    return -1;
  }
  return 0;
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  int ticks = atoi(argv[3]);
  if (fork() == 0) {
    CHECK(prio_set(getpid(), 5) == 0);
    burn_on();
  }
  if (fork() == 0) {
    CHECK(prio_set(getpid(), 5) == 0);
    CHECK(team(argv[1], atoi(argv[2])) == 0);
    exit(0);
  }
  sleep(ticks);
  return 0;
}
