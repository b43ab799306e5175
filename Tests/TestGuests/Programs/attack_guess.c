// Attack: guess. Every pid, every handle, every container and every priority from within a
// container, and bad pointers in every argument of every call. Nothing answers from outside.
#include "provoke.h"

enum { PIDS = 300 };
static int outsider, mutex;
// Too large for the one page of stack.
static struct proc_info table[64];

static long call(long number, uint64_t first, uint64_t second, uint64_t third) {
  register uint64_t a0 __asm__("a0") = first;
  register uint64_t a1 __asm__("a1") = second;
  register uint64_t a2 __asm__("a2") = third;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return (long)a0;
}

static void guess(void) {
  struct cm_info info;
  int self = getpid();
  enter();
  CHECK(prio_set(self, 9) == 0);
  for (int pid = -2; pid < PIDS; pid++) {
    if (pid == self)
      continue;
    CHECK(kill(pid) == -1);
    CHECK(prio_get(pid) == -1);
    CHECK(prio_set(pid, 15) == -1);
  }
  for (int priority = -1; priority < 9; priority++)
    CHECK(prio_set(self, priority) == -1);
  for (int handle = -2; handle < 80; handle++) {
    CHECK(mutex_lock(handle) == -1 && mutex_unlock(handle) == -1);
    CHECK(cv_wait(handle) == -1 && cv_signal(handle) == -1 && mutex_delete(handle) == -1);
  }
  for (int id = 0; id < 100; id++)
    CHECK(cm_join(id) == -1);
  CHECK(cm_create_and_enter() == -1);
  CHECK(cm_info(0, &info) == getcid() && cm_info(getcid() + 1, &info) == -1);
  CHECK(ps(table, 64) == 1 && table[0].pid == self && table[0].parent == 0);
  CHECK(shm_rem("page") == -1);
  char *page = shm_get("page");
  CHECK(page && page[0] == 0);
}

// fork, exit, wait, sleep and cv_wait, which would last or multiply, have programs of their own.
static void point(void) {
  static const uint64_t places[] = {
      0, 1, 16, 4095, 0x3ffffff000, 0x4000000000, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffff000,
  };
  enter();
  for (long number = 0; number < 60; number++) {
    if (number == 1 || number == 2 || number == 3 || number == 13 || number == 12)
      continue;
    if (number == 38 || number == 26 || number == 23)
      continue;
    for (int index = 0; index < 9; index++) {
      call(number, places[index], places[(index + 3) % 9], 8);
      call(number, 1, places[index], 8);
      call(number, places[index], 8, places[index]);
    }
  }
}

// A limit is not to be got around by orphans, zombies, exec or containers in each other.
static void evade(void) {
  enter();
  CHECK(cm_maxproc(5) == 0);
  CHECK(maxproc(64) == 0 && cm_maxproc(64) == -1);
  for (int round = 0; round < 40; round++) {
    int child = fork();
    if (child == 0) {
      for (int depth = 0; depth < 8; depth++)
        if (fork() < 0)
          break;
      sleep(1);
      exit(0);
    }
  }
  CHECK(ps(table, 64) <= 5);
  while (wait(0) > 0)
    CHECK(ps(table, 64) <= 5);
}

int main(void) {
  char *page = shm_get("page");
  mutex = mutex_create("mutex");
  CHECK(page && mutex >= 0);
  page[0] = 7;
  make_gate();
  outsider = hold(nothing);
  CHECK(status_of(guess) == 0);
  status_of(point);
  CHECK(status_of(evade) == 0);
  CHECK(page[0] == 7 && mutex_lock(mutex) == 0);
  CHECK(ps(table, 64) == 3);
  open_gate();
  CHECK(wait(0) == outsider);
  return 0;
}
