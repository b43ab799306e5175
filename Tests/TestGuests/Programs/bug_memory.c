// Pages that come fresh, pages that are copied when written, pages that are shared on purpose.
#include "provoke.h"

static int written = 1;
static char untouched[2 * PGSIZE];

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

static void have_it_written(void) {
  int ends[2], other = 3;
  CHECK(pipe(ends) == 0);
  CHECK(write(ends[1], &other, sizeof other) == sizeof other);
  CHECK(read(ends[0], &written, sizeof written) == sizeof written);
  CHECK(written == 3);
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

static void leave_written(void) {
  char *heap = sbrk(20 * PGSIZE);
  CHECK(heap != (char *)-1);
  memset(heap, 7, 20 * PGSIZE);
}

static void start_again(void) {
  char *arguments[] = {"bug_memory", "again", 0};
  exec("/bug_memory", arguments);
  exit(1);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    CHECK(all_zero(untouched, 2 * PGSIZE));
    return 0;
  }
  CHECK(status_of(write_it) == 0);
  CHECK(written == 1);
  CHECK(status_of(have_it_written) == 0);
  CHECK(written == 1);
  CHECK(status_of(share) == 0);
  CHECK(status_of(grow) == 0);
  CHECK(status_of(leave_written) == 0);
  CHECK(status_of(start_again) == 0);
  return 0;
}
