// Sleeping and waking: futexes, times, a lock in a word, and lines of threads.
#include "internal.h"
#include <errno.h>

enum { TICK = 10000000 };  // nanoseconds

int64_t libc_ticks(const struct timespec *span) {
  if (span->tv_nsec < 0 || span->tv_nsec > 999999999)
    return -1;
  if (span->tv_sec < 0)
    return 0;
  if (span->tv_sec > INT64_MAX / 200)
    return INT64_MAX / 2;
  return span->tv_sec * 100 + (span->tv_nsec + TICK - 1) / TICK;
}

int libc_sleep_until(int *word, int value, const struct timespec *until) {
  int ticks = 0;
  if (until) {
    int64_t left = libc_ticks(until) - (uint32_t)libc_uptime();
    if (left <= 0)
      return ETIMEDOUT;
    ticks = left > INT32_MAX ? INT32_MAX : (int)left;
  }
  libc_sleep(word, value, ticks);
  return 0;
}

int libc_lock_until(int *word, const struct timespec *until) {
  // Whoever has waited leaves AWAITED, since others may still wait.
  int seen;
  while ((seen = __atomic_fetch_or(word, HELD | AWAITED, __ATOMIC_ACQUIRE)) & HELD) {
    int failed = libc_sleep_until(word, seen | AWAITED, until);
    if (failed)
      return failed;
  }
  return 0;
}

static void set_first(struct libc_line *line, struct libc_thread *thread) {
  __atomic_store_n(&line->first, thread, __ATOMIC_RELEASE);
}

void libc_enter(struct libc_line *line, int kind) {
  struct libc_thread *self = libc_self();
  self->next = 0;
  self->kind = kind;
  __atomic_store_n(&self->woken, 0, __ATOMIC_RELEASE);
  if (libc_is_empty(line))
    set_first(line, self);
  else
    line->last->next = self;
  line->last = self;
}

struct libc_thread *libc_take(struct libc_line *line) {
  struct libc_thread *first = __atomic_load_n(&line->first, __ATOMIC_ACQUIRE);
  if (first)
    set_first(line, first->next);
  return first;
}

int libc_leave(struct libc_line *line) {
  struct libc_thread *self = libc_self(), *before = 0;
  struct libc_thread *at = __atomic_load_n(&line->first, __ATOMIC_ACQUIRE);
  for (; at && at != self; at = at->next)
    before = at;
  if (!at)
    return 0;
  if (before)
    before->next = self->next;
  else
    set_first(line, self->next);
  if (line->last == self)
    line->last = before;
  return 1;
}

void libc_wake_thread(struct libc_thread *thread) {
  __atomic_store_n(&thread->woken, 1, __ATOMIC_RELEASE);
  libc_wake(&thread->woken, 1);
}

int libc_wait_until(struct libc_line *line, int *lock, const struct timespec *until) {
  struct libc_thread *self = libc_self();
  while (!__atomic_load_n(&self->woken, __ATOMIC_ACQUIRE)) {
    if (!libc_sleep_until(&self->woken, 0, until))
      continue;
    libc_lock(lock);
    int was_there = libc_leave(line);
    libc_unlock(lock);
    if (was_there)
      return ETIMEDOUT;
    until = 0;  // taken just now: the wake is on its way
  }
  return 0;
}
