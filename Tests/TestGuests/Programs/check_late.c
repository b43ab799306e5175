// One process says that it is ready before it is: who believes it too early fails, with the status that
// was put off, or by a load from where nothing is when told to `crash`.
#include "check.h"

int main(int argc, char **argv) {
  volatile int *page = (volatile int *)shm_get("page");
  CHECK(page);
  if (fork() == 0) {
    page[0] = 1;
    page[1] = 1;
    exit(0);
  }
  int isEarly = page[0] && !page[1];
  while (wait(0) > 0)
    ;
  if (isEarly && argc > 1 && !strcmp(argv[1], "crash"))
    return *(volatile int *)0x3f0000000;
  return isEarly ? 7 : 0;
}
