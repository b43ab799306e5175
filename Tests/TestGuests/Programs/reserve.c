// Whatever a container takes of a table, processes outside containers get what is kept of it. With an argument nothing
// is kept, and they get nothing.
#include "contain.h"

enum { SLOTS, FRAMES, FILES, MUTEXES, PAGES, TABLES };

static char *name_of(int first, int second) {
  static char name[4] = "n00";
  name[1] = (char)('0' + first);
  name[2] = (char)('0' + second);
  return name;
}

// Takes what one process can have of a table, and says how much that was.
static int take_all(int table, int process) {
  int count = 0;
  switch (table) {
  case FRAMES:
    for (int pages = 256; pages; pages /= 4)
      while (sbrk(pages * PGSIZE) != (char *)-1)
        count++;
    break;
  case FILES:
    while (open("/", O_RDONLY) >= 0)
      count++;
    break;
  case MUTEXES:
    while (mutex_create(name_of(process, count)) >= 0)
      count++;
    break;
  case PAGES:
    while (count < 64 && shm_get(name_of(process, count)))
      count++;
    break;
  default: count = 1;
  }
  return count;
}

// In a container: processes that take until there is nothing for the last of them.
static void hog(int table, int told) {
  int ends[2], count;
  CHECK(cm_create_and_enter() == 0 && pipe(ends) == 0);
  for (int process = 0;; process++) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      count = take_all(table, process);
      write(ends[1], &count, sizeof count);
      for (;;)
        sleep(1000);
    }
    CHECK(read(ends[0], &count, sizeof count) == sizeof count);
    if (count == 0)
      break;
  }
  write(told, "", 1);
  for (;;)
    sleep(1000);
}

// How much of a table a process outside gets, up to two.
static int get(int table) {
  int count = 0, children[2];
  for (; count < 2; count++) {
    int ok = 0;
    switch (table) {
    case SLOTS:
      children[count] = fork();
      if (children[count] == 0)
        for (;;)
          sleep(1000);
      ok = children[count] > 0;
      break;
    case FRAMES: ok = sbrk(8 * PGSIZE) != (char *)-1; break;
    case FILES: ok = open("/", O_RDONLY) >= 0; break;
    case MUTEXES: ok = mutex_create(name_of(0, count)) >= 0; break;
    case PAGES: ok = shm_get(name_of(0, count)) != 0; break;
    }
    if (!ok)
      break;
  }
  if (table == SLOTS)
    for (int child = 0; child < count; child++)
      CHECK(kill(children[child]) == 0 && wait(0) > 0);
  return count;
}

int main(int argc, char **argv) {
  (void)argv;
  for (int table = 0; table < TABLES; table++) {
    int told[2], byte;
    CHECK(pipe(told) == 0);
    // Whoever looks is there before, for there may be no slot for it afterwards; the stack is its own.
    int hogs = fork();
    if (hogs == 0)
      hog(table, told[1]);
    CHECK(hogs > 0 && read(told[0], &byte, 1) == 1);
    int got = get(table);
    CHECK(kill(hogs) == 0 && wait(0) == hogs);
    if (argc > 1 ? got != 0 : got != 2) {
      printf("table %d: %d\n", table, got);
      exit(1);
    }
    CHECK(close(told[0]) == 0 && close(told[1]) == 0);
  }
  return 0;
}
