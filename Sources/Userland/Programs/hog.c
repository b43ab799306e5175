// hog TICKS [AFTER]: takes all the open files, pipes, mutexes and shared pages that it gets, with a few children, for
// so many ticks, of which it lets some go by first, and tries for more at each tick; says how many mutexes and
// shared pages it had at most.
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

int main(int argc, char **argv) {
  int ticks = argc > 1 ? atoi(argv[1]) : 50, mutexes = 0, pages = 0;
  int end = uptime() + ticks;
  sleep(argc > 2 ? atoi(argv[2]) : 0);
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
