// clone, join, futex and gettid: what each gives, what fails, and what threads have in common. The tests run it on 1, 2 and
// 4 harts; it says what did not hold and exits with 1.
#include "guest.h"
#include "thread.h"

#define STACK 4096
#define CHECK(what)                                                                                \
  do {                                                                                             \
    if (!(what)) {                                                                                 \
      printf("line %d: %s\n", __LINE__, #what);                                                    \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

static char stacks[8][STACK] __attribute__((aligned(16)));
static int number, turn, order[8], count;
static int ends[2];

static void *top(int which) { return stacks[which] + STACK; }

static int begin(int which, int (*function)(void *), long argument) {
  return clone(function, (void *)argument, top(which));
}

static int finish(int thread) {
  int status = -99;
  CHECK(join(thread, &status) == 0);
  return status;
}

static int return_argument(void *argument) { return (int)(long)argument; }
static int exit_argument(void *argument) { exit((int)(long)argument); }
static int own_pids(void *argument) {
  CHECK(getpid() == (int)(long)argument);
  return gettid();
}
static int forever(void *argument) {
  (void)argument;
  for (;;)
    sleep(1000);
}
static int spin(void *argument) {
  (void)argument;
  for (;;)
    ;
}

static int add(void *argument) {
  for (int round = 0; round < (int)(long)argument; round++)
    __atomic_fetch_add(&number, 1, __ATOMIC_SEQ_CST);
  return 0;
}

// A lock of three states, as in Drepper's "Futexes Are Tricky".
static int lock_word, guarded;
static void lock(void) {
  int seen = 0;
  if (__atomic_compare_exchange_n(&lock_word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return;
  while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0)
    futex(&lock_word, 0, 2, 0);
}
static void unlock(void) {
  if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
    futex(&lock_word, 1, 1, 0);
}
static int add_guarded(void *argument) {
  for (int round = 0; round < (int)(long)argument; round++) {
    lock();
    int old = guarded;
    if (round % 16 == 0)
      sleep(0);
    guarded = old + 1;
    unlock();
  }
  return 0;
}

static int wait_turn(void *argument) {
  while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) == 0)
    futex(&turn, 0, 0, 0);
  order[__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST)] = (int)(long)argument;
  return 0;
}

static int grow_memory(void *argument) {
  (void)argument;
  char *more = sbrk(8192);
  more[5000] = 77;
  number = (int)(long)more;
  return 0;
}
static int change_directory(void *argument) {
  (void)argument;
  return chdir("/dir") == 0 && mkdir("/dir/inner") == 0 ? 0 : 1;
}
static int open_pipe(void *argument) {
  (void)argument;
  return pipe(ends);
}
static int read_pipe(void *argument) {
  char byte = 0;
  (void)argument;
  int got = read(ends[0], &byte, 1);
  return got == 1 ? byte : got;
}
static int hold_mutex(void *argument) {
  mutex_lock((int)(long)argument);
  exit(0);
}
static int fork_inside(void *argument) {
  (void)argument;
  int child = fork();
  if (child == 0) {
    CHECK(getpid() == gettid());
    exit(5);
  }
  int status = 0;
  CHECK(wait(&status) == child);
  return status;
}
static int wait_inside(void *argument) {
  int status = 0;
  return wait(&status) == (int)(long)argument ? status : -1;
}
static int fault(void *argument) {
  (void)argument;
  *(volatile int *)-16 = 1;
  return 0;
}
static int join_other(void *argument) { return join((int)(long)argument, 0); }
static int join_badly(void *argument) { return join((int)(long)argument, (int *)-8); }
static int fill_pipe(void *argument) {
  static char bytes[4096];
  (void)argument;
  return write(ends[1], bytes, sizeof bytes);
}
static int accept_one(void *argument) { return accept((int)(long)argument, 0, 0); }
static int lock_mutex(void *argument) { return mutex_lock((int)(long)argument); }
static int wait_for_signal(void *argument) {
  int mutex = (int)(long)argument;
  return mutex_lock(mutex) == 0 ? cv_wait(mutex) : 1;
}
static int keep_mutex(void *argument) {
  CHECK(mutex_lock((int)(long)argument) == 0);
  sleep(8);
  return mutex_unlock((int)(long)argument);
}
static int sleep_on_page(void *argument) { return futex(argument, 0, 0, 12); }
static int exec_echo(void *argument) {
  (void)argument;
  char *words[] = {"echo", "from", "a", "thread", 0};
  exec("/echo", words);
  return 1;
}

static void lives(void) {
  int thread = begin(0, return_argument, 7);
  CHECK(thread > 0 && thread != getpid());
  CHECK(finish(thread) == 7);
  CHECK(join(thread, 0) == -1);
  CHECK(finish(begin(0, exit_argument, -3)) == -3);
  thread = begin(0, own_pids, getpid());
  CHECK(finish(thread) == thread);
  CHECK(gettid() == getpid());
  // The status may be left where it is.
  CHECK(join(begin(0, return_argument, 1), 0) == 0);
  // Nobody joins itself, or what is no thread of its own process.
  CHECK(join(gettid(), 0) == -1);
  CHECK(join(4711, 0) == -1);
  int child = fork();
  if (child == 0)
    exit(0);
  CHECK(join(child, 0) == -1);
  CHECK(wait(0) == child);
  // A bad address takes nothing.
  thread = begin(0, return_argument, 9);
  sleep(1);
  CHECK(join(thread, (int *)-8) == -1);
  CHECK(finish(thread) == 9);
  // Nor from who waits, and so another can have it.
  thread = begin(0, wait_turn, 1);
  int badly = begin(1, join_badly, thread);
  sleep(2);
  turn = 1;
  CHECK(futex(&turn, 1, 1, 0) == 1);
  CHECK(finish(badly) == -1);
  CHECK(finish(thread) == 0);
  turn = count = 0;
  // Two cannot wait for one.
  int slow = begin(0, wait_turn, 1);
  int other = begin(1, join_other, slow);
  sleep(2);
  CHECK(join(slow, 0) == -1);
  turn = 1;
  CHECK(futex(&turn, 1, 1, 0) == 1);
  CHECK(finish(other) == 0);
  CHECK(join(slow, 0) == -1);
  turn = count = 0;
}

static void in_common(void) {
  CHECK(finish(begin(0, grow_memory, 0)) == 0);
  CHECK(((char *)(long)number)[5000] == 77);
  mkdir("/dir");
  CHECK(finish(begin(0, change_directory, 0)) == 0);
  CHECK(open("inner", O_RDONLY) >= 0);
  CHECK(chdir("/") == 0);
  CHECK(finish(begin(0, open_pipe, 0)) == 0);
  int reader = begin(0, read_pipe, 0);
  sleep(2);
  CHECK(write(ends[1], "x", 1) == 1);
  CHECK(finish(reader) == 'x');
  // What one closes another cannot wait at.
  reader = begin(0, read_pipe, 0);
  sleep(2);
  CHECK(close(ends[0]) == 0);
  CHECK(finish(reader) == -1);
  close(ends[1]);
  // A mutex is a thread's, its handle the process's.
  int mutex = mutex_create("common");
  CHECK(finish(begin(0, hold_mutex, mutex)) == 0);
  CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
  // wait and kill know processes.
  CHECK(finish(begin(0, fork_inside, 0)) == 5);
  int child = fork();
  if (child == 0)
    exit(6);
  CHECK(finish(begin(0, wait_inside, child)) == 6);
  int thread = begin(0, wait_turn, 1);
  CHECK(kill(thread) == -1);
  CHECK(wait(0) == -1);
  turn = 1;
  futex(&turn, 1, 1, 0);
  CHECK(finish(thread) == 0);
  turn = count = 0;
}

// What one thread takes away another does not wait for, though others have it still.
static void taken(void) {
  CHECK(pipe(ends) == 0);
  int kept = dup(ends[0]);
  int thread = begin(0, read_pipe, 0);
  sleep(2);
  CHECK(close(ends[0]) == 0);
  CHECK(finish(thread) == -1);
  // Who waits by another descriptor goes on.
  ends[0] = dup(kept);
  thread = begin(0, read_pipe, 0);
  sleep(2);
  CHECK(close(kept) == 0);
  CHECK(write(ends[1], "y", 1) == 1);
  CHECK(finish(thread) == 'y');
  kept = dup(ends[1]);
  thread = begin(0, fill_pipe, 0);
  sleep(2);
  CHECK(close(ends[1]) == 0);
  CHECK(finish(thread) == -1);
  close(kept);
  close(ends[0]);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(listen(listener, 1) == 0);
  kept = dup(listener);
  thread = begin(0, accept_one, listener);
  sleep(2);
  CHECK(close(listener) == 0);
  CHECK(finish(thread) == -1);
  close(kept);
  // A mutex that a child has as well.
  int mutex = mutex_create("taken");
  CHECK(mutex_lock(mutex) == 0);
  thread = begin(0, lock_mutex, mutex);
  int child = fork();
  if (child == 0) {
    CHECK(mutex_lock(mutex) == 0);
    exit(mutex_unlock(mutex));
  }
  sleep(2);
  CHECK(mutex_delete(mutex) == 0);
  CHECK(finish(thread) == -1);
  int status = -1;
  CHECK(wait(&status) == child && status == 0);
  // One that is waited with, and one that another thread holds.
  mutex = mutex_create("taken");
  thread = begin(0, wait_for_signal, mutex);
  sleep(2);
  CHECK(mutex_delete(mutex) == 0);
  CHECK(finish(thread) == -1);
  mutex = mutex_create("taken");
  thread = begin(0, keep_mutex, mutex);
  sleep(2);
  child = fork();
  if (child == 0)
    exit(mutex_lock(mutex));
  CHECK(mutex_delete(mutex) == 0);
  CHECK(wait(&status) == child && status == 0);
  CHECK(finish(thread) == -1);
  // Who sleeps on a page that is gone is not woken by who has its frame now.
  int *page = (int *)shm_get("gone");
  thread = begin(0, sleep_on_page, (long)page);
  sleep(2);
  CHECK(shm_rem("gone") == 0);
  page = (int *)shm_get("new");
  CHECK(futex(page, 1, 1, 0) == 0);
  CHECK(shm_rem("new") == 0);
  CHECK(finish(thread) == -1);
}

static void sleepers(void) {
  CHECK(futex(&turn, 0, 1, 0) == -1);
  CHECK(futex(&turn, 1, 5, 0) == 0);
  CHECK(futex((int *)((char *)&turn + 1), 0, 0, 0) == -1);
  CHECK(futex((int *)-8, 0, 0, 0) == -1 && futex((int *)-8, 1, 1, 0) == -1);
  CHECK(futex(&turn, 2, 0, 0) == -1);
  int before = uptime();
  CHECK(futex(&turn, 0, 0, 3) == -1);
  CHECK(uptime() - before >= 3);
  // The highest priority first, then whoever came first.
  int threads[4];
  for (int index = 0; index < 4; index++) {
    threads[index] = begin(index, wait_turn, index);
    CHECK(prio_set(threads[index], 10 - index / 2) == 0);
    sleep(2);
  }
  turn = 1;
  for (int index = 0; index < 4; index++) {
    CHECK(futex(&turn, 1, 1, 0) == 1);
    sleep(2);
  }
  for (int index = 0; index < 4; index++)
    CHECK(finish(threads[index]) == 0);
  CHECK(order[0] == 2 && order[1] == 3 && order[2] == 0 && order[3] == 1);
  turn = count = 0;
  // As many as asked for, and how many it was.
  for (int index = 0; index < 4; index++)
    threads[index] = begin(index, wait_turn, index);
  sleep(2);
  turn = 1;
  CHECK(futex(&turn, 1, 3, 0) == 3);
  CHECK(futex(&turn, 1, 9, 0) == 1);
  for (int index = 0; index < 4; index++)
    CHECK(finish(threads[index]) == 0);
  turn = count = 0;
  // Between processes, on a page that they share: under two addresses.
  int child = fork();
  if (child == 0) {
    sbrk(8192);
    int *page = (int *)shm_get("futex");
    exit(futex(page + 3, 0, 0, 0));
  }
  int *page = (int *)shm_get("futex");
  sleep(3);
  CHECK(futex(page + 2, 1, 1, 0) == 0);
  CHECK(futex(page + 3, 1, 1, 0) == 1);
  int status = -1;
  CHECK(wait(&status) == child && status == 0);
  // Not on memory that only looks the same: a fork's.
  child = fork();
  if (child == 0)
    exit(futex(&turn, 0, 0, 4) == -1 ? 0 : 1);
  sleep(2);
  CHECK(futex(&turn, 1, 1, 0) == 0);
  CHECK(wait(&status) == child && status == 0);
  // A write after a fork, which copies the page, loses no sleeper.
  int thread = begin(0, wait_turn, 1);
  sleep(2);
  if ((child = fork()) == 0) {
    sleep(3);
    exit(0);
  }
  turn = 1;
  CHECK(futex(&turn, 1, 1, 0) == 1);
  CHECK(finish(thread) == 0);
  CHECK(wait(0) == child);
  turn = count = 0;
}

static void adders(void) {
  int threads[4];
  number = 0;
  for (int index = 0; index < 4; index++)
    threads[index] = begin(index, add, 500);
  for (int index = 0; index < 4; index++)
    CHECK(finish(threads[index]) == 0);
  CHECK(number == 2000);
  for (int index = 0; index < 4; index++)
    threads[index] = begin(index, add_guarded, 200);
  for (int index = 0; index < 4; index++)
    CHECK(finish(threads[index]) == 0);
  CHECK(guarded == 800);
}

// What a child process comes to whose threads do something at the end.
static int outcome(int how) {
  int child = fork();
  if (child == 0) {
    begin(0, forever, 0);
    begin(1, spin, 0);
    begin(2, wait_turn, 0);
    int mutex = mutex_create("end");
    if (how == 0)
      exit(11);
    if (how == 1)
      begin(3, fault, 0);
    if (how == 2)
      begin(3, exec_echo, 0);
    if (how == 4)
      maxproc(5);
    if (how == 4)
      exit(begin(3, forever, 0) > 0 && begin(4, forever, 0) == -1 ? 12 : 13);
    if (how == 5) {
      mutex_lock(mutex);
      begin(3, hold_mutex, mutex);
      sleep(1);
      exit(14);
    }
    if (how == 6) {
      begin(3, exec_echo, 0);
      mutex_lock(mutex);
      cv_wait(mutex);
    }
    if (how == 7) {
      // Whom a thread lent its priority does not keep it when the thread ends with its process.
      if (fork() == 0) {
        prio_set(getpid(), 12);
        exit(keep_mutex((void *)(long)mutex));
      }
      sleep(2);
      begin(3, lock_mutex, mutex);
      sleep(2);
      exit(15);
    }
    sleep(1000);
  }
  if (how == 3) {
    sleep(2);
    CHECK(kill(child) == 0);
  }
  int status = -99;
  CHECK(wait(&status) == child);
  return status;
}

int main(void) {
  lives();
  in_common();
  taken();
  sleepers();
  adders();
  CHECK(outcome(0) == 11);
  CHECK(outcome(1) == -1);
  CHECK(outcome(2) == 0);
  CHECK(outcome(3) == -1);
  CHECK(outcome(4) == 12);
  CHECK(outcome(5) == 14);
  CHECK(outcome(6) == 0);
  CHECK(outcome(7) == 15);
  sleep(10);
  printf("all of it held\n");
  exit(0);
}
