// /cgroup: one tree of groups, made by mkdir and removed by unlink, with cgroup v2's file names; the limit of
// processes; and what a container sees of it, which is its own part, with limits that it cannot change.
#include "groups.h"

static const char bad[][12] = {"", "x", "-1", "1x", " 1", "max1", "1 2", "MAX", "0x10", "\n\n"};

// The root has no limits, and nothing of it can be removed or made into something else.
static void root(void) {
  CHECK(lists("/cgroup", "cgroup.procs") && lists("/cgroup", "cgroup.control"));
  CHECK(lists("/cgroup", ".") && lists("/cgroup", "..") && !lists("/cgroup", "pids.max"));
  CHECK(open("/cgroup/pids.max", O_RDONLY) == -1 && open("/cgroup/pids.max", O_WRONLY) == -1);
  CHECK(take("/cgroup/cgroup.controllers") > 0 && has("pids"));
  CHECK(put("/cgroup/cgroup.controllers", "pids") == -1);
  CHECK(take("/cgroup/cgroup.procs") > 0 && has(line_of(getpid())));
  CHECK(holds("/cgroup/cgroup.stat", "nr_descendants 0\nnr_dying_descendants 0\n"));
  CHECK(facts("/cgroup").dev != facts("/").dev && facts("/cgroup").dev != facts("/proc").dev);
  CHECK(facts("/cgroup").type == T_DIR && facts("/cgroup/cgroup.procs").type == T_FILE);
  CHECK(same_file("/cgroup/..", "/") && same_file("/cgroup/.", "/cgroup"));
  CHECK(open("/cgroup/new", O_CREATE | O_WRONLY) == -1 && mknod("/cgroup/new", 1, 1) == -1);
  CHECK(unlink("/cgroup/cgroup.procs") == -1);
  CHECK(link("/cgroup/cgroup.procs", "/cgroup/x") == -1 && link("/cgroup/cgroup.procs", "/x") == -1);
  CHECK(open("/cgroup", O_WRONLY) == -1);
  CHECK(mkdir("/cgroup/cgroup.procs") == -1 && mkdir("/cgroup/c1") == -1);
  CHECK(mkdir("/cgroup/c77") == -1 && mkdir("/cgroup/none/g") == -1);
  CHECK(holds("/proc/self/cgroup", "0::/\n"));
}

static void making(void) {
  CHECK(mkdir("/cgroup/g") == 0 && mkdir("/cgroup/g") == -1);
  CHECK(lists("/cgroup", "g") && lists("/cgroup/g", "pids.max") && lists("/cgroup/g", "cgroup.procs"));
  CHECK(same_file("/cgroup/g/..", "/cgroup") && same_file("/cgroup/g/../g", "/cgroup/g"));
  CHECK(holds("/cgroup/g/pids.max", "max\n") && holds("/cgroup/g/pids.current", "0\n"));
  CHECK(holds("/cgroup/g/pids.peak", "0\n") && holds("/cgroup/g/pids.events", "max 0\n"));
  CHECK(holds("/cgroup/g/cgroup.events", "populated 0\nfrozen 0\n"));
  CHECK(holds("/cgroup/g/cgroup.procs", ""));
  CHECK(mkdir("/cgroup/g/below") == 0 && unlink("/cgroup/g") == -1);
  CHECK(holds("/cgroup/cgroup.stat", "nr_descendants 2\nnr_dying_descendants 0\n"));
  // Making and cutting do nothing to a file that is there.
  CHECK(puts_all("/cgroup/g/pids.max", "7\n"));
  int file = open("/cgroup/g/pids.max", O_CREATE | O_TRUNC | O_RDWR);
  CHECK(file >= 0 && holds("/cgroup/g/pids.max", "7\n"));
  CHECK(write(file, "9", 1) == 1 && read(file, text, 10) == 2 && memcmp(text, "9\n", 2) == 0);
  CHECK(read(file, text, 10) == 0);
  for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++)
    CHECK(write(file, bad[at], (int)strlen(bad[at])) == (*bad[at] ? -1 : 0));
  CHECK(write(file, "99999999999999999999", 20) == -1 && write(file, text, 2000) == -1);
  CHECK(write(file, NOWHERE, 3) == -1);
  CHECK(holds("/cgroup/g/pids.max", "9\n"));
  CHECK(put("/cgroup/g/pids.current", "1") == -1 && put("/cgroup/g/cgroup.events", "1") == -1);
  // What is gone cannot be written or read, and nothing is below it.
  CHECK(chdir("/cgroup/g/below") == 0 && unlink("/cgroup/g/below") == 0 && unlink("/cgroup/g") == 0);
  CHECK(write(file, "5", 1) == -1 && close(file) == 0);
  CHECK(mkdir("x") == -1 && open("cgroup.procs", O_RDONLY) == -1 && open("..", O_RDONLY) == -1);
  CHECK(chdir("/") == 0 && open("/cgroup/g", O_RDONLY) == -1 && unlink("/cgroup/g") == -1);
  int made = 0;
  for (char name[] = "/cgroup/a!"; mkdir(name) == 0; name[9]++, made++)
    ;
  CHECK(made == 64);
  for (char name[] = "/cgroup/a!"; made > 0; name[9]++, made--)
    CHECK(unlink(name) == 0);
}

static void sit(void) {
  while (sleep(1000) == 0)
    ;
}
static int sitter(void) {
  int child = fork();
  if (child == 0)
    sit();
  CHECK(child > 0);
  return child;
}
static void end(int child) {
  CHECK(kill(child) == 0 && wait(0) == child);
}

// Children start where their parent is; a limit holds for a group and all below it.
static void moving(void) {
  CHECK(mkdir("/cgroup/out") == 0 && mkdir("/cgroup/out/in") == 0);
  CHECK(put("/cgroup/out/cgroup.procs", "99999") == -1 && put("/cgroup/out/cgroup.procs", "x") == -1);
  CHECK(puts_all("/cgroup/out/in/cgroup.procs", "0"));
  CHECK(holds("/proc/self/cgroup", "0::/out/in\n"));
  CHECK(holds("/cgroup/out/in/cgroup.procs", line_of(getpid())) && holds("/cgroup/out/cgroup.procs", ""));
  CHECK(holds("/cgroup/out/cgroup.events", "populated 1\nfrozen 0\n"));
  CHECK(holds("/cgroup/out/pids.current", "1\n") && holds("/cgroup/out/in/pids.current", "1\n"));
  CHECK(unlink("/cgroup/out/in") == -1);
  int child = sitter();
  CHECK(holds("/cgroup/out/pids.current", "2\n"));
  CHECK(move_to("/cgroup/out/cgroup.procs", child) && holds("/cgroup/out/in/pids.current", "1\n"));
  CHECK(puts_all("/cgroup/out/pids.max", "3"));
  int second = sitter();
  CHECK(fork() == -1 && fork() == -1);
  CHECK(holds("/cgroup/out/pids.events", "max 2\n") && holds("/cgroup/out/in/pids.events", "max 0\n"));
  CHECK(holds("/cgroup/out/pids.current", "3\n") && holds("/cgroup/out/pids.peak", "3\n"));
  // Less than there is: nothing is taken, and nothing more given.
  CHECK(puts_all("/cgroup/out/pids.max", "1") && holds("/cgroup/out/pids.current", "3\n"));
  end(second);
  CHECK(fork() == -1);
  // There is no room to come in, and none is needed to go out or to stay inside.
  CHECK(move_to("/cgroup/cgroup.procs", child) && !move_to("/cgroup/out/cgroup.procs", child));
  CHECK(move_to("/cgroup/out/cgroup.procs", getpid()) && move_to("/cgroup/out/in/cgroup.procs", 0));
  CHECK(puts_all("/cgroup/out/pids.max", "0") && fork() == -1);
  CHECK(puts_all("/cgroup/out/pids.max", "max\n") && move_to("/cgroup/out/cgroup.procs", child));
  // A zombie is in no group and keeps its slot.
  CHECK(kill(child) == 0);
  while (holds("/cgroup/out/cgroup.procs", line_of(child)))
    sleep(1);
  CHECK(holds("/cgroup/out/pids.current", "2\n") && !move_to("/cgroup/cgroup.procs", child));
  CHECK(wait(0) == child && holds("/cgroup/out/pids.current", "1\n"));
  CHECK(move_to("/cgroup/cgroup.procs", getpid()));
  CHECK(unlink("/cgroup/out/in") == 0 && unlink("/cgroup/out") == 0);
  CHECK(holds("/proc/self/cgroup", "0::/\n"));
}

// maxproc and groups are one count each, and neither takes the other away.
static void with_maxproc(void) {
  CHECK(mkdir("/cgroup/m") == 0 && puts_all("/cgroup/m/cgroup.procs", "0"));
  CHECK(maxproc(3) == 0 && puts_all("/cgroup/m/pids.max", "2"));
  int child = sitter();
  CHECK(fork() == -1 && holds("/cgroup/m/pids.events", "max 1\n"));
  CHECK(puts_all("/cgroup/m/pids.max", "max"));
  int other = sitter();
  CHECK(fork() == -1 && holds("/cgroup/m/pids.events", "max 1\n"));
  CHECK(move_to("/cgroup/cgroup.procs", getpid()) && fork() == -1 && maxproc(2) == -1);
  end(child);
  end(other);
  CHECK(maxproc(1) == 0 && fork() == -1);
}

static int outer, ready[2], go[2];

static void inside(void) {
  char byte;
  CHECK(chdir("/cgroup") == 0);
  int held = open("/cgroup/outer/pids.max", O_RDWR);
  int procs = open("/cgroup/outer/cgroup.procs", O_WRONLY);
  CHECK(held >= 0 && procs >= 0);
  CHECK(cm_create_and_enter() == 0);
  // Nothing that was opened or entered before leads out.
  CHECK(write(held, "1", 1) == -1 && write(procs, "0", 1) == -1 && write(procs, "1", 1) == -1);
  CHECK(read(held, text, 9) == 0 && open("outer", O_RDONLY) == -1 && open("cgroup.procs", 0) == -1);
  CHECK(close(held) == 0 && close(procs) == 0);
  CHECK(holds("/proc/self/cgroup", "0::/\n") && holds("/cgroup/cgroup.procs", "1\n"));
  CHECK(!lists("/cgroup", "outer") && open("/cgroup/outer", O_RDONLY) == -1);
  CHECK(same_file("/cgroup/..", "/") && open("/cgroup/../cgroup/outer", O_RDONLY) == -1);
  CHECK(mkdir("/cgroup2") == 0 && mount("none", "/cgroup2", "cgroup2", 0, 0) == 0);
  CHECK(same_file("/cgroup", "/cgroup2") && !lists("/cgroup2", "outer") && umount("/cgroup2") == 0);
  CHECK(unlink("/cgroup2") == 0);
  // Its own limits it reads, and does not change.
  CHECK(holds("/cgroup/pids.max", "max\n") && put("/cgroup/pids.max", "5") == -1);
  CHECK(cm_maxproc(4) == 0 && holds("/cgroup/pids.max", "4\n") && cm_maxproc(5) == -1);
  CHECK(open("/cgroup/pids.max", O_WRONLY) == -1 && open("/cgroup/pids.max", O_RDWR) == -1);
  CHECK(put("/cgroup/pids.max", "max") == -1 && holds("/cgroup/pids.max", "4\n"));
  // Groups below are its own.
  CHECK(mkdir("/cgroup/c1") == 0 && mkdir("/cgroup/g") == 0 && mkdir("/cgroup/g/h") == 0);
  CHECK(puts_all("/cgroup/g/pids.max", "1") && puts_all("/cgroup/g/h/cgroup.procs", "1\n"));
  CHECK(holds("/proc/self/cgroup", "0::/g/h\n") && fork() == -1);
  CHECK(puts_all("/cgroup/g/pids.max", "100"));
  int one = sitter(), two = sitter(), three = sitter();
  CHECK(fork() == -1 && holds("/cgroup/pids.current", "4\n") && holds("/cgroup/pids.events", "max 1\n"));
  CHECK(put("/cgroup/g/cgroup.procs", line_of(outer)) == -1);
  CHECK(move_to("/cgroup/cgroup.procs", one) && holds("/cgroup/cgroup.procs", line_of(one)));
  CHECK(write(ready[1], "r", 1) == 1 && read(go[0], &byte, 1) == 1);
  CHECK(holds("/cgroup/pids.max", "3\n"));
  end(two);
  CHECK(fork() == -1);
  end(three);
  CHECK((three = sitter()) > 0);
  CHECK(write(ready[1], "r", 1) == 1 && read(go[0], &byte, 1) == 1);
}

static void containers(void) {
  char byte;
  struct cm_info info;
  outer = getpid();
  CHECK(mkdir("/cgroup/outer") == 0 && pipe(ready) == 0 && pipe(go) == 0);
  int init = fork(), status;
  if (init == 0) {
    inside();
    exit(0);
  }
  CHECK(read(ready[0], &byte, 1) == 1);
  int cid = cm_info(0, &info);
  CHECK(cid > 0 && info.limit == 4);
  CHECK(holds(of_container(cid, "pids.current"), "4\n") && holds(of_container(cid, "pids.max"), "4\n"));
  CHECK(take(of_container(cid, "g/h/cgroup.procs")) > 0 && has(line_of(init)));
  CHECK(unlink(of_container(cid, "")) == -1 && unlink(of_container(cid, "g")) == -1);
  // Nobody comes into its part of the tree or out of it but by entering and ending.
  CHECK(!move_to(of_container(cid, "cgroup.procs"), getpid()));
  CHECK(!move_to("/cgroup/outer/cgroup.procs", init));
  CHECK(puts_all(of_container(cid, "pids.max"), "3") && write(go[1], "g", 1) == 1);
  CHECK(cm_info(0, &info) == cid && info.limit == 3);
  // Who joins needs room, and is in the container's group.
  int joiner = fork();
  if (joiner == 0) {
    CHECK(puts_all("/cgroup/outer/cgroup.procs", "0"));
    while (cm_join(cid) == -1)
      sleep(1);
    CHECK(holds("/proc/self/cgroup", "0::/\n"));
    exit(0);
  }
  CHECK(read(ready[0], &byte, 1) == 1);
  CHECK(!holds("/cgroup/outer/cgroup.procs", ""));
  CHECK(puts_all(of_container(cid, "pids.max"), "4") && wait(&status) == joiner && status == 0);
  CHECK(holds("/cgroup/outer/cgroup.procs", "") && unlink("/cgroup/outer") == 0);
  CHECK(write(go[1], "g", 1) == 1);
  CHECK(wait(&status) == init && status == 0);
  CHECK(open(of_container(cid, ""), O_RDONLY) == -1);
  CHECK(holds("/cgroup/cgroup.stat", "nr_descendants 0\nnr_dying_descendants 0\n"));
}

int main(void) {
  root();
  CHECK(status_of(making) == 0);
  CHECK(status_of(moving) == 0);
  CHECK(status_of(with_maxproc) == 0);
  CHECK(unlink("/cgroup/m") == 0);
  CHECK(status_of(containers) == 0);
  return 0;
}
