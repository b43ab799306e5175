// cv_wait and cv_signal: sleeping until somebody says so, with no signal lost.
#include "contain.h"

static volatile int *page;
static int mutex;

static void begin(void) {
  page = (volatile int *)shm_get("page");
  mutex = mutex_create("m");
  CHECK(page && mutex >= 0);
}

static void await_blocked(int pid) {
  static struct proc_info table[64];
  for (;;) {
    int count = ps(table, 64);
    for (int index = 0; index < count; index++)
      if (table[index].pid == pid && table[index].state == P_BLOCKED)
        return;
    sleep(1);
  }
}

static void kept_one_deep(void) {
  begin();
  CHECK(cv_signal(mutex) == 0);  // nobody waits, and it need not be held
  CHECK(cv_signal(mutex) == 0);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(cv_wait(mutex) == 0);  // let through
  CHECK(mutex_unlock(mutex) == 0);
  int child = fork();
  if (child == 0) {
    mutex_lock(mutex);
    exit(cv_wait(mutex));  // the second signal was not kept
  }
  sleep(3);
  CHECK(mutex_lock(mutex) == 0);  // the sleeper has let go of it
  await_blocked(child);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(cv_signal(mutex) == 0);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

// Two that signal and wait in a loop, each finding the signal that the other or itself has left,
// hold nobody off who wants the mutex as well.
static void kept_signals_let_others_in(void) {
  begin();
  int consumers[2];
  for (int consumer = 0; consumer < 2; consumer++) {
    consumers[consumer] = fork();
    if (consumers[consumer] == 0) {
      CHECK(mutex_lock(mutex) == 0);
      for (;;) {
        cv_signal(mutex);
        CHECK(cv_wait(mutex) == 0);
        page[1 + consumer]++;
      }
    }
  }
  sleep(2);
  for (int turn = 0; turn < 20; turn++) {
    CHECK(mutex_lock(mutex) == 0);
    int before = page[1] + page[2];
    for (int loop = 0; loop < 1000; loop++)
      __asm__ volatile("");
    CHECK(page[1] + page[2] == before);  // nobody came back without the mutex
    CHECK(mutex_unlock(mutex) == 0);
  }
  CHECK(page[1] > 0 && page[2] > 0);
  // One of them may be killed while it waits in line.
  for (int consumer = 0; consumer < 2; consumer++)
    CHECK(kill(consumers[consumer]) == 0);
  while (wait(0) > 0)
    ;
  CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
}

static void not_the_holder(void) {
  begin();
  CHECK(cv_wait(mutex) == -1);
  CHECK(cv_wait(9) == -1 && cv_signal(9) == -1 && cv_signal(-1) == -1);
}

static void retakes(void) {
  begin();
  int child = fork();
  if (child == 0) {
    CHECK(mutex_lock(mutex) == 0);
    CHECK(cv_wait(mutex) == 0);
    CHECK(page[0] == 1);  // only when the signaller has let go
    CHECK(mutex_unlock(mutex) == 0);
    exit(0);
  }
  await_blocked(child);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(cv_signal(mutex) == 0);
  sleep(2);
  page[0] = 1;
  CHECK(mutex_unlock(mutex) == 0);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

static void one_at_a_time(void) {
  static const int priorities[] = {9, 7, 9, 5};
  static const int turns[] = {3, 1, 0, 2};
  begin();
  for (int child = 0; child < 4; child++) {
    int pid = fork();
    if (pid == 0) {
      CHECK(prio_set(getpid(), priorities[child]) == 0);
      CHECK(mutex_lock(mutex) == 0);
      CHECK(cv_wait(mutex) == 0);
      page[1 + page[0]++] = child;
      CHECK(mutex_unlock(mutex) == 0);
      exit(0);
    }
    await_blocked(pid);
  }
  for (int turn = 0; turn < 4; turn++) {
    CHECK(cv_signal(mutex) == 0);
    CHECK(wait(0) > 0);
    CHECK(page[0] == turn + 1 && page[1 + turn] == turns[turn]);
  }
}

static void sleeper_dies(void) {
  begin();
  int dies = fork();
  if (dies == 0) {
    mutex_lock(mutex);
    cv_wait(mutex);
    exit(1);
  }
  await_blocked(dies);
  int stays = fork();
  if (stays == 0) {
    mutex_lock(mutex);
    exit(cv_wait(mutex));
  }
  await_blocked(stays);
  CHECK(kill(dies) == 0);
  int status;
  CHECK(wait(&status) == dies && status == -1);
  CHECK(cv_signal(mutex) == 0);  // not lost on the dead
  CHECK(wait(&status) == stays && status == 0);
  CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
}

// No wakeup is lost between letting go and falling asleep, wherever the ticks fall.
static void ping_pong(void) {
  begin();
  int child = fork();
  for (int turn = 0; turn < 200; turn++) {
    int mine = child == 0;
    CHECK(mutex_lock(mutex) == 0);
    while (page[0] % 2 != mine)
      CHECK(cv_wait(mutex) == 0);
    page[0]++;
    CHECK(mutex_unlock(mutex) == 0);
    CHECK(cv_signal(mutex) == 0);
    for (int loop = turn * 37 % 211; loop > 0; loop--)
      __asm__ volatile("");
  }
  if (child == 0)
    exit(0);
  int status;
  CHECK(wait(&status) == child && status == 0);
  CHECK(page[0] == 400);
}

static void other_container(void) {
  begin();
  CHECK(cv_signal(mutex) == 0);
}
static void walls(void) {
  begin();
  int child = fork();
  if (child == 0) {
    mutex_lock(mutex);
    exit(cv_wait(mutex));
  }
  await_blocked(child);
  CHECK(in_container(other_container) == 0);
  sleep(2);
  await_blocked(child);
  CHECK(cv_signal(mutex) == 0);
  CHECK(wait(0) == child);
}

int main(void) {
  CHECK(status_of(kept_one_deep) == 0);
  CHECK(status_of(kept_signals_let_others_in) == 0);
  CHECK(status_of(not_the_holder) == 0);
  CHECK(status_of(retakes) == 0);
  CHECK(status_of(one_at_a_time) == 0);
  CHECK(status_of(sleeper_dies) == 0);
  CHECK(status_of(ping_pong) == 0);
  CHECK(status_of(walls) == 0);
  CHECK(in_container(ping_pong) == 0);
  return 0;
}
