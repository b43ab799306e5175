// Memory runs out for one call at a time, and all of it comes back.
#include "check.h"

// Takes what there is, a page at a time, and says how much it was.
static int free_pages(void) {
  int ends[2], pages = 0;
  CHECK(pipe(ends) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    while (sbrk(PGSIZE) != (char *)-1)
      pages++;
    CHECK(write(ends[1], &pages, 4) == 4);
    exit(0);
  }
  CHECK(read(ends[0], &pages, 4) == 4);
  CHECK(wait(0) == child);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  return pages;
}

static void take_all_but(int pages) {
  while (sbrk(64 * PGSIZE) != (char *)-1)
    ;
  while (sbrk(PGSIZE) != (char *)-1)
    ;
  if (pages)
    CHECK(sbrk(-pages * PGSIZE) != (char *)-1);
}

// With little left, fork and exec fail as a whole or work.
static void fork_and_exec(void) {
  for (int left = 0; left < 12; left++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      take_all_but(left);
      int grandchild = fork();
      if (grandchild == 0)
        exit(0);
      if (grandchild > 0)
        wait(0);
      char *arguments[] = {"true", 0};
      exec("/true", arguments);
      exit(7);
    }
    int status;
    CHECK(wait(&status) == child);
    CHECK(status == 0 || status == 7 || status == -1);
    if (left == 0)
      CHECK(status != 0);
    if (left == 11)
      CHECK(status == 0);
  }
}

// A child and its parent need as much memory again when they write what they share. Where there is
// not that much, fork fails; where it does not, both can write to the last page.
static void write_shared_pages(void) {
  int free = free_pages(), count = free * 2 / 3;
  char *block = sbrk(count * PGSIZE);
  CHECK(block != (char *)-1);
  for (int page = 0; page < count; page++)
    block[page * PGSIZE] = 'p';
  CHECK(fork() == -1);
  CHECK(sbrk((free * 2 / 5 - count) * PGSIZE) != (char *)-1);
  count = free * 2 / 5;
  int child = fork(), status;
  CHECK(child >= 0);
  if (child == 0) {
    for (int page = 0; page < count; page++)
      block[page * PGSIZE] = 'c';
    // What is left is less than what its own child would need.
    CHECK(fork() == -1);
    sleep(2);
    exit(0);
  }
  while (sbrk(PGSIZE) != (char *)-1)
    ;
  for (int page = 0; page < count; page++) {
    CHECK(block[page * PGSIZE] == 'p');
    block[page * PGSIZE] = 'q';
  }
  CHECK(wait(&status) == child && status == 0);
  CHECK(block[0] == 'q');
  CHECK(sbrk((int)(block - sbrk(0))) != (char *)-1);
}

int main(void) {
  int before = free_pages();
  CHECK(before > 32000 && before < 32768);
  CHECK(free_pages() == before);

  // All or nothing: a request that does not fit takes nothing.
  CHECK(sbrk((before + 10) * PGSIZE) == (char *)-1);
  CHECK(free_pages() == before);

  fork_and_exec();
  CHECK(free_pages() == before);
  write_shared_pages();
  CHECK(free_pages() == before);
  return 0;
}
