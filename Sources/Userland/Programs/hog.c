// hog TICKS [AFTER [disk|io|memory]]: takes all the open files, pipes, mutexes and shared pages that it gets, with a few
// children, for so many ticks, of which it lets some go by first, and tries for more at each tick; says how many mutexes
// and shared pages it had at most. With `disk` it makes files and fills them instead, and with `io` it writes and reads
// one file, as often as it gets to; then it says how many files, and kilobytes, those were. With `memory` it takes pages
// and writes to them.
#include "guest.h"

enum { CHILDREN = 5, NAMES = 64 };

static const char *name(int number) {
  static char text[4] = "h";
  text[1] = (char)('0' + number / 10);
  text[2] = (char)('0' + number % 10);
  return text;
}

static void take_descriptors(void) {
  int ends[2];
  while (pipe(ends) == 0)
    ;
  while (open("/", O_RDONLY) >= 0)
    ;
}

static char block[1024];

static int fill(int end) {
  char path[] = "/hogAA";
  int files = 0, count = 0;
  while (uptime() < end) {
    int file = open(path, O_CREATE | O_WRONLY);
    if (file >= 0) {
      files++;
      while (uptime() < end && write(file, block, sizeof block) == sizeof block)
        count++;
      close(file);
      path[4] = (char)('A' + files / 26 % 26);
      path[5] = (char)('A' + files % 26);
    } else {
      sleep(1);
    }
  }
  printf("hog: %d files with %d blocks\n", files, count);
  return 0;
}

static int flood(int end) {
  int count = 0;
  while (uptime() < end)
    for (int flags = O_CREATE | O_WRONLY; flags >= 0; flags = flags == O_RDONLY ? -1 : O_RDONLY) {
      int file = open("/hogged", flags);
      for (int done = 0; done < 12 && uptime() < end; done++, count++)
        if ((flags ? write(file, block, sizeof block) : read(file, block, sizeof block)) != sizeof block)
          break;
      close(file);
    }
  printf("hog: %d kilobytes\n", count);
  return 0;
}

static int grow(int end) {
  int count = 0;
  for (; uptime() < end; sleep(1))
    for (char *page; (page = sbrk(PGSIZE)) != (char *)-1; count++)
      *page = 1;
  printf("hog: %d pages\n", count);
  return 0;
}

int main(int argc, char **argv) {
  int ticks = argc > 1 ? atoi(argv[1]) : 50, mutexes = 0, pages = 0;
  int end = uptime() + ticks;
  sleep(argc > 2 ? atoi(argv[2]) : 0);
  if (argc > 3)
    return argv[3][0] == 'd' ? fill(end) : argv[3][0] == 'i' ? flood(end) : grow(end);
  for (int child = 0; child < CHILDREN; child++)
    if (fork() == 0) {
      while (uptime() < end) {
        take_descriptors();
        sleep(1);
      }
      exit(0);
    }
  while (uptime() < end) {
    while (mutexes < NAMES && mutex_create(name(mutexes)) >= 0)
      mutexes++;
    while (pages < NAMES && shm_get(name(pages)))
      pages++;
    sleep(1);
  }
  while (wait(0) > 0)
    ;
  printf("hog: %d mutexes and %d shared pages\n", mutexes, pages);
  return 0;
}
