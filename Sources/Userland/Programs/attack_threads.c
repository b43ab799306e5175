// attack_threads: tries to get at others through threads: to wake who sleeps on an int at the same address or in a page of
// the same name, to join and kill what is no thread of its own, to have more threads than its budget has slots, to enter a
// container with a thread left outside, to give a thread a priority above its own, and to see or change memory through
// clone, join and futex. It begins outside, where a process sleeps on ints all the time.
#include "attack.h"
#include "thread.h"

enum { WORDS = 48, PAGE_WORDS = 16, THREADS = 8, SLOTS = 6, PRIORITY = 9 };

static int words[WORDS], hold_word;
static char stacks[THREADS][1024] __attribute__((aligned(16)));

static int begin(int which, int (*function)(void *), void *argument) {
  return clone(function, argument, stacks[which] + sizeof stacks[which]);
}

static void enter(void) {
  if (cm_create_and_enter() < 0)
    exit(2);
}

// In a child of its own inside a container.
static void contained(const char *family, void (*body)(void)) {
  if (attack_enter(fork())) {
    enter();
    body();
    attack_leave();
  }
  attack_family(family);
}

static int give_back(void *argument) { return (int)(long)argument; }
static int hold(void *argument) {
  futex(&hold_word, 0, 0, 0);
  return (int)(long)argument;
}
static void let_go(void) {
  hold_word = 1;
  futex(&hold_word, 1, THREADS, 0);
}

// MARK: Who sleeps outside

static int sleep_on(void *argument) { return futex(argument, 0, 0, 0) == 0; }

// Threads that sleep on ints at addresses that the attacker has as well. When `go` has no writer any more, those that
// are awake were woken from inside.
static void be_asleep(int go, int told) {
  int *page = (int *)shm_get("common"), threads[4], woken = 0;
  void *places[4] = {&words[0], &words[WORDS - 1], page, page + PAGE_WORDS - 1};
  char byte = 0;
  for (int index = 0; index < 4; index++)
    threads[index] = begin(index, sleep_on, places[index]);
  sleep(1);
  write(told, &byte, 1);
  read(go, &byte, 1);
  for (int index = 0; index < 4; index++) {
    woken += futex(places[index], 1, 1, 0) != 1;
    join(threads[index], 0);
  }
  exit(woken);
}

// MARK: Inside

static void wake_others(void) {
  int *page = (int *)shm_get("common");
  for (int index = 0; index < WORDS; index++)
    attack_try_number(futex(&words[index], 1, 100, 0) > 0, "waking somebody at word", index);
  for (int index = 0; index < PAGE_WORDS; index++)
    attack_try_number(futex(page + index, 1, 100, 0) > 0, "waking somebody in the page, at", index);
}

static void reach_others(void) {
  int thread = begin(0, hold, 0);
  for (int pid = -2; pid < 40; pid++) {
    if (pid == thread)
      continue;
    attack_try_number(join(pid, 0) == 0, "join of", pid);
  }
  attack_try(kill(thread) == 0, "kill of a thread");
  attack_try(join(gettid(), 0) == 0, "join of itself");
  let_go();
  attack_try(join(thread, 0) != 0, "losing a thread of its own");
  attack_try(join(thread, 0) == 0, "join of a thread that is gone");
}

static void have_more(void) {
  if (cm_maxproc(SLOTS) < 0)
    exit(2);
  // Threads, processes and threads of processes, of which all have ended again before the next.
  for (int processes = 0; processes < SLOTS; processes++) {
    int threads = 0, made[THREADS];
    hold_word = 0;
    for (int child = 0; child < processes; child++)
      if (fork() == 0) {
        sleep(2);
        exit(0);
      }
    while (threads < THREADS && (made[threads] = begin(threads, hold, 0)) > 0)
      threads++;
    attack_try_number(1 + processes + threads > SLOTS, "so many in a budget of 6:", 1 + processes + threads);
    let_go();
    for (int thread = 0; thread < threads; thread++)
      join(made[thread], 0);
    while (wait(0) > 0)
      ;
  }
  // One that has exited counts until it is joined, and joining it gives back one slot and not two.
  int ended[THREADS], count = 0;
  while (count < THREADS && (ended[count] = begin(count, give_back, 0)) > 0) {
    sleep(1);
    count++;
  }
  attack_try_number(count >= SLOTS, "threads that have exited, in a budget of 6:", count);
  for (int thread = 0; thread < count; thread++) {
    join(ended[thread], 0);
    int first = begin(0, give_back, 0), second = begin(1, give_back, 0);
    attack_try_number(thread == 0 && second > 0, "two slots for one thread, number", second);
    if (first > 0)
      join(first, 0);
    if (second > 0)
      join(second, 0);
  }
}

static void rise(void) {
  prio_set(getpid(), PRIORITY);
  hold_word = 0;
  int thread = begin(0, hold, 0);
  for (int priority = -1; priority < PRIORITY; priority++)
    attack_try_number(prio_set(thread, priority) == 0, "a thread of priority", priority);
  attack_try_number(prio_get(thread) != PRIORITY, "a thread of another priority:", prio_get(thread));
  let_go();
  join(thread, 0);
}

static void see_memory(void) {
  static const int text = 4711;
  long places[] = {-8, -4096, 1l << 38, (1l << 38) - 4096, 1l << 62, 0x80000000, 0x10000000, 4096 * 4096};
  for (int index = 0; index < 8; index++) {
    int *place = (int *)places[index];
    int thread = begin(0, give_back, (void *)77);
    sleep(1);
    attack_try_number(join(thread, place) == 0, "a status put at place", index);
    join(thread, 0);
    attack_try_number(futex(place, 1, 1, 0) >= 0, "a wake at place", index);
    attack_try_number(futex(place, 0, 0, 1) >= 0, "a sleep at place", index);
    // A stack or a function where there is nothing ends the process that has made the thread, and nobody else.
    if (fork() == 0) {
      clone(give_back, 0, place);
      clone((int (*)(void *))place, 0, stacks[1] + sizeof stacks[1]);
      sleep(2);
      exit(0);
    }
    wait(0);
  }
  int thread = begin(0, give_back, (void *)77);
  sleep(1);
  attack_try(join(thread, (int *)&text) == 0 || text != 4711, "a status put into the program");
  join(thread, 0);
}

// MARK: Outside

static void enter_with_thread(void) {
  int thread = begin(0, hold, 0), before = getcid();
  attack_try(cm_create_and_enter() == 0, "a container made with a thread outside");
  for (int cid = 0; cid < 4; cid++)
    attack_try_number(cm_join(cid) == 0, "a container entered with a thread outside, number", cid);
  attack_try(getcid() != before, "being in a container with a thread outside");
  let_go();
  join(thread, 0);
}

int main(void) {
  attack_begin("attack_threads");
  attack_from_outside();
  int go[2], told[2], status;
  char byte;
  if (pipe(go) < 0 || pipe(told) < 0)
    exit(2);
  int sleeper = fork();
  if (sleeper == 0) {
    close(go[1]);
    close(told[0]);
    be_asleep(go[0], told[1]);
  }
  close(go[0]);
  close(told[1]);
  if (sleeper < 0 || read(told[0], &byte, 1) != 1)
    exit(2);
  contained("those asleep", wake_others);
  contained("others' threads", reach_others);
  contained("a budget", have_more);
  contained("priorities", rise);
  contained("memory", see_memory);
  if (attack_enter(fork())) {
    enter_with_thread();
    attack_leave();
  }
  attack_family("entering");
  close(go[1]);
  if (wait(&status) != sleeper)
    exit(2);
  attack_try_number(status != 0, "waking so many of those outside:", status);
  attack_family("who was woken");
  return attack_verdict();
}
