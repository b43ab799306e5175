// Time of check to time of use: two containers that see the same folder both find that it has no lock file.
#include "guest.h"

static int take(void) {
  if (open("/lock", O_RDONLY) >= 0)
    return 0;
  int file = open("/lock", O_CREATE | O_WRONLY);
  return file >= 0;
}

int main(void) {
  for (int which = 0; which < 2; which++)
    if (fork() == 0) {
      if (cm_create_and_enter() < 0)
        exit(100);
      exit(take());
    }
  int owners = 0, status;
  while (wait(&status) > 0)
    owners += status;
  return owners == 1 ? 0 : 1;
}
