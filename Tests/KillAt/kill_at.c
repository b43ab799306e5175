#define _GNU_SOURCE
#include "kill_at.h"

#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void count_change(void) {
  static atomic_long changes;
  const char *moment = getenv("KILL_AT");
  if (moment && atomic_fetch_add(&changes, 1) + 1 == atol(moment)) kill(getpid(), SIGKILL);
}

// Defines a function of libc's anew, which counts and then does what that does.
#define COUNTED(result, name, parameters, arguments)                    \
  result name parameters {                                              \
    result(*real) parameters = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
    count_change();                                                     \
    return real arguments;                                              \
  }

COUNTED(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at),
        (file, bytes, count, at))
COUNTED(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at),
        (file, bytes, count, at))
COUNTED(int, ftruncate, (int file, off_t length), (file, length))
COUNTED(int, ftruncate64, (int file, off64_t length), (file, length))
COUNTED(int, fdatasync, (int file), (file))
COUNTED(int, fsync, (int file), (file))
COUNTED(int, unlink, (const char *path), (path))

// A signal that comes just before a wait without an end.
int poll(struct pollfd *ready, nfds_t count, int milliseconds) {
  int (*real)(struct pollfd *, nfds_t, int) =
      (int (*)(struct pollfd *, nfds_t, int))dlsym(RTLD_NEXT, "poll");
  if (milliseconds < 0 && getenv("TERM_AT_WAIT")) {
    unsetenv("TERM_AT_WAIT");
    raise(SIGTERM);
  }
  return real(ready, count, milliseconds);
}
