// Random calls with hostile arguments from many processes, in and out of containers: `fuzz SEED
// CALLS`. What they come to does not matter; the invariants watch. Ends with 0 whatever happened.
#include "guest.h"

enum { WORKERS = 5, CALLS = 400, LAST_CALL = 54, GROUPS = 8, SOCKETS = 16, TICKS = 120 };

static uint64_t state;
static char buffer[3 * PGSIZE];
static char *shared;

static uint64_t next(void) {
  state += 0x9e3779b97f4a7c15;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

static unsigned below(unsigned bound) { return (unsigned)(next() >> 33) % bound; }

static long call6(long number, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth, uint64_t sixth) {
  register uint64_t a0 __asm__("a0") = first;
  register uint64_t a1 __asm__("a1") = second;
  register uint64_t a2 __asm__("a2") = third;
  register uint64_t a3 __asm__("a3") = fourth;
  register uint64_t a4 __asm__("a4") = fifth;
  register uint64_t a5 __asm__("a5") = sixth;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return (long)a0;
}

static long call(long number, uint64_t first, uint64_t second, uint64_t third) {
  return call6(number, first, second, third, 0, 0, 0);
}

static uint64_t text(void) {
  static const char *const texts[] = {
      "/",      "..",       "/..",    "./..",      "../..",       "in/../..",  "/in/../../..",
      "//..//", "/c1",      "/c2",    "/c1/in",    "in",          "/in",       ".",
      "",       "file",     "/file",  "/c1/file",  "/c2/file",    "/secret",   "../secret",
      "/dev",   "/c1/dev",  "dev",    "/console",  "/fuzz",       "new",       "new/a",
      "new/a/b", "a-name-of-more-than-fourteen-bytes", "/c1/in/../in/./../../c2", "x", "y", "/x",
      "/u",     "/u/in",    "/u/file", "/u/in/..",  "/low/in",    "/up/in",    "/proc", "u/file",
      "/cgroup", "/cgroup/a", "/cgroup/a/cgroup.procs", "/cgroup/b/..", "/c1/cgroup",
  };
  return (uint64_t)texts[below(sizeof texts / sizeof texts[0])];
}

static uint64_t address(void) {
  char *top = sbrk(0);
  switch (below(12)) {
  case 0: return 0;
  case 1: return 16;
  case 2: return 0x3ffffff000;
  case 3: return ~(uint64_t)0 - below(16);
  case 4: return (uint64_t)top - below(16);
  case 5: return (uint64_t)top;
  case 6: return (uint64_t)shared;
  case 7: return next();
  case 8: return text();
  default: return (uint64_t)buffer + below(2 * PGSIZE);
  }
}

static uint64_t number(void) {
  static const int numbers[] = {-1, 0, 1, 2, 3, 4, 7, 15, 16, 64, 0x200, 0x601, 4096, -4096, 0x7fffffff};
  return below(3) ? below(12) : (uint64_t)(int64_t)numbers[below(15)];
}

static void mount_something(void) {
  static const char *const types[] = {"bind", "bind", "overlay", "overlay", "proc", "none", "cgroup2"};
  static const char *const unions[] = {
      "lowerdir=/low:/c2,upperdir=/up", "lowerdir=/c1:/low,upperdir=/up", "lowerdir=/c2:/low",
      "lowerdir=/c1,upperdir=/c2",      "lowerdir=/low,upperdir=/c1/in",  "lowerdir=/u",
      "lowerdir=/low:/low",             "upperdir=/up",                   "lowerdir=",
  };
  static const char *const points[] = {"/u", "/u", "/c1/in", "/c2", "/", "/u/in", "/up/in", "/c1/cgroup"};
  const char *type = types[below(7)];
  const char *options = type[0] == 'o' ? unions[below(9)] : below(8) ? 0 : "x";
  int flags = below(4) ? 0 : below(3) ? MS_RDONLY : below(2) ? MS_REMOUNT : (int)next();
  mount((char *)text(), below(4) ? points[below(8)] : (char *)text(), type, flags, options);
}

static const char *group(void) {
  static const char *const groups[] = {
      "/cgroup/a",   "/cgroup/a", "/cgroup/b",    "/cgroup/a/x",  "/cgroup/a/x/y", "/cgroup",
      "/cgroup/c1",  "cgroup/c2", "/cgroup/c1/k", "/cgroup/c2/k", "/cgroup/a/../b", "/cgroup/none",
      "/c1/cgroup/k", "/u/cgroup",
  };
  return groups[below(sizeof groups / sizeof groups[0])];
}

// The path of a file of a group, in a buffer of its own.
static const char *control(void) {
  static const char *const files[] = {
      "cgroup.procs",  "cgroup.procs",  "cgroup.procs", "cgroup.freeze", "cgroup.freeze", "cgroup.kill",
      "cgroup.events", "cgroup.stat",   "cgroup.controllers", "pids.max", "pids.current", "pids.peak",
      "pids.events",   "misc.max",      "misc.max",     "misc.current",  "misc.events",   "cpu.weight",
      "cpu.max",       "cpu.stat",      "memory.max",   "memory.current", "memory.peak",  "memory.events",
      "io.max",        "disk.max",      "disk.current", "inodes.max",    "inodes.current", "net.max",       "net.address",
      "net.name",
      "none",          "a-name-that-is-too-long",
  };
  static char path[80];
  strcpy(path, group());
  strcpy(path + strlen(path), "/");
  strcpy(path + strlen(path), files[below(sizeof files / sizeof files[0])]);
  return path;
}

static const char *value(void) {
  static const char *const values[] = {
      "max",       "0",         "1",         "1\n",         "2",          "5",          "100",
      "10000",     "10001",     "-1",        "",            "x",          "\n",         "1 2",
      "4096",      "40960",     "1000000",   "4095",        "99999999999999999999",     "max max",
      "5000 1000", "1 1000",    "1000 1000000000", "max 1000000", "0 1000", "100000 200000", "9 999",
      "files 3",   "files max", "pipes 1\nmutexes 2", "files 0",  "sockets 1",  "files x", "shared_pages 1\n",
      "wbps=100",  "wbps=512 rbps=1000", "rbps=max wbps=max",   "wbps=x",     "wbps=0",     "0x10",
  };
  return values[below(sizeof values / sizeof values[0])];
}

// A pid in decimal digits. The machine's init and the fuzzer itself have to stay where they are.
static const char *pid_text(void) {
  static char digits[12];
  int pid = below(4) ? 3 + (int)below(60) : getcid() ? (int)below(8) : 0, at = 11;
  digits[at] = 0;
  do
    digits[--at] = (char)('0' + pid % 10);
  while (pid /= 10);
  return digits + at;
}

// Something that means something, in a group that is likely to be there.
static void limit_something(void) {
  static const char *const groups[] = {"/cgroup/a/", "/cgroup/a/x/", "/cgroup/b/", "/c1/cgroup/k/", "/cgroup/k/"};
  static const char *const limits[][2] = {
      {"pids.max", "5"},         {"pids.max", "max"},        {"misc.max", "files 3"},  {"misc.max", "pipes 1"},
      {"cpu.weight", "50"},      {"cpu.max", "2000 10000"},  {"cpu.max", "max"},       {"memory.max", "65536"},
      {"memory.max", "0"},       {"io.max", "wbps=256"},     {"io.max", "rbps=64"},    {"io.max", "max"},
      {"disk.max", "4096"},      {"inodes.max", "3"},        {"cgroup.freeze", "1"},   {"cgroup.freeze", "0"},
      {"cgroup.procs", 0},       {"cgroup.procs", 0},        {"cgroup.procs", 0},      {"cgroup.kill", "1"},
      {"net.max", "500"},        {"net.max", "3"},           {"net.max", "max"},       {"misc.max", "sockets 2"},
  };
  char path[40];
  const char *const *limit = limits[below(sizeof limits / sizeof limits[0])];
  strcpy(path, groups[below(sizeof groups / sizeof groups[0])]);
  if (below(4) == 0)
    mkdir(path);
  strcpy(path + strlen(path), limit[0]);
  int file = open(path, O_WRONLY);
  const char *text = limit[1] ? limit[1] : pid_text();
  write(file, text, (int)strlen(text));
  close(file);
}

static void group_something(void) {
  if (below(2)) {
    limit_something();
    return;
  }
  switch (below(8)) {
  case 0: case 1: mkdir(group()); return;
  case 2: unlink(below(6) ? group() : control()); return;
  case 3: if (below(4) == 0) chdir(group()); return;
  default: break;
  }
  const char *path = control();
  int moves = strcmp(path + strlen(path) - 5, "procs") == 0;
  int file = open(path, below(8) ? O_RDWR : (int)number());
  if (file < 0)
    file = open(path, O_RDONLY);
  const char *text = !moves ? value() : below(8) ? pid_text() : "x 1\n";
  if (below(4))
    write(file, text, (int)strlen(text));
  else
    call(below(2) ? 5 : 16, (uint64_t)file, address(), below(2) ? below(300) : number());
  if (below(3) == 0)
    read(file, buffer, (int)below(200));
  // Some stay open: of groups that are removed, too.
  if (below(16))
    close(file);
}

// Sockets that were made last, most of which are still there.
static int made[8];

static int note(int descriptor) {
  if (descriptor >= 0)
    made[below(8)] = descriptor;
  return descriptor;
}

static uint64_t descriptor(void) { return below(3) ? (uint64_t)made[below(8)] : below(8) ? below(16) : number(); }

// Where there may be a socket: the same few ports at the machine, at containers, on lo, and nowhere.
static struct sockaddr_in place(void) {
  static const uint32_t hosts[] = {INADDR_LOOPBACK, INADDR_LOOPBACK, INADDR_ANY, 0x0a000001, 0x0a000002,
                                   0x0a000003,      0x0a000004,      0x7f000005, 0x0a000000, 0x08080808};
  static const uint16_t ports[] = {80, 80, 81, 7, 49152, 49153, 65535, 0};
  struct sockaddr_in found;
  memset(&found, 0, sizeof found);
  found.sin_family = below(40) ? AF_INET : (uint16_t)next();
  found.sin_port = htons(below(40) ? ports[below(8)] : (uint16_t)next());
  found.sin_addr.s_addr = htonl(below(40) ? hosts[below(10)] : (uint32_t)next());
  return found;
}

static uint64_t flags(void) {
  return below(12) == 0 ? number() : below(4) ? MSG_DONTWAIT : below(2) ? MSG_DONTWAIT | MSG_PEEK : 0;
}

static uint64_t length(void) {
  static const unsigned lengths[] = {0, 1, 16, 1471, 1472, 1473, 4095, 4096, 4097};
  return below(8) == 0 ? number() : below(2) ? below(200) : lengths[below(9)];
}

// Two sockets that are connected with each other, if there is room.
static void socket_pair(void) {
  struct sockaddr_in here = place();
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listening = socket(AF_INET, SOCK_STREAM, 0), near = note(socket(AF_INET, SOCK_STREAM, 0));
  struct pollfd one = {listening, POLLIN, 0};
  if (near < 0)
    for (int count = 0; count < 4; count++)
      close(made[below(8)]);
  bind(listening, (struct sockaddr *)&here, sizeof here);
  listen(listening, (int)below(3));
  if (connect(near, (struct sockaddr *)&here, sizeof here) == 0 && poll(&one, 1, 0) == 1)
    note(accept(listening, 0, 0));
  if (below(4))
    close(listening);
  else
    note(listening);
}

static void poll_something(void) {
  static struct pollfd list[40];
  unsigned count = below(6) ? below(6) : below(40);
  for (unsigned at = 0; at < count; at++)
    list[at] = (struct pollfd){(int)descriptor(), (short)(below(4) ? POLLIN | POLLOUT : next()), (short)next()};
  call(53, below(12) ? (uint64_t)list : address(), below(12) ? count : number(), below(4) ? below(3) : number());
}

// Calls of the network, most of which find something to work on.
static void socket_call(unsigned which) {
  struct sockaddr_in there = place();
  uint32_t size = below(8) ? sizeof there : (uint32_t)number();
  uint64_t name = below(12) ? (uint64_t)&there : address(), room = below(12) ? (uint64_t)&size : address();
  uint64_t bytes = below(6) ? (uint64_t)buffer : address();
  switch (which) {
  case 43:
    note((int)call(43, below(12) ? AF_INET : number(), below(12) ? 2 - below(3) / 2 : number(), below(12) ? 0 : number()));
    return;
  case 44: case 47: call(which, descriptor(), name, size); return;
  case 45: call(45, descriptor(), below(4) ? below(4) : number(), 0); return;
  case 46: {
    int listening = (int)descriptor();
    struct pollfd one = {listening, POLLIN, 0};
    if (below(4) == 0 || poll(&one, 1, 0) == 1)
      note((int)call(46, (uint64_t)listening, below(2) ? name : 0, room));
    return;
  }
  case 48: call6(48, descriptor(), bytes, length(), flags(), below(2) ? name : 0, size); return;
  case 49: call6(49, descriptor(), bytes, length(), flags(), below(2) ? name : 0, room); return;
  case 50: call(50, descriptor(), below(8) ? below(3) : number(), 0); return;
  case 51: case 52: call(which, descriptor(), name, room); return;
  case 53: poll_something(); return;
  default: call(54, below(4) ? htonl(0x0a000000 + below(6)) : (uint64_t)next(), 0, 0);
  }
}

static void socket_something(void) {
  static const unsigned char calls[] = {43, 44, 45, 46, 46, 47, 47, 48, 48, 48, 49, 49, 49, 50, 53};
  if (made[below(8)] == 0 || below(8) == 0)
    socket_pair();
  else
    socket_call(calls[below(sizeof calls)]);
}

#ifdef THREADS
static void one_call(void);
static char stacks[THREADS][2048] __attribute__((aligned(16)));
static int threads[THREADS], words[4];

static int thread_work(void *argument) {
  for (unsigned long count = (unsigned long)argument; count > 0; count--)
    one_call();
  if (below(4) == 0)
    exit((int)below(9));
  return (int)below(9);
}

// Mostly threads on stacks of their own, and ints that somebody waits for; and now and then anything.
static void thread_something(void) {
  static unsigned last;
  uint64_t word = below(8) ? (uint64_t)&words[below(4)] : below(2) ? (uint64_t)shared : address();
  switch (below(8)) {
  case 0: case 1: {
    unsigned place = last++ % THREADS;
    threads[place] = clone(thread_work, (void *)(uint64_t)(1 + below(30)), stacks[place] + sizeof stacks[place]);
    return;
  }
  case 2: call(56, below(6) ? (uint64_t)threads[below(THREADS)] : number(), below(2) ? (uint64_t)buffer : address(), 0); return;
  case 3: call6(57, word, 0, (uint64_t)words[below(4)], below(3), 0, 0); return;
  case 4: words[below(4)]++; call6(57, word, 1, below(4) ? below(4) : number(), 0, 0, 0); return;
  case 5: call(36, (uint64_t)threads[below(THREADS)], below(16), 0); return;
  case 6: call(55, below(2) ? (uint64_t)thread_work : address(), number(), address()); return;
  default: call6(55 + below(4), address(), number(), number(), below(3), 0, 0);
  }
}
#endif

static void one_call(void) {
#ifdef THREADS
  if (below(6) == 0) {
    thread_something();
    return;
  }
#endif
  unsigned which = 1 + below(LAST_CALL + GROUPS + SOCKETS);
  if (which > LAST_CALL + GROUPS) {
    socket_something();
    return;
  }
  if (which > LAST_CALL + 1) {
    group_something();
    return;
  }
  // A number beyond those that there are.
  if (which > LAST_CALL)
    which += below(20);
  switch (which) {
  case 1:
    if (fork() == 0) {
      state ^= (uint64_t)getpid() << 32;
      if (below(3) == 0)
        exit((int)below(4));
    }
    return;
  case 2:
    if (below(40) == 0)
      exit((int)below(100));
    return;
  case 3:  // Waiting for children that wait for others can last; mostly there is something else to do.
    if (below(4) == 0)
      call(3, address(), 0, 0);
    return;
  case 7: {
    char *arguments[] = {"fuzz", "1", "again", 0};
    if (below(10) == 0)
      call(7, below(3) ? text() : address(), below(2) ? (uint64_t)arguments : address(), 0);
    return;
  }
  case 5: case 16: call(which, number(), address(), below(4) ? below(2000) : number()); return;
  case 6: {
    uint64_t target = below(4) ? 3 + below(60) : number();
    // The machine's init and the fuzzer itself would end it all.
    if (target > 2 || getcid() != 0)
      call(6, target, 0, 0);
    return;
  }
  case 13: call(13, below(3), 0, 0); return;
  case 12: call(12, below(3) ? (uint64_t)((int64_t)below(5 * PGSIZE) - 2 * PGSIZE) : number(), 0, 0); return;
  case 9: case 15: case 17: case 18: case 19: case 20: case 22:
    call(which, below(8) ? text() : address(), which == 19 ? text() : number(), number());
    return;
  case 41: mount_something(); return;
  case 42: call(42, below(8) ? text() : address(), 0, 0); return;
  case 43: case 44: case 45: case 46: case 47: case 48: case 49: case 50: case 51: case 52: case 53: case 54:
    socket_call(which);
    return;
  case 25: call(25, below(4) ? text() : address(), below(2) ? 4 : number(), 0); return;
  case 23: case 26: call(which, below(3) ? 3 + below(10) : number(), 0, 0); return;
  case 28: {
    long page = call(28, below(4) ? text() : address(), 0, 0);
    if (page > 0 && page < 1 << 30) {
      shared = (char *)page;
      shared[below(PGSIZE)]++;
    }
    return;
  }
  case 29: if (call(29, text(), 0, 0) == 0) shared = buffer; return;
  case 30: call(30, below(4) ? text() : address(), 0, 0); return;
  case 36: call(36, below(2) ? (uint64_t)getpid() : 1 + below(60), number(), 0); return;
  case 38: call(38, below(4) ? 1 + below(8) : number(), 0, 0); return;
  case 34: if (below(4)) return;
  default: call(which, below(4) ? number() : address(), below(2) ? address() : number(), number());
  }
}

static void work(int index, int calls) {
  shared = buffer;
  if (index % 2) {
    cm_create_and_enter();
    if (below(4))
      cm_network(htonl(0x0a000002 + below(3)));
    if (below(4))
      cm_setroot(below(2) ? "/c1" : "/c2", 3);
    if (below(4))
      cm_maxproc(1 + (int)below(8));
  }
  for (int count = 0; count < calls; count++)
    one_call();
  exit(0);
}

int main(int argc, char **argv) {
  int seed = argc > 1 ? atoi(argv[1]) : 1;
  state = (uint64_t)seed * 0x2545f4914f6cdd1d;
  if (argc > 2 && argv[2][0] == 'a') {
    state ^= (uint64_t)getpid() << 20;
    work(0, 40);
  }
  mkdir("/c1");
  mkdir("/c1/in");
  mkdir("/c2");
  mkdir("/c1/cgroup");
  mkdir("/c2/cgroup");
  mount("none", "/c1/cgroup", "cgroup2", 0, 0);
  mkdir("/cgroup/a");
  mkdir("/cgroup/a/x");
  mkdir("/u");
  mkdir("/up");
  mkdir("/low");
  mkdir("/low/in");
  close(open("/low/file", O_CREATE | O_RDWR));
  close(open("/low/in/x", O_CREATE | O_RDWR));
  link("/low/file", "/low/in/y");
  mknod("/c1/dev", CONSOLE, 0);
  mknod("/dev", 7, 0);
  close(open("/secret", O_CREATE | O_RDWR));
  close(open("/c1/file", O_CREATE | O_RDWR));
  link("/fuzz", "/c1/fuzz");
  // Whom the host reaches: all workers have it, and take connections from it, close it or leave it alone.
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(9080)};
  int listening = note(socket(AF_INET, SOCK_STREAM, 0));
  bind(listening, (struct sockaddr *)&here, sizeof here);
  listen(listening, 20);
  for (int index = 0; index < WORKERS; index++) {
    uint64_t own = next();
    if (fork() == 0) {
      state = own;
      work(index, CALLS);
    }
  }
  // Whoever waits for something that never comes is ended.
  sleep(TICKS);
  for (int round = 0; round < 3; round++) {
    for (int pid = 3; pid < 3000; pid++)
      if (pid != getpid())
        kill(pid);
    sleep(1);
  }
  while (wait(0) > 0)
    ;
  return 0;
}
