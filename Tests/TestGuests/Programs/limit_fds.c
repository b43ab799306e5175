// Sixteen descriptors a process, a hundred open files in the machine.
#include "check.h"

static void check_descriptors(void) {
  int ends[2];
  CHECK(free_descriptors() == 13);
  make_file("file", "x");
  for (int next = 3; next < 15; next++)
    CHECK(open("file", O_RDONLY) == next);

  // A pipe needs two: with one left it takes none.
  CHECK(pipe(ends) == -1);
  CHECK(free_descriptors() == 1);
  CHECK(open("file", O_RDONLY) == 15);
  CHECK(open("file", O_RDONLY) == -1);
  CHECK(open("new", O_CREATE | O_RDWR) == -1);
  CHECK(dup(3) == -1);
  CHECK(pipe(ends) == -1);
  CHECK(close(7) == 0 && close(9) == 0);
  CHECK(pipe(ends) == 0 && ends[0] == 7 && ends[1] == 9);
  for (int next = 3; next < 16; next++)
    CHECK(close(next) == 0);
  CHECK(free_descriptors() == 13);
}

// Opens files in as many children as it takes, and returns how many there were in all.
static int open_everything(void) {
  int gate[2], report[2], total = 0, children = 0, count;
  CHECK(pipe(gate) == 0 && pipe(report) == 0);
  do {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      char byte;
      close(gate[1]);
      for (count = 0; open("file", O_RDONLY) >= 0; count++)
        ;
      int ends[2];
      CHECK(pipe(ends) == -1);
      CHECK(write(report[1], &count, 4) == 4);
      exit(read(gate[0], &byte, 1));
    }
    children++;
    CHECK(read(report[0], &count, 4) == 4);
    total += count;
    CHECK(total < 200);
  } while (count > 0);

  // A descriptor more of an open file is no open file more.
  int copy = dup(0);
  CHECK(copy >= 0 && close(copy) == 0);
  CHECK(open("file", O_RDONLY) == -1);
  CHECK(close(gate[0]) == 0 && close(gate[1]) == 0);
  while (children--) {
    int status;
    CHECK(wait(&status) > 0 && status == 0);
  }
  CHECK(close(report[0]) == 0 && close(report[1]) == 0);
  return total;
}

int main(void) {
  check_descriptors();
  // A hundred, less the console's and the four ends of two pipes.
  CHECK(open_everything() == 95);
  CHECK(open_everything() == 95);
  check_descriptors();
  return 0;
}
