// The end of a process, and of what is to be done at it.
#include "internal.h"
#include <stdlib.h>
#include <unistd.h>

enum { HANDLERS = 32 };

static void (*handlers[HANDLERS])(void);
static int count, lock;

int atexit(void (*function)(void)) {
  libc_lock(&lock);
  int is_full = count == HANDLERS;
  if (!is_full)
    handlers[count++] = function;
  libc_unlock(&lock);
  return is_full ? -1 : 0;
}

static void (*next(void))(void) {
  libc_lock(&lock);
  void (*handler)(void) = count ? handlers[--count] : 0;
  libc_unlock(&lock);
  return handler;
}

void exit(int status) {
  void (*handler)(void);
  while ((handler = next()))
    handler();
  libc_end(status);
}

void _exit(int status) { libc_end(status); }
void _Exit(int status) { libc_end(status); }

// In place of the kernel's `exit`, where `main` returns to.
_Noreturn void main_returned(int status) { exit(status); }
