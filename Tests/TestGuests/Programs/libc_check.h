// For tests of the C library: what does not hold is said, and ends the process with 1.
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define CHECK(what)                                                                                \
  do {                                                                                             \
    if (!(what)) {                                                                                 \
      printf("line %d: %s\n", __LINE__, #what);                                                    \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)
