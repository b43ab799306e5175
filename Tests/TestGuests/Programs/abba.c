// Two processes take two mutexes, each in the other order. As long as neither is interrupted between its
// two, all is well; else both wait for ever.
#include "check.h"

int main(void) {
  int first = mutex_create("first"), second = mutex_create("second");
  CHECK(first >= 0 && second >= 0);
  for (int taker = 0; taker < 2; taker++)
    if (fork() == 0) {
      mutex_lock(taker ? second : first);
      mutex_lock(taker ? first : second);
      mutex_unlock(first);
      mutex_unlock(second);
      exit(0);
    }
  while (wait(0) > 0)
    ;
  return 0;
}
