#pragma once

#include <sys/types.h>
#include <time.h>

// Lets others go on until the next tick.
int sched_yield(void);
