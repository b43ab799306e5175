// Sixty-four processes, zombies included, and not one slot lost however often that is reached.
#include "check.h"

enum { ALL = 64, OTHERS = 2 };

static int fill_with_sleepers(void) {
  int gate[2], count = 0;
  CHECK(pipe(gate) == 0);
  for (;;) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      char byte;
      close(gate[1]);
      exit(read(gate[0], &byte, 1));
    }
    count++;
  }
  CHECK(fork() == -1);
  CHECK(close(gate[0]) == 0 && close(gate[1]) == 0);
  for (int index = 0; index < count; index++) {
    int status;
    CHECK(wait(&status) > 0 && status == 0);
  }
  CHECK(wait(0) == -1);
  return count;
}

static int fill_with_zombies(void) {
  int count = 0;
  for (;;) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0)
      exit(count);
    count++;
    CHECK(count < 1000);
  }
  // One slot free, one more process, and no other.
  CHECK(wait(0) > 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    exit(0);
  CHECK(fork() == -1);
  for (int index = 0; index < count; index++)
    CHECK(wait(0) > 0);
  CHECK(wait(0) == -1);
  return count;
}

int main(void) {
  for (int round = 0; round < 5; round++) {
    CHECK(fill_with_sleepers() == ALL - OTHERS);
    CHECK(fill_with_zombies() == ALL - OTHERS);
  }
  return 0;
}
