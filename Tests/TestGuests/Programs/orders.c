// Small programs of which it is known how many orders make a difference. Without an argument it is the first.
//
// `orders [own|add|lock|fork|pipe|readers|signal|futex|kill] [COUNT]`
#include "check.h"
#include "thread.h"

#define STACK 4096

static char stacks[6][STACK] __attribute__((aligned(16)));
// A word each, eight bytes apart.
static long own[6], number;
static int mutex, count = 2;

// One operation, without any access besides.
static inline void add(long *word) {
  __asm__ volatile("amoadd.d x0, %1, (%0)" ::"r"(word), "r"(1L) : "memory");
}

static int add_own(void *word) {
  for (int round = 0; round < 3; round++)
    add(word);
  exit(0);
}

static int add_number(void *rounds) {
  for (long round = 0; round < (long)rounds; round++)
    add(&number);
  exit(0);
}

static int add_locked(void *unused) {
  (void)unused;
  mutex_lock(mutex);
  number = number + 1;
  mutex_unlock(mutex);
  exit(0);
}

static void with_threads(int threads, int (*function)(void *), void *argument) {
  int pids[6];
  for (int which = 0; which < threads; which++) {
    pids[which] = clone(function, argument ? argument : &own[which], stacks[which] + STACK);
    CHECK(pids[which] > 0);
  }
  for (int which = 0; which < threads; which++)
    CHECK(join(pids[which], 0) == 0);
}

static void with_pipe(void) {
  int ends[2];
  char byte = 'a';
  CHECK(pipe(ends) == 0);
  if (fork() == 0) {
    CHECK(read(ends[0], &byte, 1) == 1 && byte == 'a');
    exit(0);
  }
  CHECK(write(ends[1], &byte, 1) == 1);
  CHECK(wait(0) > 0);
}

// Which of two has the first byte is their status.
static void with_readers(void) {
  int ends[2];
  char byte = 1;
  CHECK(pipe(ends) == 0);
  for (int reader = 0; reader < 2; reader++)
    if (fork() == 0) {
      CHECK(read(ends[0], &byte, 1) == 1);
      exit(byte);
    }
  for (byte = 1; byte <= 2; byte++)
    CHECK(write(ends[1], &byte, 1) == 1);
  while (wait(0) > 0)
    ;
}

static int signal_number(void *unused) {
  (void)unused;
  mutex_lock(mutex);
  add(&number);
  cv_signal(mutex);
  mutex_unlock(mutex);
  exit(0);
}

static void with_signal(void) {
  mutex = mutex_create("orders");
  int thread = clone(signal_number, 0, stacks[0] + STACK);
  int other = clone(add_locked, 0, stacks[1] + STACK);
  CHECK(thread > 0 && other > 0);
  mutex_lock(mutex);
  while (number == 0)
    cv_wait(mutex);
  mutex_unlock(mutex);
  CHECK(join(thread, 0) == 0 && join(other, 0) == 0);
}

static int wake_number(void *unused) {
  (void)unused;
  add(&number);
  futex((int *)&number, 1, 1, 0);
  exit(0);
}

static void with_futex(void) {
  int thread = clone(wake_number, 0, stacks[0] + STACK);
  CHECK(thread > 0);
  futex((int *)&number, 0, 0, 0);
  CHECK(*(volatile long *)&number == 1 && join(thread, 0) == 0);
}

static void with_kill(void) {
  long *shared = (long *)shm_get("orders");
  int child = fork();
  if (child == 0) {
    add(shared);
    add(shared);
    exit(0);
  }
  kill(child);
  CHECK(wait(0) == child && *(volatile long *)shared <= 2);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "own";
  if (argc > 2)
    count = atoi(argv[2]);
  if (!strcmp(what, "own"))
    with_threads(count, add_own, 0);
  if (!strcmp(what, "add")) {
    with_threads(2, add_number, (void *)(long)count);
    CHECK(number == 2 * count);
  }
  if (!strcmp(what, "lock")) {
    mutex = mutex_create("orders");
    with_threads(count, add_locked, 0);
    CHECK(number == count);
  }
  if (!strcmp(what, "fork")) {
    for (int child = 0; child < count; child++)
      if (fork() == 0)
        exit(0);
    while (wait(0) > 0)
      ;
  }
  if (!strcmp(what, "pipe"))
    with_pipe();
  if (!strcmp(what, "readers"))
    with_readers();
  if (!strcmp(what, "signal"))
    with_signal();
  if (!strcmp(what, "futex"))
    with_futex();
  if (!strcmp(what, "kill"))
    with_kill();
  return 0;
}
