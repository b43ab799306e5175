// Time, of which the machine has ticks: 10 milliseconds each here, from when it was switched on.
#include "internal.h"
#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

enum { TICK = 10000000 };

int clock_gettime(clockid_t clock, struct timespec *result) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
    errno = EINVAL;
    return -1;
  }
  uint32_t ticks = (uint32_t)libc_uptime();
  *result = (struct timespec){ticks / 100, (long)(ticks % 100) * TICK};
  return 0;
}

int clock_getres(clockid_t clock, struct timespec *result) {
  struct timespec now;
  if (clock_gettime(clock, &now))
    return -1;
  if (result)
    *result = (struct timespec){0, TICK};
  return 0;
}

int timespec_get(struct timespec *result, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, result) == 0 ? base : 0;
}

time_t time(time_t *result) {
  time_t now = (uint32_t)libc_uptime() / 100;
  if (result)
    *result = now;
  return now;
}

// Of the whole machine: a process's own time is in the trace.
clock_t clock(void) { return (clock_t)(uint32_t)libc_uptime() * (CLOCKS_PER_SEC / 100); }

int gettimeofday(struct timeval *result, void *zone) {
  (void)zone;
  uint32_t ticks = (uint32_t)libc_uptime();
  *result = (struct timeval){ticks / 100, (long)(ticks % 100) * (TICK / 1000)};
  return 0;
}

// On a word of its own, so that `exit` of another thread ends it.
static void sleep_ticks(int64_t ticks) {
  int never = 0;
  uint32_t begin = (uint32_t)libc_uptime();
  int64_t gone;
  while ((gone = (uint32_t)libc_uptime() - begin) < ticks)
    libc_sleep(&never, 0, ticks - gone > INT32_MAX ? INT32_MAX : (int)(ticks - gone));
}

int nanosleep(const struct timespec *duration, struct timespec *left) {
  int64_t ticks = libc_ticks(duration);
  if (ticks < 0 || duration->tv_sec < 0) {
    errno = EINVAL;
    return -1;
  }
  sleep_ticks(ticks);
  if (left)
    *left = (struct timespec){0, 0};
  return 0;
}

unsigned int sleep(unsigned int seconds) {
  sleep_ticks((int64_t)seconds * 100);
  return 0;
}

int usleep(useconds_t microseconds) {
  sleep_ticks(((int64_t)microseconds * 1000 + TICK - 1) / TICK);
  return 0;
}

int sched_yield(void) {
  sleep_ticks(1);
  return 0;
}

long sysconf(int name) {
  if (name == _SC_PAGESIZE)
    return 4096;
  errno = EINVAL;
  return -1;
}
