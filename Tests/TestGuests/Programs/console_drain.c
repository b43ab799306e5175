// Reads the console for ever, whatever it says of its end.
#include "guest.h"

int main(void) {
  char byte;
  for (;;)
    read(0, &byte, 1);
}
