// Pids: a container numbers its own processes from 1 in the order in which they come into it, and gives no
// number twice; outside a process goes by its machine-wide pid. Every call has the caller's view, and who is
// not in sight is 0.
#include "contain.h"

static struct proc_info table[64];
static struct gate told, stay;

static struct proc_info *entry(int count, int pid) {
  for (int index = 0; index < count; index++)
    if (table[index].pid == pid)
      return &table[index];
  return 0;
}

// The init is 1, and whoever is forked in there, by whomever, gets the next number; none is used twice.
static void in_the_order_of_coming(void) {
  CHECK(getpid() == 1);
  for (int number = 2; number < 8; number++) {
    int child = fork(), status;
    if (child == 0)
      exit(getpid());
    CHECK(child == number);
    CHECK(wait(&status) == number && status == number);
    CHECK(kill(number) == -1 && prio_get(number) == -1);  // nobody's any more
  }
  struct gate gate = make_gate();
  int child = fork(), status;
  if (child == 0) {
    CHECK(getpid() == 8);
    int grandchild = fork();
    if (grandchild == 0)
      exit(getpid());
    CHECK(grandchild == 9);
    CHECK(wait(&status) == 9 && status == 9);
    tell(gate, grandchild);
    exit(1);
  }
  CHECK(hear(gate) == 9);
  CHECK(wait(&status) == child && child == 8 && status == 1);
  child = fork();
  if (child == 0)
    exit(getpid());
  CHECK(child == 10 && wait(&status) == 10 && status == 10);
}

// A fork that fails uses no number.
static void no_number_is_lost(void) {
  CHECK(cm_maxproc(2) == 0);
  for (int round = 0; round < 3; round++) {
    int child = fork();
    if (child == 0)
      exit(fork() == -1 && fork() == -1 ? getpid() : -1);
    int status;
    CHECK(child == 2 + round && wait(&status) == child && status == child);
  }
}

// exec keeps the number; so does the parent's end, after which the parent is the container's init.
static void numbers_stay(void) {
  struct gate gate = make_gate();
  int child = fork();
  if (child == 0) {
    if (fork() == 0) {
      tell(gate, getpid());
      sleep(3);
      exit(40 + getpid());
    }
    exit(0);
  }
  CHECK(child == 2 && hear(gate) == 3);
  CHECK(wait(0) == 2);
  int count = ps(table, 64);
  CHECK(count == 2 && table[1].pid == 3 && table[1].parent == 1);
  int status;
  CHECK(wait(&status) == 3 && status == 43);
  char *arguments[] = {"cm_pids", "again", 0};
  child = fork();
  if (child == 0)
    exec("/cm_pids", arguments);
  CHECK(child == 4 && wait(&status) == 4 && status == 4);
}

// kill, prio_get and prio_set take the container's numbers, and know nobody by another.
static void calls_take_numbers(void) {
  int child = fork(), status;
  if (child == 0)
    for (;;)
      sleep(1000);
  CHECK(prio_get(1) == prio_get(getpid()) && prio_get(2) == prio_get(1));
  CHECK(prio_set(2, 12) == 0 && prio_get(2) == 12 && prio_get(1) != 12);
  for (int pid = 3; pid < 200; pid++)
    CHECK(prio_get(pid) == -1 && prio_set(pid, 15) == -1 && kill(pid) == -1);
  CHECK(prio_get(0) == -1 && kill(0) == -1 && kill(-1) == -1 && kill(1 << 30) == -1);
  CHECK(kill(2) == 0 && wait(&status) == 2 && status == -1);
}

// ps and cm_info show the container's numbers, in their order; the parent of its init is not in sight.
static void lists_show_numbers(void) {
  struct cm_info info;
  CHECK(cm_info(0, &info) == getcid() && info.init == 1 && info.processes == 1);
  stay = make_gate();
  for (int child = 0; child < 3; child++)
    if (fork() == 0) {
      await(stay);
      exit(0);
    }
  CHECK(ps(table, 64) == 4);
  for (int index = 0; index < 4; index++) {
    CHECK(table[index].pid == index + 1 && table[index].cid == getcid());
    CHECK(table[index].parent == (index > 0));
  }
  CHECK(ps(table, 2) == 2 && table[1].pid == 2);
  CHECK(cm_info(0, &info) == getcid() && info.processes == 4);
  open_gate(stay);
  while (wait(0) > 0)
    ;
}

// Whoever joins gets the next number, whatever number it has outside. Its parent, outside, is not in sight and
// goes on waiting for it by its machine-wide pid.
static void joins_get_the_next(void) {
  told = make_gate();
  stay = make_gate();
  struct gate come = make_gate();
  // Older than the init, and so with a lower pid outside.
  int older = fork();
  if (older == 0) {
    int cid = hear(come);
    CHECK(cm_join(cid) == 0);
    CHECK(getpid() == 3);
    CHECK(ps(table, 64) == 3);
    CHECK(table[0].pid == 1 && table[1].pid == 2 && table[2].pid == 3);
    CHECK(table[1].parent == 1 && table[2].parent == 0);
    CHECK(strcmp(table[2].name, "cm_pids") == 0 && table[2].state == P_RUNNING);
    int child = fork();
    if (child == 0)
      exit(getpid());
    CHECK(child == 4 && wait(0) == 4);
    tell(told, 3);
    await(stay);
    exit(33);
  }
  int init = fork();
  if (init == 0) {
    CHECK(cm_create_and_enter() == 0);
    int child = fork();
    if (child == 0) {
      await(stay);
      exit(0);
    }
    tell(told, getcid());
    await(stay);
    while (wait(0) > 0)
      ;
    exit(0);
  }
  CHECK(older < init);
  tell(come, hear(told));
  CHECK(hear(told) == 3);
  // Outside everybody goes by the machine's pids, members too.
  int count = ps(table, 64), status;
  struct cm_info info;
  CHECK(entry(count, older)->cid == entry(count, init)->cid);
  CHECK(entry(count, older)->parent == getpid() && entry(count, init)->parent == getpid());
  CHECK(cm_info(1, &info) > 0 && info.init == init && info.processes == 3);
  CHECK(prio_get(older) >= 0 && prio_get(init) >= 0);
  for (int index = 1; index < count; index++)
    CHECK(table[index - 1].pid < table[index].pid);
  open_gate(stay);
  int first = wait(&status);
  CHECK(first == older ? status == 33 : first == init);
  CHECK(wait(0) == older + init - first);
}

// Two containers number by themselves.
static void each_has_its_own(void) {
  told = make_gate();
  stay = make_gate();
  for (int container = 0; container < 2; container++)
    if (fork() == 0) {
      CHECK(cm_create_and_enter() == 0);
      int child = fork();
      if (child == 0) {
        await(stay);
        exit(0);
      }
      tell(told, getpid() * 10 + child);
      await(stay);
      wait(0);
      exit(0);
    }
  CHECK(hear(told) == 12 && hear(told) == 12);
  // Outside these numbers mean the machine's own: its init.
  CHECK(ps(table, 64) == 7 && table[0].pid == 1 && table[0].cid == 0);
  open_gate(stay);
  CHECK(wait(0) > 0 && wait(0) > 0);
}

// A container that comes later begins at 1 again, and its init is reaped by its machine-wide pid.
static void begins_anew(void) {
  for (int round = 0; round < 3; round++) {
    int init = fork(), status;
    if (init == 0) {
      CHECK(cm_create_and_enter() == 0);
      int child = fork();
      if (child == 0)
        exit(0);
      exit(getpid() * 10 + child);
    }
    CHECK(wait(&status) == init && init > 2 && status == 12);
  }
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1)
    exit(getpid());
  CHECK(in_container(in_the_order_of_coming) == 0);
  CHECK(in_container(no_number_is_lost) == 0);
  CHECK(in_container(numbers_stay) == 0);
  CHECK(in_container(calls_take_numbers) == 0);
  CHECK(in_container(lists_show_numbers) == 0);
  CHECK(status_of(joins_get_the_next) == 0);
  CHECK(status_of(each_has_its_own) == 0);
  CHECK(status_of(begins_anew) == 0);
  return 0;
}
