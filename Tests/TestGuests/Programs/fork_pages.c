// Pages after a fork: each side sees its own, through loads, stores and the kernel's copies alike,
// down to grandchildren and whoever goes first.
#include "check.h"

enum { PAGES = 8 };
static char pages[PAGES * PGSIZE];

static void fill(char value) { memset(pages, value, sizeof pages); }

static int all(char value) {
  for (int index = 0; index < (int)sizeof pages; index += 512)
    if (pages[index] != value)
      return 0;
  return 1;
}

int main(void) {
  fill('p');
  int ready[2], go[2];
  CHECK(pipe(ready) == 0 && pipe(go) == 0);

  for (int generation = 0; generation < 3; generation++) {
    int child = fork();
    CHECK(child >= 0);
    if (child != 0) {
      char byte;
      int status;
      if (generation == 0) {
        // The parent writes first, then lets the others look.
        CHECK(read(ready[0], &byte, 1) == 1);
        fill('q');
        CHECK(write(go[1], "ggg", 3) == 3);
      }
      CHECK(wait(&status) == child);
      CHECK(status == 0);
      CHECK(all(generation == 0 ? 'q' : 'p' + 10 + generation));
      return 0;
    }
    if (generation == 2)
      CHECK(write(ready[1], "r", 1) == 1);
    if (generation < 2) {
      CHECK(all(generation == 0 ? 'p' : 'p' + 11));
      fill('p' + 11 + generation);
    }
  }
  char byte;
  CHECK(read(go[0], &byte, 1) == 1);
  CHECK(all('p' + 12));

  // The kernel writes into a shared page through read: the other side must not see that either.
  make_file("bytes", "kernel");
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int file = open("bytes", O_RDONLY);
    CHECK(read(file, pages + PGSIZE - 3, 6) == 6);
    CHECK(memcmp(pages + PGSIZE - 3, "kernel", 6) == 0);
    exit(0);
  }
  int status;
  CHECK(wait(&status) == child && status == 0);
  CHECK(all('p' + 12));
  return 0;
}
