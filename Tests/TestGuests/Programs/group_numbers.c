// Limits of groups up to the largest number that there is, and values that are none: whatever is written, a group's
// files hold what was taken last, and its processes go on.
#include "groups.h"

#define MOST "9223372036854775807"

static const char *const files[] = {"pids.max", "memory.max", "disk.max", "inodes.max", "cpu.weight", "cgroup.freeze", "cgroup.kill",
                                    "cgroup.procs", "cpu.max", "io.max", "misc.max"};

// No value of any file: beyond the largest number, below zero, of other characters, or too long.
static const char *const bad[] = {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                                  "99999999999999999999999999999999", "-1", "-9223372036854775808", "+1", " 1", "1 ", "1\t",
                                  "0x10", "1e3", "1.0", "\n", "\n\n", "1\n1", "MAX", "max ", " max", "maxmax", "max\n\n",
                                  "wbps=9223372036854775808", "files 9223372036854775808", "files -1", "files", "files 1 ",
                                  "wbps=1 rbps=9223372036854775808", "1000 9223372036854775807", "9223372036854775808 1000"};

static char bytes[3000];

static const char *path_in(const char *group, const char *file) {
  static char path[64];
  strcpy(path, group);
  strcpy(path + strlen(path), file);
  return path;
}

static void refuses(void) {
  CHECK(mkdir("/cgroup/t") == 0);
  for (unsigned file = 0; file < sizeof files / sizeof *files; file++) {
    const char *path = path_in("/cgroup/t/", files[file]);
    int before = take(path);
    CHECK(before >= 0);
    static char kept[sizeof text];
    memcpy(kept, text, (size_t)before + 1);
    for (unsigned value = 0; value < sizeof bad / sizeof *bad; value++)
      CHECK(put(path, bad[value]) == -1);
    // A byte of zero, more than is looked at, and what cannot be read.
    int open_file = open(path, O_WRONLY);
    memset(bytes, '1', sizeof bytes);
    CHECK(write(open_file, "1\0001", 3) == -1 && write(open_file, "\0", 1) == -1 && write(open_file, "1", 0) == 0);
    CHECK(write(open_file, bytes, 256) == -1 && write(open_file, bytes, 257) == -1 && write(open_file, bytes, sizeof bytes) == -1);
    CHECK(write(open_file, bytes, -1) == -1 && write(open_file, NOWHERE, 1) == -1 && write(open_file, NOWHERE, 0x7fffffff) == -1);
    CHECK(close(open_file) == 0 && holds(path, kept));
  }
  CHECK(unlink("/cgroup/t") == 0);
}

// What a process does that takes something of everything there is to be limited.
static void use_everything(void) {
  int ends[2], status, child = fork();
  if (child == 0) {
    bytes[0]++;
    exit(0);
  }
  CHECK(child > 0 && wait(&status) == child && status == 0);
  CHECK(sbrk(3 * PGSIZE) != (char *)-1 && pipe(ends) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
  int mutex = mutex_create("numbers");
  CHECK(mutex >= 0 && mutex_delete(mutex) == 0 && shm_get("numbers") && shm_rem("numbers") == 0);
  int file = open("/numbers", O_CREATE | O_RDWR);
  CHECK(file >= 0 && write(file, bytes, sizeof bytes) == sizeof bytes && close(file) == 0);
  file = open("/numbers", O_RDONLY);
  CHECK(file >= 0 && read(file, bytes, sizeof bytes) == sizeof bytes && close(file) == 0);
  CHECK(unlink("/numbers") == 0);
  char *words[] = {"echo", 0};
  child = fork();
  if (child == 0) {
    close(1);
    exec("/echo", words);
    exit(1);
  }
  CHECK(child > 0 && wait(&status) == child && status == 0);
}

static void limit(const char *group, const char *most) {
  static char value[64];
  CHECK(puts_all(path_in(group, "pids.max"), most) && puts_all(path_in(group, "memory.max"), most));
  CHECK(puts_all(path_in(group, "disk.max"), most) && puts_all(path_in(group, "inodes.max"), most));
  strcpy(value, "wbps=");
  strcpy(value + 5, most);
  CHECK(puts_all(path_in(group, "io.max"), value));
  value[0] = 'r';
  CHECK(puts_all(path_in(group, "io.max"), value));
  static const char *const tables[] = {"files ", "pipes ", "mutexes ", "shared_pages ", "sockets "};
  for (unsigned table = 0; table < sizeof tables / sizeof *tables; table++) {
    strcpy(value, tables[table]);
    strcpy(value + strlen(value), most);
    CHECK(puts_all(path_in(group, "misc.max"), value));
  }
}

// Quotas that nobody uses, in the shortest and the longest periods; and from and to those that are used at once.
static void change_quotas(const char *group) {
  static const char *const quotas[] = {MOST " 1000", MOST " 1000000000", "1 1000000000", MOST, "1 1000",    MOST " 1000",
                                       "4611686018427387904 1000", "max 1000000000",      "2 1000", "max 1000", MOST " 1000000"};
  const char *path = path_in(group, "cpu.max");
  for (unsigned index = 0; index < sizeof quotas / sizeof *quotas; index++) {
    CHECK(puts_all(path, quotas[index]));
    sleep(1);
  }
}

static void in_there(void) {
  CHECK(puts_all("/cgroup/a/b/cgroup.procs", "0"));
  for (int round = 0; round < 4; round++) {
    use_everything();
    sleep(1);
  }
}

static void spins(void) {
  CHECK(puts_all("/cgroup/a/b/cgroup.procs", "0"));
  for (;;)
    getpid();
}

int main(void) {
  CHECK(status_of(refuses) == 0);
  CHECK(mkdir("/cgroup/a") == 0 && mkdir("/cgroup/a/b") == 0);
  limit("/cgroup/a/", MOST);
  limit("/cgroup/a/b/", MOST);
  CHECK(holds("/cgroup/a/memory.max", MOST "\n") && holds("/cgroup/a/io.max", "wbps=" MOST " rbps=" MOST "\n"));
  int runner = fork();
  if (runner == 0)
    spins();
  CHECK(puts_all("/cgroup/a/cpu.max", MOST " 1000"));
  change_quotas("/cgroup/a/b/");
  CHECK(status_of(in_there) == 0);
  change_quotas("/cgroup/a/");
  CHECK(status_of(in_there) == 0);
  limit("/cgroup/a/b/", "0000000000000000009");
  limit("/cgroup/a/b/", "max");
  CHECK(puts_all("/cgroup/a/cpu.weight", "10000") && puts_all("/cgroup/a/b/cpu.weight", "0001"));
  CHECK(holds("/cgroup/a/b/cpu.weight", "1\n"));
  CHECK(status_of(in_there) == 0);
  CHECK(puts_all("/cgroup/a/cgroup.kill", "1") && wait(0) == runner);
  CHECK(holds("/cgroup/a/memory.current", "0\n") && holds("/cgroup/a/pids.current", "0\n"));
  CHECK(unlink("/cgroup/a/b") == 0 && unlink("/cgroup/a") == 0);
  return 0;
}
