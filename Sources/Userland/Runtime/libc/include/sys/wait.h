// A status has all 32 bits that `exit` got; a process that was killed or ended by a fault has -1.
#pragma once

#include <sys/types.h>

#define WIFEXITED(status) ((status) != -1)
#define WEXITSTATUS(status) ((status)&0xff)
#define WIFSIGNALED(status) ((status) == -1)

pid_t wait(int *status);
