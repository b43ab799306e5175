// sbrk of type 2: the end moves, and pages come, zeroed, when they are first touched, by the process or
// by a call for it.
#include "check.h"

#define GIGABYTE (1 << 30)
static char *heap;

static int is_zero(const char *from, long count) {
  for (long index = 0; index < count; index++)
    if (from[index])
      return 0;
  return 1;
}

static void store_behind(void) { ((volatile char *)sbrk(0))[PGSIZE] = 1; }

static void dirty_frames(void) {
  memset(sbrklazy(40 * PGSIZE), 'd', 40 * PGSIZE);
}

static void execute_untouched(void) { ((void (*)(void))sbrklazy(PGSIZE))(); }

static void grow_with_nothing_left(void) {
  char *all = sbrklazy(GIGABYTE);
  for (long page = 0; page < GIGABYTE / PGSIZE; page++)
    ((volatile char *)all)[page * PGSIZE] = 1;
}

static void check_calls(void) {
  // Read into, written from, named by, filled in by: each brings the page.
  char *at = sbrklazy(16 * PGSIZE);
  make_file("lazy", "some text");
  int file = open("lazy", O_RDWR), ends[2];
  CHECK(read(file, at + PGSIZE - 4, 9) == 9);
  CHECK(memcmp(at + PGSIZE - 4, "some text", 9) == 0 && at[PGSIZE + 5] == 0);
  CHECK(write(file, at + 2 * PGSIZE - 5, 10) == 10);
  CHECK(close(file) == 0);
  CHECK(pipe((int *)(at + 3 * PGSIZE - 4)) == 0);
  memcpy(ends, at + 3 * PGSIZE - 4, 8);
  CHECK(write(ends[1], at + 5 * PGSIZE, 100) == 100);
  CHECK(read(ends[0], at + 6 * PGSIZE - 50, 100) == 100);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  CHECK(fstat(0, (struct stat *)(at + 8 * PGSIZE - 12)) == 0);
  if (fork() == 0)
    exit(77);
  CHECK(wait((int *)(at + 9 * PGSIZE - 2)) > 0);
  int status;
  memcpy(&status, at + 9 * PGSIZE - 2, 4);
  CHECK(status == 77);
  at[10 * PGSIZE - 1] = '/';
  CHECK(close(open(at + 10 * PGSIZE - 1, O_RDONLY)) == 0);
  // A name of nothing but zeros, and arguments of which none is there.
  CHECK(chdir(at + 11 * PGSIZE) == 0);
  CHECK(exec("/lazy", (char **)(at + 12 * PGSIZE)) == -1);
  CHECK(unlink("lazy") == 0);
  CHECK(sbrk(-16 * PGSIZE) == at + 16 * PGSIZE);
}

int main(void) {
  char *start = sbrk(0);
  // As far as anything can be mapped, and not one byte further.
  char *top = (char *)((1l << 38) - 8192);
  long rounds = 0;
  while (top - (char *)sbrk(0) > GIGABYTE) {
    CHECK(sbrklazy(GIGABYTE) != (char *)-1);
    rounds++;
  }
  CHECK(rounds > 250);
  CHECK(sbrklazy((int)(top - (char *)sbrk(0)) + 1) == (char *)-1);
  CHECK(sbrklazy((int)(top - (char *)sbrk(0))) != (char *)-1);
  CHECK(sbrk(0) == top && sbrklazy(1) == (char *)-1 && sbrk(1) == (char *)-1);
  top[-1] = 'z';
  CHECK(is_zero(top - PGSIZE, PGSIZE - 1));
  start[1l << 35] = 'm';
  while (sbrk(0) - start > GIGABYTE)
    CHECK(sbrk(-GIGABYTE) != (char *)-1);
  CHECK(sbrk(-(int)(sbrk(0) - start)) != (char *)-1);
  CHECK(sbrk(0) == start);

  // Frames that others have written come back as zeros.
  CHECK(status_of(dirty_frames) == 0);
  heap = sys_sbrk(GIGABYTE, SBRK_LAZY);
  CHECK(heap == start && sbrk(0) == start + GIGABYTE);
  for (int page = 0; page < 60; page++)
    CHECK(is_zero(heap + page * 17l * PGSIZE, PGSIZE));
  CHECK(heap[GIGABYTE - 1] == 0);
  CHECK(status_of(store_behind) == -1);
  CHECK(status_of(execute_untouched) == -1);

  // fork copies what is there; what is not, each gets for itself.
  heap[64 * PGSIZE] = 7;
  int child = fork(), status;
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(heap[64 * PGSIZE] == 7);
    heap[64 * PGSIZE] = 8;
    heap[100000 * 1l * PGSIZE] = 9;
    CHECK(sbrk(-GIGABYTE) == heap + GIGABYTE);
    heap[64 * PGSIZE] = 1;
    exit(0);
  }
  CHECK(wait(&status) == child && status == -1);
  CHECK(heap[64 * PGSIZE] == 7 && heap[100000 * 1l * PGSIZE] == 0);

  // Growth behind it, of either kind, and pages shared by name.
  char *eager = sbrk(2 * PGSIZE);
  CHECK(eager == heap + GIGABYTE && is_zero(eager, 2 * PGSIZE));
  char *page = shm_get("lazy");
  CHECK(page == eager + 2 * PGSIZE && is_zero(page, PGSIZE));
  char *behind = sbrklazy(PGSIZE);
  CHECK(behind == page + PGSIZE && sbrk(-3 * PGSIZE) == (char *)-1);
  CHECK(shm_rem("lazy") == 0);
  CHECK(behind[0] == 0);
  CHECK(sbrk(-(int)(sbrk(0) - start)) != (char *)-1);

  // Part of a page that was used before is zeroed, as with other growth.
  char *part = sbrklazy(200);
  memset(part, 'y', 200);
  CHECK(sbrk(-150) == part + 200 && sbrklazy(100) == part + 50);
  CHECK(part[49] == 'y' && is_zero(part + 50, 100));
  CHECK(sbrk(-150) == part + 150);

  // Other types are as none.
  CHECK(sys_sbrk(GIGABYTE, SBRK_EAGER) == (char *)-1 && sys_sbrk(GIGABYTE, 3) == (char *)-1);
  CHECK(sys_sbrk(-1, SBRK_LAZY) == start && sys_sbrk(1, SBRK_LAZY) == start - 1);

  // Memory that is out ends who touches one page more, and nobody else.
  CHECK(status_of(grow_with_nothing_left) == -1);
  check_calls();
  return 0;
}
