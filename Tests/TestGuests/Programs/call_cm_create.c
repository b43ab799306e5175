// cm_create_and_enter, getcid, cm_setroot, cm_maxproc: a container, and the course's policy on it.
#include "contain.h"

static void inside(void) {
  int me = getcid();
  CHECK(me >= 1);
  CHECK(cm_create_and_enter() == -1);
  CHECK(getcid() == me);
  int child = fork();
  if (child == 0)
    exit(getcid() == me ? 0 : 1);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

static int last;
static void newer(void) { exit(getcid()); }

static void roots(void) {
  CHECK(cm_setroot("r", 1) == -1);    // not absolute
  CHECK(cm_setroot("", 0) == -1);
  CHECK(cm_setroot("/missing", 8) == -1);
  CHECK(cm_setroot("/out", 4) == -1);  // not a directory
  CHECK(cm_setroot((char *)-1, 4) == -1);
  CHECK(cm_setroot("/r", -1) == -1);
  int folder = open("/r", O_RDONLY);
  CHECK(cm_setroot("/r", 2) == -1);  // an open directory is held
  CHECK(close(folder) == 0);
  CHECK(opens("/out"));               // nothing has happened so far
  CHECK(cm_setroot("/r", 2) == 0);
  CHECK(opens("/in") && opens("in") && !opens("/out"));
  CHECK(cm_setroot("/in", 3) == -1);  // once only
  CHECK(!opens("/../out"));
  CHECK(setroot("/in") == 0);         // but the mechanism narrows on
}
static void with_nul(void) {
  CHECK(cm_setroot("/r", 3) == 0);
  CHECK(opens("/in") && !opens("/out"));
}
static void with_slash(void) {
  CHECK(cm_setroot("/r/", 3) == 0);
  CHECK(opens("/in") && !opens("/out"));
}
static void cut(void) {
  CHECK(cm_setroot("/r/in/and/more", 5) == 0);
  CHECK(!opens("/in") && opens("/"));
}

static int fills(int most) {
  struct gate gate = make_gate();
  int count = 0;
  for (; count < most; count++) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      await(gate);
      exit(0);
    }
  }
  open_gate(gate);
  for (int child = 0; child < count; child++)
    wait(0);
  return count;
}
static void limits(void) {
  CHECK(cm_maxproc(0) == -1);
  CHECK(cm_maxproc(-5) == -1);
  CHECK(cm_maxproc(4) == 0);
  CHECK(cm_maxproc(3) == -1);  // once only
  CHECK(cm_maxproc(9) == -1);
  CHECK(fills(10) == 3);
  CHECK(maxproc(2) == 0);  // the mechanism tightens on
  CHECK(fills(10) == 1);
}

int main(void) {
  CHECK(mkdir("/r") == 0 && mkdir("/r/in") == 0);
  make_file("/out", "out");
  CHECK(getcid() == 0);
  CHECK(cm_setroot("/r", 2) == -1);  // only inside a container
  CHECK(cm_maxproc(4) == -1);
  CHECK(in_container(inside) == 0);
  CHECK(getcid() == 0);
  for (int count = 0; count < 20; count++) {  // more than there can be at once
    int id = in_container(newer);
    CHECK(id > last);  // never used twice
    last = id;
  }
  CHECK(in_container(roots) == 0);
  CHECK(opens("/out"));
  CHECK(in_container(with_nul) == 0);
  CHECK(in_container(with_slash) == 0);
  CHECK(in_container(cut) == 0);
  CHECK(in_container(limits) == 0);
  // 16 at once, and no more.
  struct gate gate = make_gate(), ready = make_gate();
  for (int count = 0; count < 17; count++)
    if (fork() == 0) {
      tell(ready, cm_create_and_enter());
      await(gate);
      exit(0);
    }
  int made = 0;
  for (int count = 0; count < 17; count++)
    made += hear(ready) == 0;
  CHECK(made == 16);
  open_gate(gate);
  for (int count = 0; count < 17; count++)
    CHECK(wait(0) > 0);
  CHECK(in_container(inside) == 0);
  return 0;
}
