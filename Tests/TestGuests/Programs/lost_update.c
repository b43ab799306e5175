// Two processes add to one number, a load, an addition and a store at a time, with no lock. Nothing
// else in them takes time, so that a machine finds out only by giving a hart away in between. Prints
// what the number came to; 400 says that no update was lost.
#include "check.h"

enum { ROUNDS = 200 };

int main(void) {
  volatile int *number = (volatile int *)shm_get("number");
  CHECK(number);
  for (int adder = 0; adder < 2; adder++)
    if (fork() == 0) {
      for (int round = 0; round < ROUNDS; round++)
        *number = *number + 1;
      exit(0);
    }
  while (wait(0) > 0)
    ;
  printf("%d\n", *number);
  return 0;
}
