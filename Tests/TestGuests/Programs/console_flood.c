// Writes more to the console than there is time for; and forks before, so that somebody else has
// something to say meanwhile.
#include "check.h"

int main(void) {
  int count = 32 << 20;
  char *bytes = sbrk(count);
  CHECK(bytes != (char *)-1);
  if (fork() == 0)
    for (;;) {
      printf("|");
      sleep(1);
    }
  write(1, bytes, count);
  return 0;
}
