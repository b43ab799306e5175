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

// Pages shared after a fork may need more memory than there is when they are written. Whoever
// writes then may die of it, and nobody else.
static void write_shared_pages(void) {
  int half = free_pages() * 2 / 3;
  char *block = sbrk(half * PGSIZE);
  CHECK(block != (char *)-1);
  for (int page = 0; page < half; page++)
    block[page * PGSIZE] = 'p';
  int child = fork(), status;
  if (child == 0) {
    for (int page = 0; page < half; page++)
      block[page * PGSIZE] = 'c';
    exit(0);
  }
  CHECK(child == -1 || (wait(&status) == child && status == -1));
  for (int page = 0; page < half; page++)
    CHECK(block[page * PGSIZE] == 'p');
  CHECK(sbrk(-half * PGSIZE) != (char *)-1);
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
