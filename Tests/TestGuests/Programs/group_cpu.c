// cpu.weight, cpu.max and cpu.stat: what they take and what they tell, and that a group which has used its quota waits
// for the next period, whatever becomes of it meanwhile.
#include "groups.h"

static volatile int *count;

static void burn_on(void) {
  for (;;)
    (*count)++;
}

static int start(const char *procs) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(puts_all(procs, "0"));
    burn_on();
  }
  return child;
}

static int moves(void) {
  int before = *count;
  sleep(4);
  return *count != before;
}

static long stat_of(const char *path, const char *word) {
  CHECK(take(path) > 0);
  for (const char *at = text; *at; at++)
    if (memcmp(at, word, (unsigned)strlen(word)) == 0 && at[strlen(word)] == ' ')
      return atoi(at + strlen(word) + 1);
  CHECK(0);
  return 0;
}

static void values(void) {
  static const char *const weights[] = {"0", "10001", "-1", "max", "x", "1 1", "", "100x"};
  static const char *const quotas[] = {"0 1000",      "1 999", "1 1000000001", "-1 1000", "x",
                                       "1000 max",    "1 1 1", "max max",      " 1000",   "1000 ",
                                       "1000  100000"};
  CHECK(holds("/cgroup/g/cpu.weight", "100\n") && holds("/cgroup/g/cpu.max", "max 1000000\n"));
  CHECK(puts_all("/cgroup/g/cpu.weight", "1\n") && holds("/cgroup/g/cpu.weight", "1\n"));
  CHECK(puts_all("/cgroup/g/cpu.weight", "10000") && holds("/cgroup/g/cpu.weight", "10000\n"));
  for (unsigned at = 0; at < sizeof weights / sizeof *weights; at++)
    CHECK(put("/cgroup/g/cpu.weight", weights[at]) == (*weights[at] ? -1 : 0));
  CHECK(holds("/cgroup/g/cpu.weight", "10000\n") && puts_all("/cgroup/g/cpu.weight", "100"));
  CHECK(puts_all("/cgroup/g/cpu.max", "5000 1000\n") && holds("/cgroup/g/cpu.max", "5000 1000\n"));
  CHECK(puts_all("/cgroup/g/cpu.max", "1 1000000000") && holds("/cgroup/g/cpu.max", "1 1000000000\n"));
  CHECK(puts_all("/cgroup/g/cpu.max", "max 2000") && holds("/cgroup/g/cpu.max", "max 2000\n"));
  // The period stays where only the first number is given.
  CHECK(puts_all("/cgroup/g/cpu.max", "700") && holds("/cgroup/g/cpu.max", "700 2000\n"));
  for (unsigned at = 0; at < sizeof quotas / sizeof *quotas; at++)
    CHECK(put("/cgroup/g/cpu.max", quotas[at]) == -1);
  CHECK(holds("/cgroup/g/cpu.max", "700 2000\n") && puts_all("/cgroup/g/cpu.max", "max 1000000"));
  CHECK(put("/cgroup/g/cpu.stat", "1") == -1 && put("/cgroup/cpu.stat", "1") == -1);
  // The root has no limits.
  CHECK(open("/cgroup/cpu.weight", O_RDONLY) == -1 && open("/cgroup/cpu.max", O_RDONLY) == -1);
  CHECK(take("/cgroup/cgroup.controllers") > 0 && has("cpu"));
}

static void counts(void) {
  CHECK(stat_of("/cgroup/g/cpu.stat", "usage") == 0);
  long before = stat_of("/cgroup/cpu.stat", "usage");
  int child = start("/cgroup/g/in/cgroup.procs"), status;
  sleep(3);
  long used = stat_of("/cgroup/g/cpu.stat", "usage");
  CHECK(used > 50000 && used <= stat_of("/cgroup/cpu.stat", "usage") - before);
  CHECK(kill(child) == 0 && wait(&status) == child);
  long in = stat_of("/cgroup/g/in/cpu.stat", "usage");
  CHECK(in >= used && stat_of("/cgroup/g/cpu.stat", "usage") == in);
  CHECK(stat_of("/cgroup/g/cpu.stat", "nr_throttled") == 0);
}

// Throttled by a group above; and let go on by a quota that is larger, none, another group, or the end.
static void quotas(void) {
  int status;
  long before = stat_of("/cgroup/g/cpu.stat", "usage");
  CHECK(puts_all("/cgroup/g/cpu.max", "20000 100000000"));
  int child = start("/cgroup/g/in/cgroup.procs");
  sleep(8);
  CHECK(!moves() && stat_of("/cgroup/g/cpu.stat", "nr_throttled") == 1);
  CHECK(stat_of("/cgroup/g/cpu.stat", "usage") - before < 30000);
  CHECK(stat_of("/cgroup/g/cpu.stat", "throttled") > 0);
  // Written again, or less, it gives nothing; what is more is given.
  CHECK(puts_all("/cgroup/g/cpu.max", "20000 100000000") && !moves());
  CHECK(puts_all("/cgroup/g/cpu.max", "10000 100000000") && !moves());
  CHECK(puts_all("/cgroup/g/cpu.max", "600000 100000000") && moves());
  sleep(12);
  CHECK(!moves());
  // Out of it and in again.
  CHECK(move_to("/cgroup/cgroup.procs", child) && moves());
  CHECK(move_to("/cgroup/g/in/cgroup.procs", child) && !moves());
  // Frozen as well.
  CHECK(puts_all("/cgroup/g/in/cgroup.freeze", "1") && puts_all("/cgroup/g/cpu.max", "max") && !moves());
  CHECK(puts_all("/cgroup/g/in/cgroup.freeze", "0") && moves());
  CHECK(puts_all("/cgroup/g/in/cgroup.freeze", "1") && puts_all("/cgroup/g/cpu.max", "1 100000000"));
  CHECK(puts_all("/cgroup/g/in/cgroup.freeze", "0") && sleep(2) == 0 && !moves());
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  // Who is forked into it, or wakes in it, waits too; and all of it goes on with the next period.
  CHECK(puts_all("/cgroup/g/cpu.max", "20000 800000"));
  child = start("/cgroup/g/cgroup.procs");
  int other = start("/cgroup/g/in/cgroup.procs");
  sleep(40);
  CHECK(stat_of("/cgroup/g/cpu.stat", "nr_throttled") >= 4);
  CHECK(stat_of("/cgroup/g/cpu.stat", "nr_periods") >= 4 && moves() + moves() + moves() > 0);
  CHECK(puts_all("/cgroup/g/cgroup.kill", "1") && wait(0) > 0 && wait(0) > 0 && child != other);
  CHECK(puts_all("/cgroup/g/cpu.max", "max 1000000"));
}

// A container reads its own, and limits what is below.
static void inside(void) {
  CHECK(cm_create_and_enter() == 0);
  CHECK(put("/cgroup/cpu.weight", "5") == -1 && put("/cgroup/cpu.max", "max") == -1);
  CHECK(holds("/cgroup/cpu.weight", "300\n") == 0 && holds("/cgroup/cpu.weight", "100\n"));
  CHECK(mkdir("/cgroup/g") == 0 && puts_all("/cgroup/g/cpu.max", "1000 1000000"));
  CHECK(puts_all("/cgroup/g/cpu.weight", "9") && stat_of("/cgroup/cpu.stat", "usage") > 0);
  CHECK(puts_all("/cgroup/g/cgroup.procs", "0"));
  // Its group has used the quota soon: its end is another's doing.
  for (;;)
    ;
}
static void containers(void) {
  int init = fork(), status;
  if (init == 0)
    inside();
  sleep(30);
  int cid = cm_info(0, &(struct cm_info){0});
  CHECK(cid > 0 && puts_all(of_container(cid, "cpu.weight"), "300"));
  CHECK(holds(of_container(cid, "cpu.weight"), "300\n"));
  CHECK(puts_all(of_container(cid, "cpu.max"), "50000 200000"));
  CHECK(kill(init) == 0 && wait(&status) == init && status == -1);
  CHECK(open(of_container(cid, "cpu.max"), O_RDONLY) == -1);
}

int main(void) {
  count = (volatile int *)(void *)shm_get("cpu");
  CHECK(count && mkdir("/cgroup/g") == 0 && mkdir("/cgroup/g/in") == 0);
  values();
  counts();
  quotas();
  CHECK(unlink("/cgroup/g/in") == 0 && unlink("/cgroup/g") == 0);
  containers();
  return 0;
}
