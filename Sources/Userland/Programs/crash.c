// crash: writes through a null pointer, where the program's own text is.
#include "guest.h"

int main(void) {
  *(volatile int *)0 = 1;
  return 0;
}
