// pipe: what is written comes out in order; readers and writers wait for each other and for the
// end.
#include "check.h"

static char bytes[5000];

static void check_bad_pointer(void) {
  int before = free_descriptors();
  CHECK(pipe(NOWHERE) == -1);
  CHECK(pipe((int *)TEXT) == -1);
  char *page = last_page();
  CHECK(pipe((int *)(page + PGSIZE - 4)) == -1);
  CHECK(free_descriptors() == before);
  CHECK(pipe((int *)(page + PGSIZE - 8)) == 0);
  int *ends = (int *)(page + PGSIZE - 8);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

int main(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(ends[0] == 3 && ends[1] == 4);

  // A read takes what there is.
  CHECK(write(ends[1], "hello", 5) == 5);
  CHECK(read(ends[0], bytes, 3) == 3 && memcmp(bytes, "hel", 3) == 0);
  CHECK(read(ends[0], bytes, 100) == 2 && memcmp(bytes, "lo", 2) == 0);
  CHECK(write(ends[1], bytes, 0) == 0);

  // An end is for one thing, and has no stat.
  CHECK(read(ends[1], bytes, 1) == -1);
  CHECK(write(ends[0], bytes, 1) == -1);
  struct stat status;
  CHECK(fstat(ends[0], &status) == -1);

  // 512 bytes fit without a reader.
  CHECK(write(ends[1], bytes, 512) == 512);
  CHECK(read(ends[0], bytes, 5000) == 512);

  // More go through in turns, in order.
  int child = fork(), result;
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(close(ends[0]) == 0);
    for (int index = 0; index < 5000; index++)
      bytes[index] = (char)(index * 7);
    exit(write(ends[1], bytes, 5000));
  }
  int total = 0;
  while (total < 5000) {
    char part[100];
    int count = read(ends[0], part, 100);
    CHECK(count > 0);
    for (int index = 0; index < count; index++)
      CHECK(part[index] == (char)((total + index) * 7));
    total += count;
  }
  CHECK(wait(&result) == child && result == 5000);

  // The end comes when the last writer has closed, and not before.
  int copy = dup(ends[1]);
  CHECK(write(copy, "z", 1) == 1);
  CHECK(close(ends[1]) == 0);
  CHECK(close(copy) == 0);
  CHECK(read(ends[0], bytes, 10) == 1);
  CHECK(read(ends[0], bytes, 10) == 0);
  CHECK(read(ends[0], bytes, 10) == 0);
  CHECK(close(ends[0]) == 0);

  // Without a reader a write fails.
  CHECK(pipe(ends) == 0);
  CHECK(close(ends[0]) == 0);
  CHECK(write(ends[1], "x", 1) == -1);
  CHECK(close(ends[1]) == 0);

  // A writer that waits for room fails when the reader goes.
  CHECK(pipe(ends) == 0);
  child = fork();
  if (child == 0) {
    CHECK(close(ends[0]) == 0);
    exit(write(ends[1], bytes, 1000));
  }
  CHECK(close(ends[1]) == 0);
  sleep(2);
  CHECK(close(ends[0]) == 0);
  CHECK(wait(&result) == child && result == -1);

  // A reader gets what was copied before its buffer ended.
  CHECK(pipe(ends) == 0);
  char *page = last_page();
  CHECK(write(ends[1], "abcdef", 6) == 6);
  CHECK(read(ends[0], page + PGSIZE - 4, 6) == 4);
  CHECK(memcmp(page + PGSIZE - 4, "abcd", 4) == 0);
  CHECK(write(ends[1], "g", 1) == 1);
  CHECK(read(ends[0], NOWHERE, 1) == -1);

  // So does a writer tell what was taken before its buffer ended.
  CHECK(write(ends[1], NOWHERE, 1) == 0);
  CHECK(write(ends[1], page + PGSIZE - 4, 600) == 4);
  CHECK(read(ends[0], bytes, 100) == 7 && memcmp(bytes, "efgabcd", 7) == 0);
  CHECK(write(1, NOWHERE, 1) == 0 && write(1, page + PGSIZE - 1, 0) == 0);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);

  check_bad_pointer();
  return 0;
}
