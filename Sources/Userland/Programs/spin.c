// spin: burns a number of loops; without one, loops until it is killed.
#include "guest.h"

int main(int argc, char **argv) {
  unsigned long loops = 0;
  for (char *digit = argc > 1 ? argv[1] : ""; *digit; digit++)
    loops = loops * 10 + (unsigned long)(*digit - '0');
  for (unsigned long loop = 0; argc < 2 || loop < loops; loop++)
    __asm__ volatile("");
  return 0;
}
