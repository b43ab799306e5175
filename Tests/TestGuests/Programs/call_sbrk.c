// sbrk: the heap grows zeroed, shrinks by whole pages, all or nothing.
#include "check.h"

static int is_zero(const char *from, long count) {
  for (long index = 0; index < count; index++)
    if (from[index])
      return 0;
  return 1;
}

static char *at;

static void touch(void) { *(volatile char *)at = 1; }
static void look(void) { (void)*(volatile char *)at; }

static void shrink_below_the_stack(void) { sbrk(-(int)(uintptr_t)sbrk(0)); }

static void shrink_into_the_first_page(void) {
  sbrk(-((int)(uintptr_t)sbrk(0) - 100));
  exit(5);
}

int main(void) {
  char *start = sbrk(0);
  CHECK(((uintptr_t)start & (PGSIZE - 1)) == 0);
  CHECK(sbrk(0) == start);

  // Growth returns the old size, byte by byte if asked.
  CHECK(sbrk(1) == start);
  CHECK(sbrk(1) == start + 1);
  CHECK(sbrk(3 * PGSIZE) == start + 2);
  CHECK(is_zero(start, 3 * PGSIZE + 2));
  memset(start, 'x', 3 * PGSIZE + 2);

  // Beyond the last page there is nothing, within it there may be.
  at = start + 4 * PGSIZE;
  CHECK(status_of(touch) == -1);
  CHECK(status_of(look) == -1);

  // Shrinking frees whole pages only.
  CHECK(sbrk(-1) == start + 3 * PGSIZE + 2);
  CHECK(start[3 * PGSIZE] == 'x');
  CHECK(sbrk(-PGSIZE) == start + 3 * PGSIZE + 1);
  at = start + 3 * PGSIZE;
  CHECK(status_of(touch) == -1);
  at = start + 2 * PGSIZE + 1;
  CHECK(status_of(touch) == 0);

  // What comes back is zero again.
  CHECK(sbrk(PGSIZE) == start + 2 * PGSIZE + 1);
  CHECK(is_zero(start + 3 * PGSIZE, 1));
  CHECK(start[2 * PGSIZE] == 'x');
  CHECK(sbrk(-(int)(sbrk(0) - start)) == start + 3 * PGSIZE + 1);
  CHECK(sbrk(0) == start);

  // So it is within a page, also where the page is shared after a fork.
  char *part = sbrk(200);
  memset(part, 'y', 200);
  CHECK(sbrk(-150) == part + 200);
  CHECK(sbrk(100) == part + 50);
  CHECK(part[49] == 'y' && is_zero(part + 50, 100));
  memset(part, 'z', 150);
  int child = fork(), status;
  if (child == 0) {
    CHECK(sbrk(-100) == part + 150);
    CHECK(sbrk(150) == part + 50);
    CHECK(part[49] == 'z' && is_zero(part + 50, 150));
    exit(0);
  }
  CHECK(wait(&status) == child && status == 0);
  CHECK(part[50] == 'z' && part[149] == 'z');
  CHECK(sbrk(-150) == part + 150);

  // The kernel does not use what was given back either.
  char *page = sbrk(2 * PGSIZE);
  CHECK(sbrk(-PGSIZE) == page + 2 * PGSIZE);
  make_file("file", "x");
  int file = open("file", O_RDWR);
  CHECK(read(file, page + PGSIZE, 1) == -1);
  CHECK(write(file, page + PGSIZE, 1) == -1);
  CHECK(read(file, page + PGSIZE - 1, 1) == 1);
  CHECK(close(file) == 0);
  CHECK(sbrk(-PGSIZE) == page + PGSIZE);

  // All or nothing.
  CHECK(sbrk(2147483647) == (char *)-1);
  CHECK(sbrk(1 << 30) == (char *)-1);
  CHECK(sbrk(0) == start);

  // Below 0 nothing changes, and that succeeds.
  CHECK(sbrk(-(int)(uintptr_t)start - 1) == start);
  CHECK(sbrk(-2147483647 - 1) == start);
  CHECK(sbrk(0) == start);

  // Below the stack, if asked: what the process does next is its own fault.
  CHECK(status_of(shrink_below_the_stack) == -1);
  CHECK(status_of(shrink_into_the_first_page) != 0);

  // A gigabyte up and down leaves nothing behind.
  for (int round = 0; round < 50; round++) {
    CHECK(sbrk(200 * PGSIZE) == start);
    CHECK(sbrk(-200 * PGSIZE) == start + 200 * PGSIZE);
  }
  return 0;
}
