// As toctou, with a folder for a lock: mkdir finds out and makes it in one step.
#include "guest.h"

static int take(void) {
  return mkdir("/lock") == 0;
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
