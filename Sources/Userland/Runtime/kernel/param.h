// For programs written for xv6: the machine's measures, unless a scenario says otherwise.
#pragma once

#include "../guest.h"

#undef MAXARG
#define MAXARG 32  // its terminating null included
#define NPROC 64
#define NOFILE 16
#define NFILE 100
#define NINODE 200
#define FSSIZE 2000
#define USERSTACK 1
