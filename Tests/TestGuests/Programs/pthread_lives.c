// Threads of pthread.h: how they begin and end, what is their own, and how a process ends with them. The
// tests run it on 1, 2 and 4 harts.
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "libc_check.h"

enum { MANY = 8 };

static int count, order[4];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key, other_key;
static _Thread_local int own = 5;
static _Thread_local long own_zero[3];

static void *give_back(void *argument) { return argument; }
static void *end_inside(void *argument) {
  pthread_exit(argument);
}
static void *who(void *argument) {
  *(pthread_t *)argument = pthread_self();
  return 0;
}
static void *nap(void *argument) {
  usleep(20000);
  __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
  return argument;
}
static void begin_once(void) {
  count++;
  usleep(10000);
  count++;
}
static void *call_once(void *argument) {
  pthread_once(&once, begin_once);
  CHECK(count == 2);
  return argument;
}
static void *large(void *argument) {
  volatile char room[200000];
  for (unsigned int index = 0; index < sizeof room; index += 1000)
    room[index] = (char)index;
  CHECK(room[7000] == (char)7000);
  return argument;
}

static void lives(void) {
  pthread_t threads[MANY], self;
  void *result;
  for (long index = 0; index < MANY; index++)
    CHECK(pthread_create(&threads[index], 0, index & 1 ? end_inside : give_back, (void *)(index * 3)) == 0);
  for (long index = 0; index < MANY; index++) {
    CHECK(pthread_join(threads[index], &result) == 0);
    CHECK(result == (void *)(index * 3));
  }
  CHECK(pthread_create(&threads[0], 0, who, &self) == 0);
  CHECK(pthread_join(threads[0], 0) == 0);
  CHECK(pthread_equal(self, threads[0]) && !pthread_equal(self, pthread_self()));
  CHECK(pthread_join(pthread_self(), 0) == EDEADLK);
  // A stack comes back: many more threads than there is room for at once.
  for (int round = 0; round < 200; round++) {
    CHECK(pthread_create(&threads[0], 0, large, 0) == 0);
    CHECK(pthread_join(threads[0], 0) == 0);
  }
  // Of those whom nobody joins as well.
  pthread_attr_t attr;
  int state;
  CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
  CHECK(pthread_attr_getdetachstate(&attr, &state) == 0 && state == PTHREAD_CREATE_DETACHED);
  for (int round = 0; round < 30; round++) {
    CHECK(pthread_create(&threads[0], round & 1 ? &attr : 0, nap, 0) == 0);
    if (!(round & 1))
      CHECK(pthread_detach(threads[0]) == 0);
    if (round % 5 == 4)
      usleep(40000);
  }
  usleep(100000);
  CHECK(__atomic_load_n(&count, __ATOMIC_SEQ_CST) == 30);
  CHECK(pthread_create(&threads[0], 0, nap, 0) == 0);
  CHECK(pthread_detach(threads[0]) == 0);
  CHECK(pthread_join(threads[0], 0) == EINVAL && pthread_detach(threads[0]) == EINVAL);
  usleep(40000);
  // With a stack of one's own.
  static char stack[16384] __attribute__((aligned(16)));
  size_t bytes;
  CHECK(pthread_attr_init(&attr) == 0 && pthread_attr_setstack(&attr, stack, sizeof stack) == 0);
  CHECK(pthread_attr_getstacksize(&attr, &bytes) == 0 && bytes == sizeof stack);
  CHECK(pthread_attr_setstacksize(&attr, 100) == EINVAL);
  CHECK(pthread_create(&threads[0], &attr, give_back, &bytes) == 0);
  CHECK(pthread_join(threads[0], &result) == 0 && result == &bytes);
  count = 0;
  for (int index = 0; index < 4; index++)
    CHECK(pthread_create(&threads[index], 0, call_once, 0) == 0);
  for (int index = 0; index < 4; index++)
    CHECK(pthread_join(threads[index], 0) == 0);
  CHECK(count == 2);
}

static int destroyed;
static void destroy(void *value) {
  __atomic_fetch_add(&destroyed, *(int *)value, __ATOMIC_SEQ_CST);
  // Once more: the library calls it again for what a destructor sets.
  if (*(int *)value == 1) {
    *(int *)value = 10;
    CHECK(pthread_setspecific(key, value) == 0);
  }
}
static void *keep(void *argument) {
  CHECK(pthread_getspecific(key) == 0);
  CHECK(pthread_setspecific(key, argument) == 0 && pthread_getspecific(key) == argument);
  CHECK(own == 5 && own_zero[2] == 0);
  own = *(int *)argument + 40;
  own_zero[2] = own;
  errno = own;
  usleep(10000);
  CHECK(own == *(int *)argument + 40 && own_zero[2] == own && errno == own);
  return 0;
}
static void note(void *argument) { order[count++] = *(int *)argument; }
static void *clean(void *argument) {
  static int numbers[] = {1, 2, 3};
  pthread_cleanup_push(note, &numbers[0]);
  pthread_cleanup_push(note, &numbers[1]);
  pthread_cleanup_push(note, &numbers[2]);
  pthread_cleanup_pop(1);
  pthread_exit(argument);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return 0;
}

static void own_things(void) {
  pthread_t threads[3];
  int values[] = {1, 2, 3};
  errno = 77;
  own = 6;
  CHECK(pthread_key_create(&key, destroy) == 0 && pthread_key_create(&other_key, 0) == 0);
  for (int index = 0; index < 3; index++)
    CHECK(pthread_create(&threads[index], 0, keep, &values[index]) == 0);
  for (int index = 0; index < 3; index++)
    CHECK(pthread_join(threads[index], 0) == 0);
  CHECK(destroyed == 1 + 2 + 3 + 10);
  CHECK(errno == 77 && own == 6);
  CHECK(pthread_setspecific(other_key, values) == 0);
  CHECK(pthread_key_delete(other_key) == 0 && pthread_key_delete(other_key) == EINVAL);
  CHECK(pthread_setspecific(other_key, values) == EINVAL);
  // The same key again has nothing of the one before.
  CHECK(pthread_key_create(&other_key, 0) == 0 && pthread_getspecific(other_key) == 0);
  count = 0;
  CHECK(pthread_create(&threads[0], 0, clean, 0) == 0 && pthread_join(threads[0], 0) == 0);
  CHECK(count == 3 && order[0] == 3 && order[1] == 2 && order[2] == 1);
}

static int ends[2];
static void say(void) { CHECK(write(ends[1], "x", 1) == 1); }
static void *exit_inside(void *argument) { exit((int)(long)argument); }
static void *exit_later(void *argument) {
  usleep(20000);
  exit((int)(long)argument);
}
static void *forever(void *argument) {
  for (;;)
    usleep(100000);
  return argument;
}
static void *fork_inside(void *argument) {
  int child = fork(), status = -1;
  if (child == 0)
    exit((int)(long)argument);
  CHECK(wait(&status) == child);
  return (void *)(long)status;
}

// What a child process ends with, and how often what it left to `atexit` was done.
static int outcome(int how, int *said) {
  CHECK(pipe(ends) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    pthread_t threads[2];
    close(ends[0]);
    CHECK(atexit(say) == 0 && atexit(say) == 0);
    CHECK(pthread_create(&threads[0], 0, forever, 0) == 0);
    switch (how) {
    case 0:
      exit(11);
    case 1:
      CHECK(pthread_create(&threads[1], 0, exit_inside, (void *)12) == 0);
      pthread_join(threads[0], 0);
      break;
    case 2:
      CHECK(pthread_create(&threads[1], 0, exit_later, (void *)13) == 0);
      sleep(1000);
      break;
    case 3:
      CHECK(pthread_create(&threads[1], 0, exit_later, (void *)14) == 0);
      for (;;)
        ;
    case 4:
      _exit(15);
    case 5:
      abort();
    case 6: {
      void *status;
      CHECK(pthread_create(&threads[1], 0, fork_inside, (void *)16) == 0);
      CHECK(pthread_join(threads[1], &status) == 0);
      _exit((int)(long)status);
    }
    }
    _exit(99);
  }
  int status = -99;
  close(ends[1]);
  CHECK(wait(&status) == child);
  char bytes[8];
  *said = (int)read(ends[0], bytes, sizeof bytes);
  close(ends[0]);
  return status;
}

static void *after_main(void *argument) {
  void *result;
  // main has ended, and can be joined.
  CHECK(pthread_join((pthread_t)argument, &result) == 0);
  CHECK(strcmp(result, "main's") == 0);
  printf("all of it held\n");
  return 0;
}
static void last(void) { printf("the end\n"); }

int main(void) {
  lives();
  own_things();
  int said;
  CHECK(outcome(0, &said) == 11 && said == 2);
  CHECK(outcome(1, &said) == 12 && said == 2);
  CHECK(outcome(2, &said) == 13 && said == 2);
  // Nobody can end a first thread that computes but by killing it.
  CHECK(outcome(3, &said) == -1 && said == 2);
  CHECK(outcome(4, &said) == 15 && said == 0);
  CHECK(outcome(5, &said) == -1 && said == 0);
  CHECK(outcome(6, &said) == 16 && said == 2);
  pthread_t thread;
  CHECK(atexit(last) == 0);
  CHECK(pthread_create(&thread, 0, after_main, (void *)pthread_self()) == 0);
  pthread_exit("main's");
}
