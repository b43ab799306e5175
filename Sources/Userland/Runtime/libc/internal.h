// What the library's files have in common. Names that a program could have begin with libc_ here.
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>

// As glibc's for 64 bits: sources that were preprocessed with its headers have them.
_Static_assert(sizeof(pthread_t) == 8 && sizeof(pthread_mutex_t) == 40 && sizeof(pthread_cond_t) == 48, "sizes");
_Static_assert(sizeof(pthread_rwlock_t) == 56 && sizeof(pthread_barrier_t) == 32 && sizeof(sem_t) == 32, "sizes");
_Static_assert(sizeof(pthread_attr_t) == 56 && sizeof(pthread_mutexattr_t) == 4, "sizes");
_Static_assert(sizeof(pthread_condattr_t) == 4 && sizeof(pthread_rwlockattr_t) == 8, "sizes");
_Static_assert(sizeof(pthread_key_t) == 4 && sizeof(pthread_once_t) == 4 && sizeof(pthread_spinlock_t) == 4, "sizes");

// What is put into the words of locks and of threads that end; FIRST is there with whom the kernel takes for
// the process. A mutex has its type in the two bits below.
enum { HELD = 4, AWAITED = 8, DETACHED = 16, FIRST = 32 };

// The size of a stack, of which only pages that are touched take memory.
enum { LIBC_STACK = 1 << 20 };

struct libc_value {
  unsigned int use;
  const void *value;
};

// A thread, at the top of its stack.
struct libc_thread {
  // Where it waits: the next in that line, whether it has been woken, and as what it waits.
  struct libc_thread *next;
  int woken, kind;
  // HELD when it has ended, AWAITED when another joins it, DETACHED when nobody will; FIRST.
  int end;
  int pid, error;
  void *(*start)(void *);
  void *argument, *result;
  struct libc_value *values;
  struct pthread_cleanup *cleanup;
  void **locals;
  size_t locals_count;
  // Of a stack that is none of those set aside for threads; 0: it is the program's.
  size_t bytes;
};

// Threads that wait, the first in line first.
struct libc_line {
  struct libc_thread *first, *last;
};

// The thread pointer, which is 0 in the first thread of all.
static inline struct libc_thread *libc_pointer(void) {
  struct libc_thread *self;
  __asm__ volatile("mv %0, tp" : "=r"(self));
  return self;
}
struct libc_thread *libc_self(void);

// Calls of the kernel, which a program may have functions of its own by the name of.
static inline long libc_call(long number, long a, long b, long c, long d) {
  register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
  return a0;
}
static inline int libc_uptime(void) { return (int)libc_call(14, 0, 0, 0, 0); }
static inline void libc_wake(int *word, int count) { libc_call(57, (long)word, 1, count, 0); }
static inline long libc_write(int descriptor, const void *bytes, long count) {
  return libc_call(16, descriptor, (long)bytes, count, 0);
}

// Sleeps while the word has this value, at most so many ticks (0: for ever); also ends the process if
// another thread has called `exit`.
int libc_sleep(int *word, int value, int ticks);
// The same until a time: 0, or ETIMEDOUT when it has come. No time is for ever.
int libc_sleep_until(int *word, int value, const struct timespec *until);
// How many ticks a time span is, rounded up; -1 if it is none.
int64_t libc_ticks(const struct timespec *span);

// Ends the process, whichever of its threads calls.
_Noreturn void libc_end(int status);

// A lock in a word, which has neither HELD nor AWAITED when it is free. Each is one atomic instruction where
// nobody waits.
int libc_lock_until(int *word, const struct timespec *until);
static inline int libc_try(int *word) {
  return !(__atomic_fetch_or(word, HELD, __ATOMIC_ACQUIRE) & HELD);
}
static inline void libc_lock(int *word) {
  if (!libc_try(word))
    libc_lock_until(word, 0);
}
static inline void libc_unlock(int *word) {
  if (__atomic_fetch_and(word, ~(HELD | AWAITED), __ATOMIC_RELEASE) & AWAITED)
    libc_wake(word, 1);
}

// Lines of waiting threads. Their owner's lock is held, except where it is asked whether there is anybody.
static inline int libc_is_empty(struct libc_line *line) {
  return __atomic_load_n(&line->first, __ATOMIC_ACQUIRE) == 0;
}
void libc_enter(struct libc_line *line, int kind);
// Takes the first, or 0.
struct libc_thread *libc_take(struct libc_line *line);
// Takes the caller out of the line; whether it was there.
int libc_leave(struct libc_line *line);
// Lets one who has been taken go on.
void libc_wake_thread(struct libc_thread *thread);
// Waits to be taken; with the time over, the caller leaves the line if it is still there. 0 or ETIMEDOUT.
int libc_wait_until(struct libc_line *line, int *lock, const struct timespec *until);

extern int libc_heap_lock;
// Calls the destructors of the thread's values, and frees what it kept.
void libc_end_values(struct libc_thread *thread);
