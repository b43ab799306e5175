// memory.max: a page counts in the group in which it was first used, and in all above it, until nobody has it; what
// needs one beyond a limit fails as a whole, and nobody else notices.
#include "groups.h"

static const char bad[][24] = {"",       "-1",    "max max", "1 2",  "1k",   " 1", "1 ", "0x10",
                               "4096\n\n", "max\n\n", "MAX",     "4096.0", "+1",   "99999999999999999999"};

// The number in a file of a group: of memory.events the one behind its word.
static int number_in(const char *group, const char *name) {
  char path[64];
  int number = 0;
  strcpy(path, group);
  strcpy(path + strlen(path), name);
  CHECK(take(path) > 0);
  for (const char *at = text; *at; at++)
    if (*at >= '0' && *at <= '9')
      number = number * 10 + *at - '0';
  return number;
}

static int current(const char *group) { return number_in(group, "/memory.current"); }
static int refusals(const char *group) { return number_in(group, "/memory.events"); }

static void limit(const char *path, int bytes) { CHECK(puts_all(path, line_of(bytes))); }

static int grows(int pages) { return sbrk(pages * PGSIZE) != (char *)-1; }

static void values(void) {
  CHECK(open("/cgroup/memory.max", O_RDONLY) == -1 && open("/cgroup/memory.current", O_RDONLY) == -1);
  CHECK(take("/cgroup/cgroup.controllers") > 0 && has("memory"));
  CHECK(mkdir("/cgroup/v") == 0 && lists("/cgroup/v", "memory.current") && lists("/cgroup/v", "memory.events"));
  CHECK(holds("/cgroup/v/memory.max", "max\n") && holds("/cgroup/v/memory.current", "0\n"));
  CHECK(holds("/cgroup/v/memory.peak", "0\n") && holds("/cgroup/v/memory.events", "max 0\n"));
  CHECK(puts_all("/cgroup/v/memory.max", "81920") && holds("/cgroup/v/memory.max", "81920\n"));
  for (unsigned at = 1; at < sizeof bad / sizeof *bad; at++)
    CHECK(put("/cgroup/v/memory.max", bad[at]) == -1 && holds("/cgroup/v/memory.max", "81920\n"));
  CHECK(put("/cgroup/v/memory.max", "") == 0 && holds("/cgroup/v/memory.max", "81920\n"));
  CHECK(puts_all("/cgroup/v/memory.max", "0\n") && holds("/cgroup/v/memory.max", "0\n"));
  CHECK(puts_all("/cgroup/v/memory.max", "max\n") && holds("/cgroup/v/memory.max", "max\n"));
  CHECK(put("/cgroup/v/memory.current", "0") == -1 && put("/cgroup/v/memory.peak", "0") == -1);
  CHECK(put("/cgroup/v/memory.events", "0") == -1 && unlink("/cgroup/v") == 0);
}

// Moves the process into a group, and brings all of its pages that it is going to write to: how much that is.
static int enter(const char *procs, const char *group) {
  CHECK(puts_all(procs, "0"));
  line_of(current(group));
  refusals(group);
  return current(group);
}

static void growth(void) {
  int base = enter("/cgroup/t/in/cgroup.procs", "/cgroup/t");
  limit("/cgroup/t/memory.max", base + 8 * PGSIZE + 17);
  for (int page = 0; page < 8; page++)
    CHECK(current("/cgroup/t/in") == base + page * PGSIZE && grows(1));
  CHECK(!grows(1) && !grows(1) && current("/cgroup/t/in") == base + 8 * PGSIZE);
  // The limit that refused is the outer one's.
  CHECK(refusals("/cgroup/t") == 2 && refusals("/cgroup/t/in") == 0);
  CHECK(number_in("/cgroup/t", "/memory.peak") == base + 8 * PGSIZE);
  // All of it or nothing, and what is given back can be had again.
  CHECK(grows(-2) && !grows(3) && current("/cgroup/t") == base + 6 * PGSIZE && grows(2) && grows(-1));
  // Shared pages count as well.
  CHECK(shm_get("a") && current("/cgroup/t") == base + 8 * PGSIZE && shm_get("b") == 0 && !grows(1));
  CHECK(shm_rem("a") == 0 && current("/cgroup/t") == base + 7 * PGSIZE && shm_get("b") && shm_rem("b") == 0);
  CHECK(number_in("/cgroup/t", "/memory.peak") == base + 8 * PGSIZE);
  // Less than there is: nothing is taken, and nothing more given.
  limit("/cgroup/t/memory.max", PGSIZE);
  CHECK(!grows(1) && current("/cgroup/t") == base + 7 * PGSIZE && grows(-1) && !grows(1));
  CHECK(current("/cgroup/t") == base + 6 * PGSIZE);
}

static void forks(void) {
  int base = enter("/cgroup/t/in/cgroup.procs", "/cgroup/t"), ends[2], status;
  CHECK(pipe(ends) == 0 && grows(4));
  int before = current("/cgroup/t"), child = fork();
  CHECK(before == base + 4 * PGSIZE);
  if (child == 0) {
    close(ends[1]);
    read(ends[0], &status, 1);
    // A frame was set aside for it, so that this cannot fail.
    *(volatile char *)(sbrk(0) - PGSIZE) = 1;
    exit(0);
  }
  // What the kernel keeps of a process, its stack, and each page that may be copied.
  int need = current("/cgroup/t") - before;
  CHECK(need >= 10 * PGSIZE && need < 40 * PGSIZE);
  CHECK(close(ends[1]) == 0 && wait(&status) == child && status == 0 && current("/cgroup/t") == before);
  limit("/cgroup/t/memory.max", before + need - 1);
  for (int round = 0; round < 3; round++)
    CHECK(fork() == -1 && current("/cgroup/t") == before);
  limit("/cgroup/t/memory.max", before + need);
  child = fork();
  if (child == 0) {
    // With no more room than that both write to all they share.
    for (char *page = sbrk(0) - 4 * PGSIZE; page < sbrk(0); page += PGSIZE)
      *(volatile char *)page = 2;
    exit(fork() == -1 ? 3 : 4);
  }
  for (char *page = sbrk(0) - 4 * PGSIZE; page < sbrk(0); page += PGSIZE)
    *(volatile char *)page = 1;
  CHECK(child > 0 && wait(&status) == child && status == 3 && current("/cgroup/t") == before);
}

// A page that comes when it is touched, by the process or by a call for it.
static void touches(void) {
  int base = enter("/cgroup/t/in/cgroup.procs", "/cgroup/t");
  limit("/cgroup/t/in/memory.max", base + 2 * PGSIZE);
  volatile char *heap = (char *)sbrklazy(4 * PGSIZE);
  CHECK(heap != (char *)-1 && current("/cgroup/t") == base);
  heap[0] = heap[PGSIZE] = 1;
  int file = open("/README", O_RDONLY);
  CHECK(file >= 0 && current("/cgroup/t") == base + 2 * PGSIZE);
  CHECK(read(file, (char *)heap + 2 * PGSIZE, 4) == -1 && read(file, (char *)heap, 4) == 4);
  CHECK(refusals("/cgroup/t/in") == 1);
  heap[3 * PGSIZE] = 1;
  exit(0);
}

static void execs(void) {
  char *arguments[] = {"true", 0};
  int base = enter("/cgroup/t/in/cgroup.procs", "/cgroup/t");
  limit("/cgroup/t/in/memory.max", base + PGSIZE);
  for (int round = 0; round < 3; round++)
    CHECK(exec("/true", arguments) == -1 && current("/cgroup/t") == base);
  CHECK(refusals("/cgroup/t/in") == 3 && puts_all("/cgroup/t/in/memory.max", "max\n"));
  exec("/true", arguments);
}

// A page that is shared by fork counts where it was first used; a copy of it, where that is used.
static void shared_by_fork(void) {
  int status, go[2], done[2];
  CHECK(pipe(go) == 0 && pipe(done) == 0);
  int base = enter("/cgroup/t/in/cgroup.procs", "/cgroup/t/in");
  CHECK(grows(16));
  volatile char *heap = sbrk(0) - 16 * PGSIZE;
  int child = fork();
  if (child == 0) {
    int own = enter("/cgroup/t/b/cgroup.procs", "/cgroup/t/b");
    for (int page = 0; page < 16; page++)
      CHECK(heap[page * PGSIZE] == 0);
    CHECK(current("/cgroup/t/b") == own && own < 8 * PGSIZE);
    int before = current("/cgroup/t/in"), both = current("/cgroup/t");
    for (int page = 0; page < 4; page++)
      heap[page * PGSIZE] = 1;
    CHECK(current("/cgroup/t/b") == own + 4 * PGSIZE);
    CHECK(current("/cgroup/t/in") == before - 4 * PGSIZE && current("/cgroup/t") == both);
    // Where there is no room, a call to read into such a page fails, and a store ends the process.
    limit("/cgroup/t/b/memory.max", own + 4 * PGSIZE);
    int file = open("/README", O_RDONLY);
    CHECK(file >= 0 && read(file, (char *)heap + 4 * PGSIZE, 4) == -1 && close(file) == 0);
    CHECK(heap[4 * PGSIZE] == 0 && refusals("/cgroup/t/b") == 1);
    CHECK(write(done[1], "", 1) == 1 && read(go[0], &status, 1) == 1);
    // The one that was here first has gone, and its pages are still where they were.
    CHECK(current("/cgroup/t/in") >= base + 12 * PGSIZE - 8 * PGSIZE);
    for (int page = 4; page < 16; page++)
      heap[page * PGSIZE] = 1;
    CHECK(current("/cgroup/t/b") == own + 4 * PGSIZE);
    exit(7);
  }
  CHECK(read(done[0], &status, 1) == 1);
  if (fork() == 0) {
    // Its own copies are set aside where it was forked, and it writes there.
    for (int page = 0; page < 16; page++)
      heap[page * PGSIZE] = 2;
    exit(0);
  }
  CHECK(wait(&status) > 0 && status == 0);
  // Let go of all of it, and let the child write to what it has alone now.
  CHECK(grows(-16) && write(go[1], "", 1) == 1);
  CHECK(wait(&status) == child && status == 7);
  CHECK(current("/cgroup/t/b") == 0);
}

// What outlives its group counts on in those above.
static void outlived(void) {
  CHECK(mkdir("/cgroup/t/gone") == 0);
  int base = enter("/cgroup/t/gone/cgroup.procs", "/cgroup/t/gone");
  CHECK(grows(3) && shm_get("gone") && current("/cgroup/t") == base + 4 * PGSIZE);
  CHECK(puts_all("/cgroup/cgroup.procs", "0") && unlink("/cgroup/t/gone") == 0);
  CHECK(current("/cgroup/t") == base + 4 * PGSIZE && mkdir("/cgroup/t/gone") == 0);
  CHECK(current("/cgroup/t/gone") == 0 && shm_rem("gone") == 0 && grows(-3));
  CHECK(current("/cgroup/t") == base && unlink("/cgroup/t/gone") == 0);
}

// A container reads its limit, cannot change it, and takes it for the machine's memory.
static void in_a_container(void) {
  int entered[2], go[2], cid = 0;
  CHECK(pipe(entered) == 0 && pipe(go) == 0);
  if (fork() == 0) {
    CHECK(read(entered[0], &cid, sizeof cid) == sizeof cid);
    CHECK(puts_all(of_container(cid, "memory.max"), "409600") && write(go[1], "", 1) == 1);
    exit(0);
  }
  CHECK(cm_create_and_enter() == 0 && (cid = getcid()) > 0);
  CHECK(write(entered[1], &cid, sizeof cid) == sizeof cid && read(go[0], &cid, 1) == 1);
  CHECK(holds("/cgroup/memory.max", "409600\n") && open("/cgroup/memory.max", O_WRONLY) == -1);
  CHECK(take("/proc/meminfo") > 0 && has("MemTotal:            400 kB\n"));
  CHECK(take("/proc/self/limits") > 0 && has("Max resident set          409600 "));
  while (grows(1))
    ;
  CHECK(current("/cgroup") <= 409600 && current("/cgroup") > 409600 - PGSIZE);
  CHECK(take("/proc/meminfo") > 0 && has("MemFree:               0 kB\n") && has("MemAvailable:          0 kB\n"));
  CHECK(fork() == -1 && shm_get("x") == 0 && grows(-64));
  CHECK(mkdir("/cgroup/b") == 0 && puts_all("/cgroup/b/memory.max", "8192") && puts_all("/cgroup/b/cgroup.procs", "0"));
  CHECK(take("/proc/self/limits") > 0 && has("Max resident set          8192 "));
  CHECK(!grows(3) && fork() == -1 && grows(1) && refusals("/cgroup/b") == 2);
}

int main(void) {
  int base = (int)(uintptr_t)sbrk(0);
  values();
  CHECK(mkdir("/cgroup/t") == 0 && mkdir("/cgroup/t/in") == 0 && mkdir("/cgroup/t/b") == 0);
  CHECK(status_of(growth) == 0);
  CHECK(current("/cgroup/t") == 0 && puts_all("/cgroup/t/memory.max", "max"));
  CHECK(status_of(forks) == 0);
  CHECK(current("/cgroup/t") == 0 && puts_all("/cgroup/t/memory.max", "max"));
  CHECK(status_of(touches) == -1 && refusals("/cgroup/t/in") == 2);
  CHECK(current("/cgroup/t") == 0 && unlink("/cgroup/t/in") == 0 && mkdir("/cgroup/t/in") == 0);
  CHECK(status_of(execs) == 0 && current("/cgroup/t") == 0 && current("/cgroup/t/in") == 0);
  CHECK(status_of(shared_by_fork) == 0 && current("/cgroup/t") == 0);
  CHECK(status_of(outlived) == 0 && current("/cgroup/t") == 0);
  // Nobody else has noticed.
  CHECK(grows(2000) && grows(-2000) && (int)(uintptr_t)sbrk(0) == base);
  CHECK(unlink("/cgroup/t/in") == 0 && unlink("/cgroup/t/b") == 0 && unlink("/cgroup/t") == 0);
  CHECK(status_of(in_a_container) == 0);
  return 0;
}
