// full KIND…: takes all that it gets of a table of the machine's, or of several, one after another, says how much that
// is, and keeps it. Beside a container that runs this the manager has to be reached.
#include "guest.h"

static int take_slots(void) {
  int count = 0, child;
  while ((child = fork()) > 0)
    count++;
  while (child == 0)
    sleep(1000000);
  return count;
}
static int take_frames(void) {
  int count = 0;
  for (char *page; (page = sbrk(PGSIZE)) != (char *)-1; count++)
    page[0] = 1;
  return count;
}
static const char *name(int number) {
  static char text[] = "f..";
  text[1] = (char)('a' + number / 26);
  text[2] = (char)('a' + number % 26);
  return text;
}
static int take_pages(void) {
  int count = 0;
  while (shm_get(name(count)))
    count++;
  return count;
}
// A process has room for so many descriptors and handles, so that it needs helpers.
static int take_by(int (*once)(void)) {
  int ends[2], count = 0, more = 0;
  if (pipe(ends) < 0)
    return once();
  do {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      more = once();
      if (write(ends[1], &more, sizeof more) != sizeof more)
        exit(1);
      while (more)
        sleep(1000000);
      exit(0);
    }
    if (read(ends[0], &more, sizeof more) != sizeof more)
      break;
    count += more;
  } while (more);
  return count;
}
static int some_mutexes(void) {
  static char own[8];
  int count = 0, pid = getpid();
  do {
    own[0] = (char)('a' + pid / 26 % 26);
    own[1] = (char)('a' + pid % 26);
    own[2] = (char)('a' + count);
  } while (count < 26 && mutex_create(own) >= 0 && ++count);
  return count;
}
static int some_files(void) {
  int count = 0;
  while (open("/", O_RDONLY) >= 0)
    count++;
  return count;
}
static int some_pipes(void) {
  int count = 0, ends[2];
  while (pipe(ends) == 0)
    count++;
  return count;
}
static int take_mutexes(void) { return take_by(some_mutexes); }
static int take_files(void) { return take_by(some_files); }
static int take_pipes(void) { return take_by(some_pipes); }
static int take_inodes(void) {
  int count = 0;
  for (int file; (file = open(name(count), O_CREATE | O_WRONLY)) >= 0; count++)
    close(file);
  return count;
}
static int take_blocks(void) {
  static char block[1024];
  int count = 0;
  for (int number = 0, before = -1; count > before; number++) {
    before = count;
    int file = open(name(number), O_CREATE | O_WRONLY);
    while (write(file, block, sizeof block) == sizeof block)
      count++;
    close(file);
  }
  return count;
}

static const struct {
  const char *name;
  int (*take)(void);
} kinds[] = {
    {"files", take_files},   {"pipes", take_pipes},   {"mutexes", take_mutexes},
    {"pages", take_pages},   {"blocks", take_blocks}, {"inodes", take_inodes},
    {"slots", take_slots},   {"frames", take_frames},
};

int main(int argc, char **argv) {
  for (int word = 1; word < argc; word++)
    for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
      if (strcmp(argv[word], kinds[kind].name) == 0)
        printf("%s %d\n", argv[word], kinds[kind].take());
  printf("full\n");
  for (;;)
    sleep(1000000);
}
