// `neighbour work UNITS` is the container that is measured: it does so many units of work, each of which needs some of
// everything, and says how many instructions went by. `neighbour KIND` is the noisy one beside it: with as many
// processes as it gets it takes all that it can have of one thing, lets go of it, and takes it again, for ever.
#include "check.h"

enum { CHILDREN = 6, BURST = 4000 };

static uint64_t now(void) {
  uint64_t time;
  __asm__ volatile("rdtime %0" : "=r"(time));
  return time;
}

static void burn(int loops) {
  while (loops-- > 0)
    __asm__ volatile("");
}

static const char *name(int number) {
  static char text[8];
  text[0] = text[1] = 'n';
  text[2] = (char)('a' + getpid() % 26);
  text[3] = (char)('a' + number / 26);
  text[4] = (char)('a' + number % 26);
  return text;
}

// A unit of work: how much of it failed.
static int unit(int number) {
  static char bytes[512];
  int failures = 0, ends[2], file = open("/neighbour", O_RDONLY);
  burn(BURST);
  failures += file < 0 || read(file, bytes, 64) != 64;
  close(file);
  if (pipe(ends) == 0) {
    failures += write(ends[1], bytes, 8) != 8 || read(ends[0], bytes, 8) != 8;
    close(ends[0]);
    close(ends[1]);
  } else {
    failures++;
  }
  int mutex = mutex_create("work");
  failures += mutex_lock(mutex) < 0 || mutex_unlock(mutex) < 0 || mutex_delete(mutex) < 0;
  char *page = shm_get("work");
  failures += !page;
  if (page)
    page[0]++;
  failures += shm_rem("work") < 0;
  char *heap = sbrk(PGSIZE);
  failures += heap == (char *)-1;
  if (heap != (char *)-1) {
    heap[0]++;
    sbrk(-PGSIZE);
  }
  file = open("/work", O_CREATE | O_WRONLY);
  failures += write(file, bytes, sizeof bytes) != sizeof bytes;
  close(file);
  failures += unlink("/work") < 0;
  if (number % 4 == 0) {
    int child = fork();
    if (child == 0)
      exit(0);
    failures += child < 0 || wait(0) != child;
  }
  return failures;
}

static int work(int units) {
  int failures = 0;
  uint64_t start = now();
  for (int number = 0; number < units; number++)
    failures += unit(number);
  printf("work: %d units, %ld instructions, %d failures\n", units, (long)(now() - start), failures);
  return failures != 0;
}

static void take_memory(void) {
  long taken = 0;
  for (char *page; (page = sbrk(PGSIZE)) != (char *)-1; taken += PGSIZE)
    page[0] = 1;
  sbrk(-taken);
}
static void take_disk(void) {
  static char block[1024];
  int count = 0, file;
  for (; count < 26 && (file = open(name(count), O_CREATE | O_WRONLY)) >= 0; count++) {
    int written;
    while ((written = write(file, block, sizeof block)) == sizeof block)
      ;
    close(file);
    if (written <= 0)
      break;
  }
  while (count >= 0)
    unlink(name(count--));
}
static void take_io(void) {
  static char bytes[1024];
  int file = open(name(0), O_CREATE | O_RDWR);
  write(file, bytes, sizeof bytes);
  close(file);
  file = open(name(0), O_RDONLY);
  read(file, bytes, sizeof bytes);
  close(file);
}
static void take_files(void) {
  int last = -1;
  for (int file; (file = open("/neighbour", O_RDONLY)) >= 0;)
    last = file;
  for (; last > 2; last--)
    close(last);
}
static void take_pipes(void) {
  int ends[2], last = -1;
  while (pipe(ends) == 0)
    last = ends[1];
  for (; last > 2; last--)
    close(last);
}
static void take_mutexes(void) {
  int handles[64], count = 0;
  while (count < 64 && (handles[count] = mutex_create(name(count))) >= 0)
    count++;
  while (count > 0)
    mutex_delete(handles[--count]);
}
static void take_pages(void) {
  int count = 0;
  while (count < 64 && shm_get(name(count)))
    count++;
  while (count > 0)
    shm_rem(name(--count));
}
static void take_processes(void) {
  int child = fork();
  if (child > 0)
    wait(0);
  else if (child == 0 && fork() >= 0)
    exit(0);
}
static void take_time(void) { burn(BURST); }

static const struct {
  const char *name;
  void (*take)(void);
} kinds[] = {
    {"cpu", take_time},   {"memory", take_memory},   {"disk", take_disk},     {"io", take_io},
    {"files", take_files}, {"pipes", take_pipes},     {"mutexes", take_mutexes},
    {"pages", take_pages}, {"forks", take_processes},
};

int main(int argc, char **argv) {
  CHECK(argc > 1);
  if (strcmp(argv[1], "work") == 0)
    return work(argc > 2 ? atoi(argv[2]) : 100);
  for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
    if (strcmp(argv[1], kinds[kind].name))
      continue;
    for (int child = 1; child < CHILDREN && fork() > 0; child++)
      ;
    for (;;)
      kinds[kind].take();
  }
  return 2;
}
