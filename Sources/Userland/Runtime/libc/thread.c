// Threads: their beginning and end, and the end of the process.
//
// The kernel takes the first thread for the process: `exit` in it ends all, in another only that one. A
// thread that has ended is kept by the kernel until it is joined; of one that is detached, the next
// pthread_create takes care.
//
// Every access to memory is a place at which `drydock search` may go another way, so that there are few.
#include "internal.h"
#include <errno.h>
#include <stdlib.h>

enum { STACKS = 32, LAZY = 2, KILLED_AFTER = 20 };

static struct libc_thread main_thread = {.end = FIRST};

// Stacks for threads, set aside with the first. How many of them have ever been used is in the lower half of
// `state`; those that are free again have a bit in `idle`.
static char *stacks;
static uint64_t idle;

// In the upper half: how many threads there are beside the first, that some who were detached have ended, and
// that the first thread waits for the others' end.
static const uint64_t ONE_MORE = 1ul << 32, SOME_ENDED = 1ul << 62, FIRST_WAITS = 1ul << 63;
static uint64_t state;
static int others_of(uint64_t state) { return (int)(state >> 32 & 0xfffffff); }
static uint64_t add(uint64_t more) { return __atomic_fetch_add(&state, more, __ATOMIC_ACQ_REL); }

static int lock;  // of these two
static struct libc_thread *ended, *large;

// Where the first thread sleeps, for whoever wants to end the process, and what it finds there then.
static int *first_sleeps;
static int ending;
static int is_ending, end_status;

struct libc_thread *libc_self(void) {
  struct libc_thread *self = libc_pointer();
  return self ? self : &main_thread;
}

// Whether this is the thread that the kernel takes for the process: that of `main`, or one that has forked.
static int is_first(void) {
  struct libc_thread *self = libc_pointer();
  return !self || __atomic_load_n(&self->end, __ATOMIC_ACQUIRE) & FIRST;
}

int *__errno_location(void) { return &libc_self()->error; }

static _Noreturn void kernel_exit(int status) {
  for (;;)
    libc_call(2, status, 0, 0, 0);
}

static void say_where(int *word) {
  if (__atomic_exchange_n(&first_sleeps, word, __ATOMIC_ACQ_REL) == &ending)
    kernel_exit(end_status);
}

int libc_sleep(int *word, int value, int ticks) {
  int says = is_first();
  if (says)
    say_where(word);
  int result = (int)libc_call(57, (long)word, 0, value, ticks);
  if (says)
    say_where(0);
  return result;
}

void libc_end(int status) {
  static int never;
  if (is_first())
    kernel_exit(status);
  if (__atomic_exchange_n(&is_ending, 1, __ATOMIC_ACQ_REL))
    for (;;)
      libc_sleep(&never, 0, 0);
  end_status = status;
  int *word = __atomic_exchange_n(&first_sleeps, &ending, __ATOMIC_ACQ_REL);
  // It may be only about to sleep when it is woken, so it is woken again.
  for (int tries = 0; tries < KILLED_AFTER; tries++) {
    if (word)
      libc_wake(word, INT32_MAX);
    libc_sleep(&never, 0, 1);
  }
  // It computes, or waits in a call of the kernel.
  libc_call(6, libc_call(11, 0, 0, 0, 0), 0, 0, 0);
  kernel_exit(status);
}

static struct libc_thread *at_top(void *stack, size_t bytes) {
  uintptr_t top = ((uintptr_t)stack + bytes) & ~15ul;
  return (struct libc_thread *)(top - ((sizeof(struct libc_thread) + 15) & ~15ul));
}

static struct libc_thread *thread_of(char *all, unsigned int slot) {
  return at_top(all + (size_t)slot * LIBC_STACK, LIBC_STACK);
}

// Lets the stack be used by another.
static void put_back(struct libc_thread *thread) {
  uintptr_t offset = (uintptr_t)thread - (uintptr_t)stacks;
  if (offset < (uintptr_t)STACKS * LIBC_STACK) {
    __atomic_fetch_or(&idle, 1ul << offset / LIBC_STACK, __ATOMIC_ACQ_REL);
  } else if (thread->bytes) {
    libc_lock(&lock);
    thread->next = large;
    large = thread;
    libc_unlock(&lock);
  }
}

// Waits until the kernel has done with the thread, and with its stack.
static void release(struct libc_thread *thread) {
  libc_call(56, thread->pid, 0, 0, 0);
  put_back(thread);
}

static void release_detached(void) {
  __atomic_fetch_and(&state, ~SOME_ENDED, __ATOMIC_ACQ_REL);
  libc_lock(&lock);
  struct libc_thread *all = ended;
  ended = 0;
  libc_unlock(&lock);
  while (all) {
    struct libc_thread *next = all->next;
    release(all);
    all = next;
  }
}

static void give_up(struct libc_thread *thread) {
  libc_lock(&lock);
  thread->next = ended;
  ended = thread;
  libc_unlock(&lock);
  __atomic_fetch_or(&state, SOME_ENDED, __ATOMIC_ACQ_REL);
}

static struct libc_thread *take_idle(void) {
  uint64_t seen = __atomic_load_n(&idle, __ATOMIC_ACQUIRE);
  while (seen)
    if (__atomic_compare_exchange_n(&idle, &seen, seen & (seen - 1), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      unsigned int slot = 0;
      while (!(seen >> slot & 1))
        slot++;
      struct libc_thread *thread = thread_of(stacks, slot);
      thread->end = 0;
      return thread;
    }
  return 0;
}

// A stack of its own.
static struct libc_thread *take_large(size_t bytes) {
  libc_lock(&lock);
  struct libc_thread **link = &large, *found;
  while ((found = *link) && found->bytes < bytes)
    link = &found->next;
  if (found)
    *link = found->next;
  libc_unlock(&lock);
  if (found) {
    found->end = 0;
    return found;
  }
  // Pages come, zeroed, when they are touched.
  long stack = libc_call(12, (long)bytes, LAZY, 0, 0);
  if (stack == -1)
    return 0;
  found = at_top((void *)stack, bytes);
  found->bytes = bytes;
  return found;
}

static int begin(void *argument) {
  struct libc_thread *self = argument;
  __asm__ volatile("mv tp, %0" : : "r"(self));
  self->error = 0;
  pthread_exit(self->start(self->argument));
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument) {
  size_t bytes = attr && attr->self.bytes ? attr->self.bytes : LIBC_STACK;
  void *stack = attr ? attr->self.stack : 0;
  if (bytes > INT32_MAX - PTHREAD_STACK_MIN)
    return EAGAIN;
  char *all = stacks;
  if (!all) {
    all = (char *)libc_call(12, (long)STACKS * LIBC_STACK, LAZY, 0, 0);
    if (all == (char *)-1)
      return EAGAIN;
    stacks = all;
  }
  int is_usual = !stack && bytes <= LIBC_STACK;
  uint64_t seen = add(ONE_MORE + (uint64_t)is_usual);
  if (seen & SOME_ENDED)
    release_detached();
  struct libc_thread *new = 0;
  if (stack) {
    new = at_top(stack, bytes);
    *new = (struct libc_thread){.next = 0};
  } else if (is_usual && (uint32_t)seen < STACKS) {
    new = thread_of(all, (uint32_t)seen);
  } else {
    if (is_usual)
      new = take_idle();
    if (!new)
      new = take_large((bytes + PTHREAD_STACK_MIN - 1) & ~(size_t)(PTHREAD_STACK_MIN - 1));
  }
  if (!new) {
    add(-ONE_MORE);
    return EAGAIN;
  }
  new->start = start;
  new->argument = argument;
  if (attr && attr->self.detached)
    new->end = DETACHED;
  *thread = (pthread_t)new;
  if (libc_call(55, (long)begin, (long)new, (long)new, 0) >= 0)
    return 0;
  put_back(new);
  add(-ONE_MORE);
  return EAGAIN;
}

void pthread_exit(void *result) {
  struct libc_thread *self = libc_self();
  while (self->cleanup) {
    struct pthread_cleanup *cleanup = self->cleanup;
    self->cleanup = cleanup->next;
    cleanup->function(cleanup->argument);
  }
  libc_end_values(self);
  self->result = result;
  self->pid = (int)libc_call(58, 0, 0, 0, 0);
  int end = __atomic_fetch_or(&self->end, HELD, __ATOMIC_ACQ_REL);
  if (end & AWAITED)
    libc_wake(&self->end, INT32_MAX);
  if (is_first()) {
    uint64_t seen = __atomic_fetch_or(&state, FIRST_WAITS, __ATOMIC_ACQ_REL) | FIRST_WAITS;
    while (others_of(seen)) {
      libc_sleep((int *)&state + 1, (int)(seen >> 32), 0);
      seen = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
    }
    exit(0);
  }
  if (end & DETACHED)
    give_up(self);
  uint64_t seen = add(-ONE_MORE);
  if (seen & FIRST_WAITS && others_of(seen) == 1)
    libc_wake((int *)&state + 1, 1);
  kernel_exit(0);
}

int pthread_join(pthread_t joined, void **result) {
  struct libc_thread *thread = (struct libc_thread *)joined;
  if (!thread)
    return ESRCH;
  if (thread == libc_self())
    return EDEADLK;
  int end = __atomic_fetch_or(&thread->end, AWAITED, __ATOMIC_ACQ_REL);
  if (end & (AWAITED | DETACHED))
    return EINVAL;
  while (!(end & HELD)) {
    libc_sleep(&thread->end, AWAITED, 0);
    end = __atomic_load_n(&thread->end, __ATOMIC_ACQUIRE);
  }
  if (result)
    *result = thread->result;
  if (!(end & FIRST))
    release(thread);
  return 0;
}

int pthread_detach(pthread_t detached) {
  struct libc_thread *thread = (struct libc_thread *)detached;
  if (!thread)
    return ESRCH;
  int end = __atomic_fetch_or(&thread->end, DETACHED, __ATOMIC_ACQ_REL);
  if (end & (AWAITED | DETACHED))
    return EINVAL;
  if (end & HELD && !(end & FIRST))
    give_up(thread);
  return 0;
}

pthread_t pthread_self(void) { return (pthread_t)libc_self(); }
int pthread_equal(pthread_t a, pthread_t b) { return a == b; }

void pthread_cleanup_enter(struct pthread_cleanup *cleanup) {
  struct libc_thread *self = libc_self();
  cleanup->next = self->cleanup;
  self->cleanup = cleanup;
}

void pthread_cleanup_leave(struct pthread_cleanup *cleanup, int execute) {
  libc_self()->cleanup = cleanup->next;
  if (execute)
    cleanup->function(cleanup->argument);
}

// The child has one thread, the caller's, which is its first.
pid_t fork(void) {
  libc_lock(&libc_heap_lock);
  libc_lock(&lock);
  pid_t child = (pid_t)libc_call(1, 0, 0, 0, 0);
  if (child == 0) {
    libc_self()->end |= FIRST;
    state &= UINT32_MAX;
    ended = 0;
    first_sleeps = 0;
    is_ending = 0;
  }
  libc_unlock(&lock);
  libc_unlock(&libc_heap_lock);
  return child;
}
