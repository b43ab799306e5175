// Many processes: `many SHAPE COUNT`. In a row, side by side, each in the one before, all waiting for
// one mutex, each in a container of its own, all with one shared page, each under a limit of its own, all
// asleep on one condition, each waiting for a mutex of its own.
#include "check.h"

static void leave_at_once(void) {}

static void enter_a_container(void) {
  CHECK(cm_create_and_enter() == 0 && cm_maxproc(3) == 0);
  CHECK(status_of(leave_at_once) == 0);
}

static void in_a_row(int count, void (*body)(void)) {
  for (int index = 0; index < count; index++)
    CHECK(status_of(body) == 0);
}

static void side_by_side(int count, int locks) {
  int mutex = mutex_create("many");
  CHECK(mutex >= 0 && mutex_lock(mutex) == 0);
  for (int index = 0; index < count; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child)
      continue;
    if (locks)
      CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
    else
      sleep(2);
    exit(0);
  }
  sleep(1);
  CHECK(mutex_unlock(mutex) == 0);
  while (count--)
    CHECK(wait(0) > 0);
}

static void each_in_the_one_before(int count, int limits) {
  while (count--) {
    CHECK(!limits || maxproc(count + 2) == 0);
    int child = fork();
    CHECK(child >= 0);
    if (child) {
      CHECK(wait(0) == child);
      exit(0);
    }
  }
}

static void asleep_on_one_condition(int count) {
  int mutex = mutex_create("many");
  for (int index = 0; index < count; index++) {
    int child = fork();
    CHECK(child >= 0);
    if (child)
      continue;
    CHECK(mutex_lock(mutex) == 0 && cv_wait(mutex) == 0 && mutex_unlock(mutex) == 0);
    exit(0);
  }
  // On one hart it goes on only when all of them sleep.
  CHECK(prio_set(getpid(), 1) == 0);
  for (int index = 0; index < count; index++)
    CHECK(mutex_lock(mutex) == 0 && cv_signal(mutex) == 0 && mutex_unlock(mutex) == 0);
  while (count--)
    CHECK(wait(0) > 0);
}

// Two processes for each of the mutexes: who holds it until the gate opens, and who waits for it.
static void each_for_one_mutex(int count) {
  char name[] = "mutex00000";
  int gate = mutex_create("gate");
  CHECK(mutex_lock(gate) == 0);
  for (int index = 0; index < count; index++) {
    int holder = fork();
    CHECK(holder >= 0);
    if (holder)
      continue;
    for (int place = 9, rest = index; place > 4; place--, rest /= 10)
      name[place] = '0' + rest % 10;
    int mutex = mutex_create(name);
    CHECK(mutex_lock(mutex) == 0);
    int waiter = fork();
    CHECK(waiter >= 0);
    if (waiter == 0) {
      CHECK(mutex_lock(mutex) == 0 && mutex_unlock(mutex) == 0);
      exit(0);
    }
    CHECK(mutex_lock(gate) == 0 && mutex_unlock(gate) == 0);
    CHECK(mutex_unlock(mutex) == 0 && wait(0) == waiter);
    exit(0);
  }
  CHECK(prio_set(getpid(), 1) == 0);
  CHECK(mutex_unlock(gate) == 0);
  while (count--)
    CHECK(wait(0) > 0);
}

static void signals_and_waits(int count) {
  int mutex = mutex_create("many");
  CHECK(mutex_lock(mutex) == 0);
  while (count--) {
    CHECK(cv_signal(mutex) == 0 && cv_wait(mutex) == 0);
    CHECK(prio_set(getpid(), prio_get(getpid())) == 0);
  }
  CHECK(mutex_unlock(mutex) == 0);
}

int main(int argc, char **argv) {
  int count = argc > 2 ? atoi(argv[2]) : 5;
  const char *shapes = argc > 1 ? argv[1] : "rswcdmp";
  for (; *shapes; shapes++)
    switch (*shapes) {
    case 'r': in_a_row(count, leave_at_once); break;
    case 'c': in_a_row(count, enter_a_container); break;
    case 's': side_by_side(count, 0); break;
    case 'w': side_by_side(count, 1); break;
    case 'v': signals_and_waits(count); break;
    case 'd': each_in_the_one_before(count, 0); break;
    case 'q': asleep_on_one_condition(count); break;
    case 'l': each_for_one_mutex(count); break;
    case 'm': each_in_the_one_before(count, 1); break;
    case 'p':
      CHECK(shm_get("many"));
      side_by_side(count, 0);
      CHECK(shm_rem("many") == 0);
      break;
    default: CHECK(!"a shape");
    }
  exit(0);
}
