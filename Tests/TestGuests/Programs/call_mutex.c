// mutex_…: one holder, no spinning, handed over by priority and then by arrival, released by death.
#include "contain.h"

static void names(void) {
  CHECK(mutex_create(0) == -1 && mutex_create("") == -1 && mutex_create((char *)-1) == -1);
  CHECK(mutex_create("12345678901234567890123456789012") == -1);
  int mutex = mutex_create("1234567890123456789012345678901");
  CHECK(mutex >= 0);
  CHECK(mutex_delete(mutex) == 0);
  CHECK(mutex_delete(mutex) == -1);
}

static void handles(void) {
  static const int bad[] = {-1, 15, 16, 1000, 2147483647, -2147483647 - 1};
  for (int index = 0; index < 6; index++) {
    CHECK(mutex_lock(bad[index]) == -1 && mutex_unlock(bad[index]) == -1);
    CHECK(mutex_delete(bad[index]) == -1);
    CHECK(cv_wait(bad[index]) == -1 && cv_signal(bad[index]) == -1);
  }
  int mutex = mutex_create("m");
  CHECK(mutex_unlock(mutex) == -1);  // not the holder
  CHECK(cv_wait(mutex) == -1);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(mutex_lock(mutex) == -1);  // already
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(mutex_unlock(mutex) == -1);
  int same = mutex_create("m");
  CHECK(same >= 0);
  CHECK(mutex_lock(same) == 0);
  CHECK(mutex_lock(mutex) == -1);  // the same mutex
  CHECK(mutex_unlock(mutex) == 0);
}

static void tables(void) {
  char name[4] = "a00";
  int count = 0;
  for (;; count++) {
    name[1] = (char)('a' + count);
    if (mutex_create(name) < 0)
      break;
  }
  CHECK(count == 16);  // handles of a process
  CHECK(mutex_delete(3) == 0);
  CHECK(mutex_create("one more") == 3);
  CHECK(mutex_create("two more") == -1);
}

static void machine_table(void) {
  struct gate told = make_gate(), gate = make_gate();
  for (int child = 0; child < 5; child++)
    if (fork() == 0) {
      char name[4] = {(char)('a' + child), 'a', 0};
      int count = 0;
      for (; count < 16; count++) {
        name[1] = (char)('a' + count);
        if (mutex_create(name) < 0)
          break;
      }
      tell(told, count);
      await(gate);
      exit(0);
    }
  int all = 0;
  for (int child = 0; child < 5; child++)
    all += hear(told);
  CHECK(all == 64);
  open_gate(gate);
  for (int child = 0; child < 5; child++)
    wait(0);
  CHECK(mutex_create("room again") >= 0);
}

static volatile int *shared(void) { return (volatile int *)shm_get("shared"); }

static void excludes(void) {
  volatile int *page = shared();
  for (int child = 0; child < 4; child++)
    if (fork() == 0) {
      int mutex = mutex_create("m");
      for (int turn = 0; turn < 300; turn++) {
        CHECK(mutex_lock(mutex) == 0);
        CHECK(page[1]++ == 0);
        int seen = page[0];
        for (int wait = 0; wait < turn; wait++)
          __asm__ volatile("");
        page[0] = seen + 1;
        page[1]--;
        CHECK(mutex_unlock(mutex) == 0);
      }
      exit(0);
    }
  for (int child = 0; child < 4; child++) {
    int status;
    CHECK(wait(&status) > 0 && status == 0);
  }
  CHECK(page[0] == 1200);
}

// Waits until this process sleeps.
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

static void order(void) {
  static const int priorities[] = {9, 7, 9, 5, 7, 5};
  static const int turns[] = {3, 5, 1, 4, 0, 2};  // by priority, then by arrival
  volatile int *page = shared();
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  for (int child = 0; child < 6; child++) {
    int pid = fork();
    if (pid == 0) {
      CHECK(prio_set(getpid(), priorities[child]) == 0);
      CHECK(mutex_lock(mutex) == 0);
      page[1 + page[0]++] = child;
      CHECK(mutex_unlock(mutex) == 0);
      exit(0);
    }
    await_blocked(pid);
  }
  CHECK(mutex_unlock(mutex) == 0);
  for (int child = 0; child < 6; child++)
    CHECK(wait(0) > 0);
  for (int turn = 0; turn < 6; turn++)
    CHECK(page[1 + turn] == turns[turn]);
}

static void hold_and_die(int how) {
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  if (how == 0)
    exit(0);
  if (how == 1)
    *(volatile char *)-1 = 0;
  if (how == 2)
    exec("/true", (char *[]){"true", 0});
  if (how == 3)
    mutex_delete(mutex);
  sleep(how == 3 ? 3 : 1000000);
  exit(0);
}

static void death(void) {
  for (int how = 0; how < 5; how++) {
    int mutex = mutex_create("m");
    int child = fork();
    if (child == 0)
      hold_and_die(how);
    sleep(2);
    if (how == 4)
      CHECK(kill(child) == 0);
    CHECK(mutex_lock(mutex) == 0);  // from the dead
    CHECK(mutex_unlock(mutex) == 0);
    CHECK(wait(0) == child);
    CHECK(mutex_delete(mutex) == 0);
  }
}

static void waiter_dies(void) {
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  int dies = fork();
  if (dies == 0) {
    mutex_lock(mutex);
    exit(1);  // it was killed
  }
  await_blocked(dies);
  int next = fork();
  if (next == 0)
    exit(mutex_lock(mutex));
  await_blocked(next);
  CHECK(kill(dies) == 0);
  int status;
  CHECK(wait(&status) == dies && status == -1);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(wait(&status) == next && status == 0);
}

static void inherited(void) {
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  int child = fork();
  if (child == 0) {
    CHECK(mutex_unlock(mutex) == -1);  // the handle, not the hold
    CHECK(mutex_lock(mutex) == 0);
    exit(0);
  }
  sleep(1);
  CHECK(mutex_unlock(mutex) == 0);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

static void delete_hands_over(void) {
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  int child = fork();
  if (child == 0)
    exit(mutex_lock(mutex));
  await_blocked(child);
  CHECK(mutex_delete(mutex) == 0);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

static void other_container(void) {
  CHECK(mutex_lock(0) == -1 && mutex_unlock(0) == -1);  // the handle stayed outside
  int mutex = mutex_create("m");
  CHECK(mutex >= 0);
  CHECK(mutex_lock(mutex) == 0);  // another one
}
static void walls(void) {
  int mutex = mutex_create("m");
  CHECK(mutex == 0);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(in_container(other_container) == 0);
  CHECK(mutex_unlock(mutex) == 0);
}

int main(void) {
  CHECK(status_of(names) == 0);
  CHECK(status_of(handles) == 0);
  CHECK(status_of(tables) == 0);
  CHECK(status_of(machine_table) == 0);
  CHECK(status_of(excludes) == 0);
  CHECK(status_of(order) == 0);
  CHECK(status_of(death) == 0);
  CHECK(status_of(waiter_dies) == 0);
  CHECK(status_of(inherited) == 0);
  CHECK(status_of(delete_hands_over) == 0);
  CHECK(status_of(walls) == 0);
  CHECK(in_container(excludes) == 0);
  return 0;
}
