// Two processes pay 50 each into one account, without a lock. Whether both payments count depends on the
// schedule: `drydock search` finds the one with which they do not.
#include "guest.h"

int main(void) {
  volatile int *balance = (volatile int *)shm_get("balance");
  for (int who = 0; who < 2; who++)
    if (fork() == 0) {
      *balance = *balance + 50;
      exit(0);
    }
  while (wait(0) > 0)
    ;
  return *balance == 100 ? 0 : 1;
}
