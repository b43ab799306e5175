// Sleeps as long as one can ask for, again and again.
#include "check.h"

int main(void) {
  while (sleep(2147483647) == 0)
    ;
  return 1;
}
