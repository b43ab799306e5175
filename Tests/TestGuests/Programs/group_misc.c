// misc.max: places in the machine's tables of files, pipes, mutexes and shared pages count in the group in which they
// were taken, and in all above it, until they are free again.
#include "groups.h"

static const char bad[][24] = {"files",     "files ",     "files  1", "files -1",  "file 1",     "pids 1",
                               "files 1 2", "1",          "max",      " files 1",  "files 1\n\n", "files 1\n\nx",
                               "files x",   "files 1\nfiles", "memory 1"};

static int max_is(const char *path, const char *files, const char *pipes, const char *mutexes,
                  const char *pages) {
  static char want[200];
  strcpy(want, "files ");
  strcpy(want + strlen(want), files);
  strcpy(want + strlen(want), "\npipes ");
  strcpy(want + strlen(want), pipes);
  strcpy(want + strlen(want), "\nmutexes ");
  strcpy(want + strlen(want), mutexes);
  strcpy(want + strlen(want), "\nshared_pages ");
  strcpy(want + strlen(want), pages);
  strcpy(want + strlen(want), "\nsockets ");
  strcpy(want + strlen(want), strcmp(files, "max") == 0 ? "max\n" : "0\n");
  return holds(path, want);
}

static void values(void) {
  CHECK(open("/cgroup/misc.max", O_RDONLY) == -1 && open("/cgroup/misc.current", O_RDONLY) == -1);
  CHECK(mkdir("/cgroup/t") == 0 && lists("/cgroup/t", "misc.max") && lists("/cgroup/t", "misc.events"));
  CHECK(take("/cgroup/cgroup.controllers") > 0 && has("misc"));
  CHECK(max_is("/cgroup/t/misc.max", "max", "max", "max", "max"));
  CHECK(max_is("/cgroup/t/misc.current", "0", "0", "0", "0"));
  CHECK(max_is("/cgroup/t/misc.events", "0", "0", "0", "0"));
  for (unsigned at = 0; at < sizeof bad / sizeof *bad; at++)
    CHECK(put("/cgroup/t/misc.max", bad[at]) == -1);
  CHECK(max_is("/cgroup/t/misc.max", "max", "max", "max", "max"));
  CHECK(puts_all("/cgroup/t/misc.max", "files 4\nmutexes 2\n") && puts_all("/cgroup/t/misc.max", "pipes 7"));
  CHECK(holds("/cgroup/t/misc.max", "files 4\npipes 7\nmutexes 2\nshared_pages max\nsockets max\n"));
  CHECK(puts_all("/cgroup/t/misc.max", "files max\nmutexes max\npipes max\nsockets 3\nsockets max"));
  CHECK(max_is("/cgroup/t/misc.max", "max", "max", "max", "max"));
  CHECK(put("/cgroup/t/misc.current", "files 1") == -1 && put("/cgroup/t/misc.events", "files 1") == -1);
  CHECK(unlink("/cgroup/t") == 0);
}

static int counts(const char *group, int files, int pipes, int mutexes, int pages) {
  char path[64];
  char a[2] = {(char)('0' + files), 0}, b[2] = {(char)('0' + pipes), 0}, c[2] = {(char)('0' + mutexes), 0},
       d[2] = {(char)('0' + pages), 0};
  strcpy(path, group);
  strcpy(path + strlen(path), "/misc.current");
  return max_is(path, a, b, c, d);
}

static int refusals(const char *group, int files, int pipes, int mutexes, int pages) {
  char path[64];
  char a[2] = {(char)('0' + files), 0}, b[2] = {(char)('0' + pipes), 0}, c[2] = {(char)('0' + mutexes), 0},
       d[2] = {(char)('0' + pages), 0};
  strcpy(path, group);
  strcpy(path + strlen(path), "/misc.events");
  return max_is(path, a, b, c, d);
}

// To look at a file of a group takes an open file, which counts where the reader is.
static void in_group(const char *limits) {
  CHECK(puts_all("/cgroup/t/misc.max", limits) && puts_all("/cgroup/t/in/cgroup.procs", "0"));
}

static void open_files(void) {
  int two[2];
  in_group("files 3");
  CHECK(counts("/cgroup/t", 1, 0, 0, 0));
  int a = open("/", O_RDONLY), b = open("/", O_RDONLY);
  CHECK(a >= 0 && b >= 0 && counts("/cgroup/t/in", 3, 0, 0, 0));
  int c = open("/", O_RDONLY);
  CHECK(c >= 0 && open("/", O_RDONLY) == -1 && pipe(two) == -1 && open("/new", O_CREATE | O_RDWR) == -1);
  // A second descriptor and an heir take none, and only the last one gives it back.
  int again = dup(c);
  CHECK(again >= 0 && close(c) == 0 && open("/", O_RDONLY) == -1);
  int child = fork(), status;
  if (child == 0) {
    CHECK(open("/", O_RDONLY) == -1 && close(again) == 0 && open("/", O_RDONLY) == -1);
    exit(0);
  }
  CHECK(wait(&status) == child && status == 0 && open("/", O_RDONLY) == -1);
  CHECK(close(again) == 0 && counts("/cgroup/t", 3, 0, 0, 0));
  // The limit that refused is the outer one's.
  CHECK(close(a) == 0 && refusals("/cgroup/t", 7, 0, 0, 0) && refusals("/cgroup/t/in", 0, 0, 0, 0));
  // Whoever is moved leaves behind what it has taken.
  CHECK(move_to("/cgroup/cgroup.procs", getpid()) && counts("/cgroup/t", 1, 0, 0, 0));
  CHECK(close(b) == 0 && counts("/cgroup/t", 0, 0, 0, 0));
}

static void pipes(void) {
  int one[2], two[2], three[2];
  in_group("files max\npipes 2");
  CHECK(pipe(one) == 0 && pipe(two) == 0 && pipe(three) == -1 && counts("/cgroup/t", 5, 2, 0, 0));
  CHECK(close(one[0]) == 0 && pipe(three) == -1 && close(one[1]) == 0);
  CHECK(pipe(three) == 0 && refusals("/cgroup/t", 7, 2, 0, 0));
  CHECK(close(two[0]) == 0 && close(two[1]) == 0 && close(three[0]) == 0 && close(three[1]) == 0);
  // Where there is no file for its second end, or no place for its descriptors, nothing of it counts.
  CHECK(puts_all("/cgroup/t/misc.max", "files 1") && pipe(one) == -1);
  CHECK(puts_all("/cgroup/t/misc.max", "files max") && pipe((int *)NOWHERE) == -1);
  CHECK(counts("/cgroup/t", 1, 0, 0, 0));
}

static void mutexes(void) {
  in_group("mutexes 2");
  int a = mutex_create("a"), b = mutex_create("b");
  CHECK(a >= 0 && b >= 0 && mutex_create("c") == -1 && mutex_create("a") == a);
  CHECK(counts("/cgroup/t", 1, 0, 2, 0) && mutex_delete(a) == 0 && counts("/cgroup/t", 1, 0, 1, 0));
  CHECK((a = mutex_create("c")) >= 0 && mutex_create("a") == -1);
  // Another process's handle keeps it where it was made.
  int child = fork();
  if (child == 0) {
    CHECK(move_to("/cgroup/cgroup.procs", getpid()) && mutex_create("a") >= 0 && mutex_create("c") == a);
    CHECK(mutex_delete(b) == 0 && mutex_delete(a) == 0);
    exit(0);
  }
  int status;
  CHECK(wait(&status) == child && status == 0 && counts("/cgroup/t", 1, 0, 2, 0));
}

static void pages(void) {
  in_group("shared_pages 2");
  CHECK(shm_get("a") && shm_get("b") && shm_get("c") == 0 && shm_get("a"));
  CHECK(counts("/cgroup/t", 1, 0, 0, 2) && shm_rem("a") == 0 && counts("/cgroup/t", 1, 0, 0, 1));
  CHECK(shm_get("c") && shm_get("a") == 0);
  // Less than there is: nothing is taken, and nothing more given.
  CHECK(puts_all("/cgroup/t/misc.max", "shared_pages 0") && counts("/cgroup/t", 1, 0, 0, 2));
  CHECK(shm_rem("c") == 0 && shm_get("c") == 0 && refusals("/cgroup/t", 8, 2, 2, 3));
}

// What outlives its group counts for nobody any more, and harms nobody.
static void outlived(void) {
  int file = -1;
  CHECK(mkdir("/cgroup/gone") == 0);
  CHECK(puts_all("/cgroup/gone/cgroup.procs", "0"));
  CHECK((file = open("/", O_RDONLY)) >= 0 && shm_get("gone") && mutex_create("gone") >= 0);
  CHECK(move_to("/cgroup/cgroup.procs", getpid()) && unlink("/cgroup/gone") == 0);
  CHECK(mkdir("/cgroup/gone") == 0 && counts("/cgroup/gone", 0, 0, 0, 0));
  CHECK(close(file) == 0 && shm_rem("gone") == 0);
  CHECK(unlink("/cgroup/gone") == 0);
}

// A container reads its limits, does not change them, and limits what is below.
static void in_its_own(void) {
  CHECK(puts_all("/cgroup/t/cgroup.procs", "0") && cm_create_and_enter() == 0);
  CHECK(open("/cgroup/misc.max", O_WRONLY) == -1 && put("/cgroup/misc.max", "files max") == -1);
  CHECK(counts("/cgroup", 1, 0, 0, 0) && mkdir("/cgroup/b") == 0);
  CHECK(puts_all("/cgroup/b/misc.max", "pipes 0\nmutexes 1") && puts_all("/cgroup/b/cgroup.procs", "0"));
  int ends[2];
  CHECK(pipe(ends) == -1 && mutex_create("x") >= 0 && mutex_create("y") == -1);
  CHECK(counts("/cgroup", 1, 0, 1, 0) && refusals("/cgroup/b", 0, 1, 1, 0) && refusals("/cgroup", 0, 0, 0, 0));
}

int main(void) {
  values();
  CHECK(mkdir("/cgroup/t") == 0 && mkdir("/cgroup/t/in") == 0);
  CHECK(status_of(open_files) == 0);
  CHECK(status_of(pipes) == 0);
  CHECK(status_of(mutexes) == 0);
  CHECK(status_of(pages) == 0);
  CHECK(counts("/cgroup/t", 0, 0, 0, 0) && counts("/cgroup/t/in", 0, 0, 0, 0));
  CHECK(unlink("/cgroup/t/in") == 0);
  CHECK(status_of(outlived) == 0);
  CHECK(status_of(in_its_own) == 0);
  CHECK(unlink("/cgroup/t") == 0);
  return 0;
}
