// For programs written for xv6: the disk's measures. (`guest.h` has `struct dirent`.)
#pragma once

#include "types.h"

#define ROOTINO 1
#define BSIZE 1024
#define NDIRECT 12
#define NINDIRECT (BSIZE / sizeof(uint))
#define MAXFILE (NDIRECT + NINDIRECT)
