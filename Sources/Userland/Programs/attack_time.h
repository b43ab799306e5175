// The families of attack_limits that are about time: to run for longer than a quota lets the container's group.
#pragma once

// What the container has used of the harts.
static long used(void) {
  char bytes[128];
  int file = open("/cgroup/cpu.stat", O_RDONLY), count = read(file, bytes, sizeof bytes);
  close(file);
  long number = 0;
  for (int at = (int)strlen("usage "); at < count && bytes[at] != '\n'; at++)
    number = number * 10 + bytes[at] - '0';
  return number;
}

static void burn(int loops) {
  while (loops-- > 0)
    __asm__ volatile("");
}

static void by_running(int turn) { burn(2000 + turn); }
static void by_calling(int turn) {
  for (int call = 0; call < 40 + turn % 2; call++)
    getpid();
}
static void by_forking(int turn) {
  if (fork() == 0) {
    burn(turn % 500);
    exit(0);
  }
  wait(0);
}
static void by_sleeping(int turn) {
  burn(turn % 7 * 2000);
  sleep(1);
}
static void by_moving(int turn) {
  static const char *const places[] = {"/cgroup/a/cgroup.procs", "/cgroup/b/cgroup.procs", "/cgroup/cgroup.procs"};
  put(places[turn % 3], "0", O_WRONLY);
  burn(300);
}
static void by_writing(int turn) {
  attack_try(put("/cgroup/cpu.max", turn % 2 ? "max" : "90000 90000", O_WRONLY) > 0, "another quota");
  put("/cgroup/a/cpu.max", turn % 2 ? "max 1000" : "90000 1000", O_WRONLY);
  put("/cgroup/a/cgroup.procs", "0", O_WRONLY);
  burn(500);
}

// Three at a time for twenty ticks, which is ten quotas, and what is left of the periods before and after.
static void take_time(const char *way, void (*body)(int)) {
  long before = used();
  int began = uptime(), child = -1;
  for (int index = 0; index < 2 && child != 0; index++)
    child = fork();
  for (int turn = 0; uptime() < began + 20; turn++)
    body(turn);
  if (child == 0)
    exit(0);
  while (wait(0) > 0)
    ;
  attack_try_text(used() - before > ((uptime() - began) / 2 + 2) * QUOTA, "more time by ", way);
}

static void by_time(void) {
  mkdir("/cgroup/a");
  mkdir("/cgroup/b");
  take_time("running", by_running);
  take_time("calls", by_calling);
  take_time("forks", by_forking);
  take_time("sleep", by_sleeping);
  take_time("groups below", by_moving);
  take_time("other quotas", by_writing);
}
