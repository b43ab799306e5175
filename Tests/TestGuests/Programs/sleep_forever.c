// Sleeps as long as one can ask for, again and again.
#include "check.h"

int main(void) {
  while (sleep(-1) == 0)
    ;
  return 1;
}
