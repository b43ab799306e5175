// io.max: in each tick a group and all below it move so many bytes from files and so many to files, and no more;
// whoever is beyond that waits for the next tick, and nobody else does.
#include "groups.h"

static const char bad[][24] = {"wbps",     "wbps=",   "wbps=-1",  "wbps=0",     "rbps=0",          "wbps=1 wbps=2",
                               "1000",     " wbps=1", "wbps=1 ",  "riops=1",    "wbps=1  rbps=1",  "max max",
                               "wbps=1\n\n", "wbps=x",  "wbps=1,rbps=1", "wbps=1 rbps=", "8:0 wbps=1", "wbps=max max"};

static char bytes[20000];

static void values(void) {
  CHECK(open("/cgroup/io.max", O_RDONLY) == -1 && take("/cgroup/cgroup.controllers") > 0 && has("io"));
  CHECK(lists("/cgroup/t", "io.max") && holds("/cgroup/t/io.max", "wbps=max rbps=max\n"));
  for (int round = 0; round < 2; round++) {
    for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++)
      CHECK(put("/cgroup/t/io.max", bad[at]) == -1);
    CHECK(holds("/cgroup/t/io.max", round ? "wbps=1 rbps=2\n" : "wbps=max rbps=max\n"));
    CHECK(puts_all("/cgroup/t/io.max", "wbps=1 rbps=2\n"));
  }
  CHECK(puts_all("/cgroup/t/io.max", "rbps=9") && holds("/cgroup/t/io.max", "wbps=1 rbps=9\n"));
  CHECK(puts_all("/cgroup/t/io.max", "rbps=max wbps=3") && holds("/cgroup/t/io.max", "wbps=3 rbps=max\n"));
  CHECK(puts_all("/cgroup/t/io.max", "wbps=max") && puts_all("/cgroup/t/io.max", "max"));
  CHECK(holds("/cgroup/t/io.max", "wbps=max rbps=max\n"));
}

static void in_group(const char *limits) {
  CHECK(puts_all("/cgroup/t/io.max", limits) && puts_all("/cgroup/t/in/cgroup.procs", "0"));
}

// Just after a tick has begun.
static int now(void) {
  CHECK(sleep(1) == 0);
  return uptime();
}

static void alone(void) {
  in_group("wbps=1000 rbps=3000");
  int file = open("/d/f", O_CREATE | O_RDWR), start = now();
  CHECK(file >= 0 && write(file, bytes, 1000) == 1000 && uptime() == start);
  // Beyond it, in parts: as many ticks as that takes.
  CHECK(write(file, bytes, 1) == 1 && uptime() == start + 1);
  start = now();
  CHECK(write(file, bytes, 5000) == 5000 && uptime() == start + 4 && facts("/d/f").size == 6001);
  // The next one goes on in the same tick, up to the limit.
  start = now();
  CHECK(write(file, bytes, 500) == 500 && write(file, bytes, 501) == 501 && uptime() == start + 1);
  CHECK(close(file) == 0 && (file = open("/d/f", O_RDONLY)) >= 0);
  start = now();
  CHECK(read(file, bytes, 6002) == 6002 && uptime() == start + 2);
  CHECK(read(file, bytes, sizeof bytes) == 1000 && uptime() == start + 2 && read(file, bytes, 100) == 0);
  // Where nothing is to be had, nobody waits for it; nor does whoever fails.
  CHECK(write(file, bytes, 1) == -1 && read(99, bytes, 1) == -1 && uptime() == start + 2);
  CHECK(close(file) == 0 && (file = open("/d/f", O_RDWR)) >= 0);
  // What runs into a bad page has failed in the end, and counts.
  start = now();
  char *page = last_page();
  CHECK(read(file, page + 96, 6001) == -1 && uptime() == start + 1 && read(file, bytes, 4) == 4);
  CHECK(write(file, page + PGSIZE - 4, 8) == -1 && close(file) == 0 && unlink("/d/f") == 0);
}

// Pipes, directories, /proc and /cgroup are no file data, and a process outside does not wait.
static void others(void) {
  in_group("wbps=1 rbps=1");
  int ends[2], start = now(), file = open("/d/g", O_CREATE | O_RDWR);
  CHECK(pipe(ends) == 0 && write(ends[1], bytes, 300) == 300 && read(ends[0], bytes, 300) == 300);
  CHECK(lists("/", "d") && lists("/cgroup", "t") && take("/proc/self/status") > 50);
  CHECK(puts_all("/cgroup/t/in/io.max", "wbps=1000") && write(file, "x", 1) == 1 && uptime() == start);
  CHECK(write(file, "y", 1) == 1 && uptime() == start + 1);
  CHECK(puts_all("/cgroup/cgroup.procs", "0"));
  start = now();
  CHECK(write(file, bytes, 20000) == 20000 && close(file) == 0 && begins_with("/d/g", "xy") && uptime() == start);
  CHECK(unlink("/d/g") == 0 && puts_all("/cgroup/t/in/io.max", "max"));
}

// Two share what there is, and neither goes without.
static void together(void) {
  in_group("wbps=600");
  int children[2], status, start = now();
  for (int index = 0; index < 2; index++)
    if ((children[index] = fork()) == 0) {
      char name[] = "/d/0";
      name[3] = (char)('0' + index);
      int file = open(name, O_CREATE | O_RDWR);
      CHECK(write(file, bytes, 3000) == 3000);
      exit(uptime() - start);
    }
  for (int index = 0; index < 2; index++) {
    int child = wait(&status);
    CHECK((child == children[0] || child == children[1]) && status >= 7 && status <= 9);
  }
  CHECK(uptime() >= start + 9 && uptime() <= start + 10 && unlink("/d/0") == 0 && unlink("/d/1") == 0);
}

// A child that writes so much, in the inner group.
static int writer(const char *name, int count) {
  int child = fork();
  if (child == 0) {
    CHECK(puts_all("/cgroup/t/in/cgroup.procs", "0"));
    int file = open(name, O_CREATE | O_RDWR | O_TRUNC);
    exit(write(file, bytes, count) == count ? 0 : 1);
  }
  return child;
}

static void waiting(void) {
  int status, child;
  CHECK(puts_all("/cgroup/t/io.max", "wbps=10"));
  // A kill ends the wait.
  child = writer("/d/w", 5000);
  int start = now();
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1 && uptime() <= start + 1);
  // Frozen, it waits on; thawed, it goes on with the limit there is then.
  child = writer("/d/w", 100);
  sleep(3);
  CHECK(puts_all("/cgroup/t/cgroup.freeze", "1"));
  sleep(3);
  int size = (int)facts("/d/w").size;
  CHECK(size > 10 && size < 60 && sleep(3) == 0 && (int)facts("/d/w").size == size);
  CHECK(puts_all("/cgroup/t/cgroup.freeze", "0"));
  start = now();
  CHECK(wait(&status) == child && status == 0 && uptime() - start >= (100 - size) / 10 - 2);
  CHECK(uptime() - start <= (100 - size) / 10 + 1);
  // Frozen and killed.
  child = writer("/d/w", 5000);
  sleep(2);
  CHECK(puts_all("/cgroup/t/cgroup.freeze", "1") && sleep(2) == 0 && kill(child) == 0);
  CHECK(wait(&status) == child && status == -1 && puts_all("/cgroup/t/cgroup.freeze", "0"));
  // Moved out, it need not wait any longer than this tick; nor where the limit is taken away.
  child = writer("/d/w", 5000);
  sleep(2);
  start = now();
  CHECK(move_to("/cgroup/cgroup.procs", child) && wait(&status) == child && status == 0 && uptime() <= start + 2);
  CHECK(facts("/d/w").size == 5000);
  child = writer("/d/w", 5000);
  sleep(2);
  start = now();
  CHECK(puts_all("/cgroup/t/io.max", "max") && wait(&status) == child && status == 0 && uptime() <= start + 2);
  // A disk that is full for the group refuses after a wait as it does before it.
  CHECK(unlink("/d/w") == 0);
  CHECK(puts_all("/cgroup/t/io.max", "wbps=1500") && puts_all("/cgroup/t/disk.max", "2048"));
  child = writer("/d/v", 5000);
  CHECK(wait(&status) == child && status == 1 && facts("/d/v").size == 2048);
  CHECK(puts_all("/cgroup/t/disk.max", "max") && unlink("/d/v") == 0);
}

// The one who waits longest gets what the next tick has, however busy another is that never waits.
static void in_line(void) {
  CHECK(puts_all("/cgroup/t/io.max", "wbps=100"));
  int child = writer("/d/w", 500), status;
  if (child && fork() == 0) {
    CHECK(puts_all("/cgroup/t/in/cgroup.procs", "0"));
    int file = open("/d/x", O_CREATE | O_RDWR);
    for (;;) {
      CHECK(write(file, bytes, 100) == 100);
      for (int tick = uptime(); uptime() == tick;)
        ;
      if (facts("/d/x").size > 3000)
        exit(1);
    }
  }
  int start = uptime();
  CHECK(wait(&status) == child && status == 0 && uptime() - start <= 20);
  CHECK(puts_all("/cgroup/t/cgroup.kill", "1") && wait(&status) > 0);
  CHECK(unlink("/d/w") == 0 && unlink("/d/x") == 0);
}

// A container reads its limit, does not change it, and limits what is below.
static void in_its_own(void) {
  CHECK(cm_create_and_enter() == 0);
  CHECK(holds("/cgroup/io.max", "wbps=max rbps=max\n") && put("/cgroup/io.max", "wbps=1") == -1);
  CHECK(mkdir("/cgroup/b") == 0 && puts_all("/cgroup/b/io.max", "wbps=10") && puts_all("/cgroup/b/cgroup.procs", "0"));
  int file = open("/d/f", O_CREATE | O_RDWR), start = now();
  CHECK(write(file, bytes, 40) == 40 && uptime() == start + 3 && close(file) == 0 && unlink("/d/f") == 0);
  // One that waits ends with its container.
  if (fork() == 0) {
    file = open("/d/f", O_CREATE | O_RDWR);
    exit(unlink("/d/f") == 0 && write(file, bytes, 10000) > 0);
  }
  sleep(2);
}

int main(void) {
  CHECK(mkdir("/cgroup/t") == 0 && mkdir("/cgroup/t/in") == 0 && mkdir("/d") == 0);
  values();
  CHECK(status_of(alone) == 0);
  CHECK(status_of(others) == 0);
  CHECK(status_of(together) == 0);
  CHECK(status_of(waiting) == 0);
  CHECK(status_of(in_line) == 0);
  CHECK(status_of(in_its_own) == 0);
  CHECK(unlink("/cgroup/t/in") == 0 && unlink("/cgroup/t") == 0);
  return 0;
}
