// What threads may rely on: each part goes wrong on a kernel with one of the mistakes.
#include "provoke.h"
#include "thread.h"

static char stacks[4][4096] __attribute__((aligned(16)));
static int word, ends[2];

static int begin(int which, int (*function)(void *), void *argument) {
  return clone(function, argument, stacks[which] + sizeof stacks[which]);
}
static int nap(void *argument) {
  sleep(3);
  return (int)(long)argument;
}
static int sleep_on(void *argument) { return futex(argument, 0, 0, 20); }
static int read_end(void *argument) {
  char byte;
  return read((int)(long)argument, &byte, 1);
}

static void look_first(void) { CHECK(futex(&word, 0, 1, 3) == -1); }

static void join_one(void) {
  int status = 0;
  CHECK(join(begin(0, nap, (void *)5), &status) == 0);
  CHECK(status == 5);
}

// In two containers, at one address.
static void wake_nobody(void) {
  enter();
  sleep(2);
  CHECK(futex(&word, 1, 1, 0) == 0);
}
static void be_woken(void) {
  enter();
  CHECK(futex(&word, 0, 0, 6) == -1);
}
static void stay_apart(void) {
  int sleeper = fork();
  if (sleeper == 0) {
    be_woken();
    exit(0);
  }
  int waker = fork(), status;
  if (waker == 0) {
    wake_nobody();
    exit(0);
  }
  for (int child = 0; child < 2; child++)
    CHECK(wait(&status) > 0 && status == 0);
}

static void wake_in_turn(void) {
  int first = begin(0, sleep_on, &word), status;
  sleep(1);
  int second = begin(1, sleep_on, &word);
  sleep(1);
  CHECK(futex(&word, 1, 1, 0) == 1);
  CHECK(join(first, &status) == 0 && status == 0);
  CHECK(futex(&word, 1, 1, 0) == 1);
  CHECK(join(second, &status) == 0 && status == 0);
}

static void close_one(void) {
  CHECK(pipe(ends) == 0);
  int kept = dup(ends[0]), status;
  int reader = begin(0, read_end, (void *)(long)ends[0]);
  sleep(1);
  CHECK(close(ends[0]) == 0);
  close(ends[1]);
  CHECK(join(reader, &status) == 0 && status == -1);
  close(kept);
}

static void count_in(void) {
  CHECK(maxproc(2) == 0);
  CHECK(begin(0, nap, 0) > 0);
  CHECK(begin(1, nap, 0) == -1);
}

static void start_another(void) {
  char *words[] = {"true", 0};
  begin(0, sleep_on, &word);
  sleep(1);
  exec("/true", words);
}

int main(void) {
  CHECK(status_of(look_first) == 0);
  CHECK(status_of(join_one) == 0);
  stay_apart();
  CHECK(status_of(wake_in_turn) == 0);
  CHECK(status_of(close_one) == 0);
  CHECK(status_of(count_in) == 0);
  CHECK(status_of(start_another) == 0);
  return 0;
}
