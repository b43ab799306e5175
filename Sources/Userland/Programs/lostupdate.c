// lostupdate: two processes add to one number in a shared page, without a lock. Each addition is a
// load, a sum and a store; where a hart is given away between load and store, what the other stored
// meanwhile is lost. Whether that happens depends on the seed; with `safe`, which takes a mutex, it
// never does.
//
// `lostupdate [safe] [ROUNDS]`
#include "guest.h"

int main(int argc, char **argv) {
  int safe = argc > 1 && !strcmp(argv[1], "safe");
  int rounds = argc > 1 + safe ? atoi(argv[1 + safe]) : 200;
  volatile int *number = (volatile int *)shm_get("number");
  int mutex = mutex_create("number");
  if (!number || mutex < 0)
    return 1;
  for (int adder = 0; adder < 2; adder++)
    if (fork() == 0) {
      for (int round = 0; round < rounds; round++) {
        if (safe)
          mutex_lock(mutex);
        *number = *number + 1;
        if (safe)
          mutex_unlock(mutex);
      }
      exit(0);
    }
  while (wait(0) > 0)
    ;
  printf("lostupdate: %s, %d of %d updates lost\n", safe ? "safe" : "unsafe",
         2 * rounds - *number, 2 * rounds);
  return safe && *number != 2 * rounds;
}
