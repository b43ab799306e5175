// `fuzz` in processes that have threads, which make its calls too: `fuzz_threads SEED CALLS`.
#include "thread.h"

#define THREADS 6
#include "fuzz.c"
