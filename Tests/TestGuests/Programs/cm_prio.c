// prio_set and prio_get: 0 to 15, on oneself or a descendant, never above one's own.
#include "contain.h"

static void contained_stranger(void) {
  CHECK(prio_get(2) == -1);            // outside, so not in sight
  CHECK(prio_set(2, 15) == -1);
  CHECK(prio_get(getpid()) == 6);
  CHECK(prio_set(getpid(), 3) == -1);  // a new container lifts nobody
}

static void family(void) {
  int me = getpid();
  CHECK(prio_get(me) == 4);
  struct gate gate = make_gate(), told = make_gate();
  int child = fork();
  if (child == 0) {
    CHECK(prio_get(getpid()) == 4);  // inherited
    int grandchild = fork();
    if (grandchild == 0) {
      await(gate);
      exit(0);
    }
    tell(told, grandchild);
    CHECK(prio_set(me, 9) == -1);  // an ancestor
    open_gate(gate);
    CHECK(wait(0) == grandchild);
    exit(0);
  }
  int grandchild = hear(told);
  CHECK(prio_set(grandchild, 9) == 0 && prio_get(grandchild) == 9);
  CHECK(prio_set(grandchild, 4) == 0 && prio_get(grandchild) == 4);  // up to one's own
  CHECK(prio_set(grandchild, 3) == -1 && prio_get(grandchild) == 4);
  CHECK(prio_set(child, 16) == -1 && prio_set(child, -1) == -1);
  CHECK(prio_set(1, 5) == -1);       // not a descendant
  CHECK(prio_set(99999, 5) == -1);   // nobody
  CHECK(prio_set(0, 5) == -1 && prio_set(-1, 5) == -1);
  CHECK(prio_get(99999) == -1 && prio_get(0) == -1 && prio_get(-1) == -1);
  CHECK(prio_set(me, 6) == 0 && prio_get(me) == 6);
  CHECK(prio_set(me, 5) == -1 && prio_get(me) == 6);
  open_gate(gate);
  CHECK(wait(0) == child);
  CHECK(in_container(contained_stranger) == 0);
}

static volatile int *page;
// The higher one runs, and the lower one does not, as long as the higher one wants to.
static void rules(void) {
  page = (volatile int *)shm_get("p");
  int mutex = mutex_create("m");
  CHECK(mutex_lock(mutex) == 0);
  for (int child = 0; child < 2; child++)
    if (fork() == 0) {
      CHECK(prio_set(getpid(), child == 0 ? 9 : 8) == 0);
      CHECK(mutex_lock(mutex) == 0);
      CHECK(mutex_unlock(mutex) == 0);
      for (int loop = 0; loop < 300000; loop++)
        __asm__ volatile("");
      page[page[0]++ + 1] = child;
      exit(0);
    }
  sleep(3);
  CHECK(mutex_unlock(mutex) == 0);
  CHECK(wait(0) > 0 && wait(0) > 0);
}
static void rules_on_one_hart(void) {
  rules();
  CHECK(page[1] == 1 && page[2] == 0);
}

int main(int argc, char **argv) {
  (void)argv;
  CHECK(prio_get(1) == 0);
  CHECK(prio_get(getpid()) == 0);  // init's child
  CHECK(prio_set(getpid(), 4) == 0);
  CHECK(status_of(family) == 0);
  if (argc > 1)  // with several harts both of them run at once
    CHECK(status_of(rules_on_one_hart) == 0);
  else
    CHECK(status_of(rules) == 0);
  return 0;
}
