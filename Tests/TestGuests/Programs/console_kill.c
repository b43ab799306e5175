// A process that waits for the console can be killed; what is typed then is the next reader's.
#include "check.h"

int main(void) {
  char bytes[8];
  int child = fork(), status;
  if (child == 0) {
    read(0, bytes, 8);
    exit(0);
  }
  sleep(2);
  CHECK(kill(child) == 0);
  CHECK(wait(&status) == child && status == -1);
  CHECK(read(0, bytes, 8) == 3 && memcmp(bytes, "ok\n", 3) == 0);
  return 0;
}
