// Pages that come fresh, pages that are copied when written, pages that are shared on purpose.
#include "provoke.h"

static int written = 1;

static int all_zero(const char *page, int count) {
  for (int index = 0; index < count; index++)
    if (page[index])
      return 0;
  return 1;
}

static void write_it(void) {
  CHECK(written == 1);
  written = 2;
}

static void share(void) {
  char *page = shm_get("page");
  CHECK(page && all_zero(page, PGSIZE));
  memset(page, 1, PGSIZE);
  CHECK(shm_rem("page") == 0);
  page = shm_get("page");
  CHECK(page && all_zero(page, PGSIZE));
  if (fork() == 0) {
    page[0] = 9;
    exit(0);
  }
  CHECK(wait(0) > 0);
  CHECK(page[0] == 9);
  CHECK(shm_rem("page") == 0);
}

static void grow(void) {
  char *heap = sbrk(3 * PGSIZE);
  CHECK(heap != (char *)-1 && all_zero(heap, 3 * PGSIZE));
  memset(heap, 7, 3 * PGSIZE);
  CHECK(sbrk(-3 * PGSIZE) != (char *)-1);
  heap = sbrk(3 * PGSIZE);
  CHECK(heap != (char *)-1 && all_zero(heap, 3 * PGSIZE));
}

int main(void) {
  CHECK(status_of(write_it) == 0);
  CHECK(written == 1);
  CHECK(status_of(share) == 0);
  CHECK(status_of(grow) == 0);
  return 0;
}
