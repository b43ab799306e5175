// The end of what has gone wrong: a fault, which the trace and a search show.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void abort(void) {
  for (;;)
    __builtin_trap();
}

void __assert_fail(const char *condition, const char *file, unsigned int line, const char *function) {
  dprintf(2, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, condition);
  abort();
}
