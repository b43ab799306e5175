// cgroup.freeze and cgroup.kill: who is in a frozen group or below it does not run, on any hart, whatever it was
// doing, and goes on where it was; kill ends it all the same.
#include "groups.h"

static volatile int *count;
static int ends[2];

static void count_up(void) {
  for (;;)
    (*count)++;
}
static void call_on(void) {
  for (;;) {
    getpid();
    (*count)++;
  }
}
static void sleep_on(void) {
  for (;;) {
    sleep(1);
    (*count)++;
  }
}
static void read_on(void) {
  char byte;
  for (;;) {
    CHECK(read(ends[0], &byte, 1) == 1);
    (*count)++;
  }
}

static int start(const char *procs, void (*body)(void)) {
  *count = 0;
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(puts_all(procs, "0"));
    body();
  }
  return child;
}

static int moves(void) {
  int before = *count;
  if (ends[1])
    CHECK(write(ends[1], "x", 1) == 1);
  sleep(4);
  return *count != before;
}

// Frozen from the group, from the one above, or by being moved there; and thawed.
static void stops(void (*body)(void)) {
  int child = start("/cgroup/f/in/cgroup.procs", body), status;
  while (!moves())
    ;
  CHECK(puts_all("/cgroup/f/cgroup.freeze", "1\n") && holds("/cgroup/f/cgroup.freeze", "1\n"));
  CHECK(holds("/cgroup/f/cgroup.events", "populated 1\nfrozen 1\n"));
  CHECK(holds("/cgroup/f/in/cgroup.events", "populated 1\nfrozen 1\n"));
  CHECK(holds("/cgroup/f/in/cgroup.freeze", "0\n") && !moves() && !moves());
  CHECK(puts_all("/cgroup/f/in/cgroup.freeze", "1"));
  CHECK(puts_all("/cgroup/f/cgroup.freeze", "0") && !moves());
  CHECK(puts_all("/cgroup/f/in/cgroup.freeze", "0") && moves() && moves());
  CHECK(puts_all("/cgroup/f/cgroup.freeze", "1") && move_to("/cgroup/cgroup.procs", child) && moves());
  CHECK(move_to("/cgroup/f/cgroup.procs", child) && !moves());
  // What was frozen is killed, and its slot is free.
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  CHECK(puts_all("/cgroup/f/cgroup.freeze", "0"));
  CHECK(holds("/cgroup/f/cgroup.events", "populated 0\nfrozen 0\n"));
}

static void kill_all(void) {
  for (int frozen = 0; frozen < 2; frozen++) {
    for (int index = 0; index < 3; index++)
      start(index ? "/cgroup/f/in/cgroup.procs" : "/cgroup/f/cgroup.procs", sleep_on);
    while (!holds("/cgroup/f/pids.current", "3\n"))
      sleep(1);
    if (frozen)
      CHECK(puts_all("/cgroup/f/cgroup.freeze", "1"));
    CHECK(put("/cgroup/f/cgroup.kill", "0") == -1 && put("/cgroup/f/cgroup.kill", "") == 0);
    CHECK(put("/cgroup/f/cgroup.kill", "2") == -1 && holds("/cgroup/f/pids.current", "3\n"));
    CHECK(puts_all("/cgroup/f/cgroup.kill", "1\n"));
    for (int index = 0, status; index < 3; index++)
      CHECK(wait(&status) > 0 && status == -1);
    CHECK(puts_all("/cgroup/f/cgroup.freeze", "0") && holds("/cgroup/f/cgroup.kill", ""));
  }
}

// A process can freeze itself, and be thawed by another.
static void freeze_self(void) {
  int child = fork(), status;
  if (child == 0) {
    CHECK(puts_all("/cgroup/f/cgroup.procs", "0"));
    CHECK(puts_all("/cgroup/f/cgroup.freeze", "1"));
    (*count)++;
    exit(0);
  }
  *count = 0;
  while (!holds("/cgroup/f/cgroup.freeze", "1\n"))
    sleep(1);
  sleep(5);
  CHECK(*count == 0 && puts_all("/cgroup/f/cgroup.freeze", "0"));
  CHECK(wait(&status) == child && status == 0 && *count == 1);
}

// A container cannot freeze or kill its own group, and can those below.
static void inside(void) {
  CHECK(cm_create_and_enter() == 0);
  CHECK(put("/cgroup/cgroup.freeze", "1") == -1 && put("/cgroup/cgroup.kill", "1") == -1);
  CHECK(holds("/cgroup/cgroup.freeze", "0\n") && mkdir("/cgroup/g") == 0);
  int child = fork(), status;
  if (child == 0)
    for (;;)
      ;
  CHECK(move_to("/cgroup/g/cgroup.procs", child) && puts_all("/cgroup/g/cgroup.freeze", "1"));
  sleep(2);
  CHECK(puts_all("/cgroup/g/cgroup.kill", "1") && wait(&status) == child && status == -1);
  CHECK(write(ends[1], "r", 1) == 1);
  for (;;)
    sleep(1);
}
static void containers(void) {
  char byte;
  CHECK(pipe(ends) == 0);
  int init = fork(), status;
  if (init == 0)
    inside();
  CHECK(read(ends[0], &byte, 1) == 1);
  int cid = cm_info(0, &(struct cm_info){0});
  CHECK(puts_all(of_container(cid, "cgroup.freeze"), "1"));
  CHECK(puts_all(of_container(cid, "cgroup.kill"), "1") && wait(&status) == init && status == -1);
  CHECK(cm_info(0, &(struct cm_info){0}) == -1 && open(of_container(cid, ""), O_RDONLY) == -1);
}

int main(void) {
  static const char *const bad[] = {"2", "x", "-1", "max", "1 1"};
  count = (volatile int *)(void *)shm_get("frozen");
  CHECK(count && mkdir("/cgroup/f") == 0 && mkdir("/cgroup/f/in") == 0);
  CHECK(open("/cgroup/cgroup.freeze", O_RDONLY) == -1 && open("/cgroup/cgroup.kill", O_WRONLY) == -1);
  for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++)
    CHECK(put("/cgroup/f/cgroup.freeze", bad[at]) == -1);
  CHECK(holds("/cgroup/f/cgroup.freeze", "0\n"));
  stops(count_up);
  stops(call_on);
  stops(sleep_on);
  CHECK(pipe(ends) == 0);
  stops(read_on);
  close(ends[0]);
  close(ends[1]);
  ends[0] = ends[1] = 0;
  kill_all();
  freeze_self();
  CHECK(unlink("/cgroup/f/in") == 0 && unlink("/cgroup/f") == 0);
  containers();
  return 0;
}
