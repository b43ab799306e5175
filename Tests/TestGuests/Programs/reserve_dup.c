// The reserve is for processes outside containers, and they may have all of it. Another descriptor of a file that is
// open takes nothing of the table; another file, pipe or socket does.
#include "contain.h"

enum { HOGS = 12 };

static void inside(void) {
  int file = open("/", O_RDONLY), ends[2];
  CHECK(file >= 0);
  sleep(20);
  CHECK(dup(file) >= 0 && open("/", O_RDONLY) == -1 && pipe(ends) == -1 && socket(AF_INET, SOCK_STREAM, 0) == -1);
}

int main(void) {
  int child = fork(), hogs[HOGS], status;
  if (child == 0)
    exit(in_container(inside));
  // It opens its file while there are some.
  sleep(5);
  for (int hog = 0; hog < HOGS; hog++) {
    hogs[hog] = fork();
    if (hogs[hog] == 0) {
      while (open("/", O_RDONLY) >= 0)
        ;
      sleep(1000);
    }
  }
  CHECK(wait(&status) == child && status == 0);
  for (int hog = 0; hog < HOGS; hog++)
    CHECK(kill(hogs[hog]) == 0 && wait(&status) == hogs[hog]);
  return 0;
}
