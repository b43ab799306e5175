// Waits for data in a pipe that only it could write to.
#include "guest.h"

int main(void) {
  int ends[2];
  char byte;
  pipe(ends);
  return read(ends[0], &byte, 1);
}
