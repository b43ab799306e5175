// What the test programs check with.
#pragma once

#include "guest.h"

static _Noreturn void failed(const char *file, int line, const char *condition);

// Ends the program, with status 1, if the condition does not hold.
#define CHECK(condition) ((condition) ? (void)0 : failed(__FILE_NAME__, __LINE__, #condition))

static _Noreturn void failed(const char *file, int line, const char *condition) {
  fprintf(2, "FAILED %s:%d: %s\n", file, line, condition);
  exit(1);
}
