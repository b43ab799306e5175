// What a process does before it enters a container it does outside: it sets priorities, kills and
// waits for others, is adopted and locked for, and all of that is nothing to the container.
#include "check.h"

static void changes_itself(void) {
  CHECK(prio_set(getpid(), 5) == 0);
  CHECK(cm_create_and_enter() == 0);
}

static void reaps(void) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0)
    sleep(100);
  CHECK(prio_set(child, 7) == 0 && kill(child) == 0 && wait(0) == child);
  CHECK(cm_create_and_enter() == 0);
}

static void is_set_by_one_that_enters_later(void) {
  int parent = getpid();
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(prio_set(getpid(), 6) == 0);
    CHECK(cm_create_and_enter() == 0);
    CHECK(getpid() == 1 && parent > 1);
    CHECK(kill(parent) == -1);
    int inside = fork(), status = 0;
    if (inside == 0)
      exit(kill(3) == -1 ? 0 : 1);
    CHECK(inside == 2);
    CHECK(wait(&status) == inside && status == 0);
    exit(0);
  }
  int status = 0;
  CHECK(wait(&status) == child && status == 0);
  CHECK(cm_create_and_enter() == 0);
}

int main(void) {
  CHECK(status_of(changes_itself) == 0);
  CHECK(status_of(reaps) == 0);
  CHECK(status_of(is_set_by_one_that_enters_later) == 0);
  exit(0);
}
