// cm_join and cm_info: getting into a container that there is, and finding out about it.
#include "contain.h"

static struct gate made, gate;

// A container with root /r and room for three, until the gate opens.
static int make(int limit) {
  made = make_gate();
  gate = make_gate();
  int child = fork();
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0);
    CHECK(cm_setroot("/r/", 3) == 0);
    CHECK(cm_maxproc(limit) == 0);
    strcpy(shm_get("page"), "inside");
    tell(made, getcid());
    await(gate);
    while (wait(0) > 0)
      ;
    exit(0);
  }
  return child;
}

static void joins(void) {
  int init = make(3);
  int cid = hear(made);
  struct cm_info info;
  CHECK(cm_info(cid, &info) == cid);
  CHECK(info.cid == cid && info.init == init && info.processes == 1 && info.limit == 3);
  CHECK(strcmp(info.root, "/r/") == 0 || strcmp(info.root, "/r") == 0);
  strcpy(shm_get("page"), "outside");
  struct gate told = make_gate(), stay = make_gate();
  int member = fork();
  if (member == 0) {
    int folder = open("/", O_RDONLY);
    CHECK(cm_join(cid) == -1);  // an open directory is held
    CHECK(close(folder) == 0);
    CHECK(cm_join(cid + 1) == -1 && cm_join(0) == -1 && cm_join(-1) == -1);
    CHECK(cm_join(cid) == 0);
    CHECK(getcid() == cid);
    CHECK(cm_join(cid) == -1);  // already in one
    CHECK(cm_create_and_enter() == -1);
    CHECK(opens("/in") && opens("in") && !opens("/out"));  // its root, and the folder there
    CHECK(!opens("../out"));
    CHECK(strcmp(shm_get("page"), "inside") == 0);  // its names
    CHECK(getpid() == 2 && prio_get(1) >= 0);  // its numbers
    CHECK(kill(init) == -1 && prio_get(init) == -1 && prio_get(3) == -1);
    int child = fork();
    if (child == 0)
      exit(fork() == -1 ? 0 : 1);  // its budget
    CHECK(child == 3);  // the third
    int status;
    CHECK(wait(&status) == child && status == 0);
    tell(told, 1);
    await(stay);
    exit(42);
  }
  CHECK(hear(told) == 1);
  CHECK(cm_info(0, &info) == cid && info.processes == 2);
  CHECK(cm_info(cid + 1, &info) == -1);
  CHECK(cm_info(cid, (struct cm_info *)-1) == -1);
  struct gate full = make_gate();
  for (int child = 0; child < 2; child++)
    if (fork() == 0) {
      tell(told, cm_join(cid));
      await(full);
      exit(0);
    }
  int one = hear(told), other = hear(told);
  CHECK(one + other == -1);  // one found room
  open_gate(full);
  CHECK(wait(0) > 0 && wait(0) > 0);
  open_gate(stay);
  int status;
  CHECK(wait(&status) == member && status == 42);  // its parent stays outside, and is its parent
  open_gate(gate);
  CHECK(wait(&status) == init && status == 0);
  CHECK(cm_info(0, &info) == -1);
  CHECK(cm_join(cid) == -1);  // gone
}

// A member from outside goes with the container.
static void ends_with_it(void) {
  int init = make(3);
  int cid = hear(made);
  struct gate told = make_gate();
  int member = fork();
  if (member == 0) {
    CHECK(cm_join(cid) == 0);
    tell(told, 1);
    sleep(1000000);
  }
  CHECK(hear(told) == 1);
  CHECK(kill(init) == 0);
  int first, second;
  int one = wait(&first), two = wait(&second);
  CHECK((one == init && two == member) || (one == member && two == init));
  CHECK(first == -1 && second == -1);
}

static void own_only(void) {
  struct cm_info info;
  int me = getcid();
  CHECK(cm_info(0, &info) == me && info.cid == me && info.init == getpid());
  CHECK(info.limit == 0 && info.processes == 1);
  CHECK(cm_info(me, &info) == me);
  CHECK(cm_info(me + 1, &info) == -1);
}
static void sees_its_own(void) {
  int init = make(3);
  int cid = hear(made);
  CHECK(cid > 0);
  CHECK(in_container(own_only) == 0);
  open_gate(gate);
  CHECK(wait(0) == init);
}

static void twelve(void) {
  struct gate told = make_gate(), stay = make_gate();
  for (int child = 0; child < 12; child++)
    if (fork() == 0) {
      CHECK(cm_create_and_enter() == 0);
      tell(told, getcid());
      await(stay);
      exit(0);
    }
  for (int child = 0; child < 12; child++)
    hear(told);
  struct cm_info info;
  int count = 0, last = 0;
  for (int cid = 1; (cid = cm_info(cid, &info)) > 0; cid++) {
    CHECK(cid > last && info.cid == cid);
    last = cid;
    count++;
  }
  CHECK(count == 12);
  open_gate(stay);
  for (int child = 0; child < 12; child++)
    CHECK(wait(0) > 0);
}

int main(void) {
  CHECK(mkdir("/r") == 0 && mkdir("/r/in") == 0);
  make_file("/out", "out");
  CHECK(status_of(joins) == 0);
  CHECK(status_of(ends_with_it) == 0);
  CHECK(status_of(sees_its_own) == 0);
  CHECK(status_of(twelve) == 0);
  return 0;
}
