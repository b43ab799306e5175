// /proc: texts that are made when they are opened, in Linux's words and formats; of processes a reader sees
// those of its own container, by its own numbers. Nothing there can be written or made.
#include "mounts.h"
#include "texts.h"

static int begins(const char *what) { return memcmp(text, what, strlen(what)) == 0; }
static int number_after(const char *what) {
  const char *at = find(what);
  CHECK(at);
  for (at += strlen(what); *at == ' '; at++)
    ;
  return atoi(at);
}

static char path_text[32];
static const char *of(int pid, const char *name) {
  char digits[12];
  int count = 0, at = 6;
  memcpy(path_text, "/proc/", 6);
  do
    digits[count++] = (char)('0' + pid % 10);
  while (pid /= 10);
  while (count)
    path_text[at++] = digits[--count];
  if (*name)
    path_text[at++] = '/';
  strcpy(path_text + at, name);
  return path_text;
}

// Whether a directory has this entry.
static int lists(const char *path, const char *name) {
  struct dirent entry;
  int folder = open(path, O_RDONLY), found = 0;
  CHECK(folder >= 0);
  while (read(folder, &entry, sizeof entry) == sizeof entry) {
    char own[15] = "";
    memcpy(own, entry.name, 14);
    CHECK(entry.inum != 0);
    found += strcmp(own, name) == 0;
  }
  CHECK(close(folder) == 0 && found < 2);
  return found;
}
static int lists_process(int pid) { return lists("/proc", of(pid, "") + 6); }

static void machine(void) {
  const char *names[] = {"meminfo", "uptime", "mounts", "stat", "loadavg", "schedstat", "disk", "self"};
  for (int index = 0; index < 7; index++)
    CHECK(lists("/proc", names[index]));
  CHECK(lists("/proc", ".") && lists("/proc", ".."));
  CHECK(take("/proc/meminfo") > 0 && begins("MemTotal:         131072 kB\nMemFree:   "));
  CHECK(number_after("MemFree:") >= number_after("MemAvailable:"));
  CHECK(take("/proc/mounts") > 0);
  CHECK(begins("disk / disk rw 0 0\nproc /proc proc rw 0 0\n"));
  CHECK(take("/proc/loadavg") > 0 && begins("0.0") && text[4] == ' ' && find("/2 "));
  CHECK(atoi(find("/2 ") + 3) == getpid());
  CHECK(take("/proc/schedstat") > 0 && begins("version 15\ntimestamp ") && find("\ncpu0 "));
  CHECK(take("/proc/stat") > 0 && begins("cpu  ") && find("\ncpu0 ") && find("\nbtime 0\n"));
  CHECK(number_after("\nctxt ") > 0 && number_after("\nprocs_running ") == 1);
  CHECK(number_after("\nprocesses ") == getpid());
  int before = uptime();
  sleep(3);
  CHECK(take("/proc/uptime") > 0);
  int ticks = atoi(text), digits = ticks > 9 ? 2 : 1;
  CHECK(ticks >= before + 3 && ticks <= uptime());
  CHECK(text[digits] == '.' && text[digits + 3] == ' ');
  CHECK(atoi(text + digits + 4) >= 2);  // nobody ran meanwhile
}

// Who wants to run is in the averages, after five ticks and more.
static void load(void) {
  for (volatile int loop = 0; loop < 500000; loop++)
    ;
  CHECK(take("/proc/loadavg") > 0 && !begins("0.00 "));
}

static void own(void) {
  int me = getpid();
  CHECK(lists_process(1) && lists_process(me));
  CHECK(take("/proc/self/status") > 0);
  CHECK(begins("Name:\tcall_proc\nState:\tR (running)\nPid:\t"));
  CHECK(number_after("\nPid:\t") == me && number_after("\nPPid:\t") == 1);
  CHECK(number_after("\nNSpid:\t") == me && find("\nThreads:\t1\n"));
  CHECK(number_after("\nVmSize:\t") == (int)((uintptr_t)sbrk(0) + 4095) / 4096 * 4);
  CHECK(find(" kB\n") && find("\nCpus_allowed:\t") && find("\nCpus_allowed_list:\t0"));
  CHECK(same_file("/proc/self", of(me, "")) && same_file("/proc/self/stat", of(me, "stat")));
  CHECK(take("/proc/self/stat") > 0 && atoi(text) == me && find(" (call_proc) R 1 "));
  CHECK(take("/proc/self/cgroup") == 5 && begins("0::/\n"));
  CHECK(take("/proc/self/mounts") > 0 && begins("disk / disk rw 0 0\n"));
  CHECK(take("/proc/self/limits") > 0);
  CHECK(begins("Limit                     Soft Limit           Hard Limit           Units     \n"));
  CHECK(find("\nMax open files            16                   16                   files     \n"));
  CHECK(find("\nMax processes             64                   64                   processes \n"));
  const char *names[] = {"status", "cmdline", "stat", "limits", "mounts", "cgroup", "fd"};
  for (int index = 0; index < 7; index++)
    CHECK(lists("/proc/self", names[index]));
  // Descriptors.
  int ends[2];
  CHECK(pipe(ends) == 0 && ends[1] == 4);
  for (int descriptor = 0; descriptor < 5; descriptor++) {
    char name[2] = {(char)('0' + descriptor), 0};
    CHECK(lists("/proc/self/fd", name));
  }
  CHECK(!lists("/proc/self/fd", "6") && lists("/proc/self/fd", "5"));  // itself
  CHECK(take("/proc/self/fd/3") > 0 && begins("pipe:["));
  CHECK(take("/proc/self/fd/1") > 0 && begins("device:[1:0]\n"));
  CHECK(open("/proc/self/fd/7", O_RDONLY) == -1 && open("/proc/self/fd/16", O_RDONLY) == -1);
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
  // Places.
  CHECK(facts("/proc").dev != 1 && facts("/proc/meminfo").dev == facts("/proc").dev);
  CHECK(facts("/proc").type == T_DIR && facts("/proc/self").type == T_DIR);
  CHECK(facts("/proc/self/status").type == T_FILE);
  CHECK(facts("/proc/self/status").ino != facts("/proc/self/stat").ino);
  CHECK(chdir("/proc/self/fd") == 0 && same_file("..", "/proc/self") && same_file("../..", "/proc"));
  CHECK(same_file("../../..", "/") && same_file("../status", "/proc/self/status"));
  CHECK(chdir("/") == 0);
  const char *none[] = {"/proc/", "0", "-1", "01", "+1", "99999", "4294967297", "nobody", "1x"};
  for (int index = 1; index < 9; index++) {
    strcpy(path_text, "/proc/");
    strcpy(path_text + 6, none[index]);
    CHECK(open(path_text, O_RDONLY) == -1);
  }
  CHECK(open("/proc/meminfo/x", O_RDONLY) == -1 && open("/proc/self/none", O_RDONLY) == -1);
}

// Nothing of the disk is taken, whatever is looked up and open.
static void no_room_is_taken(void) {
  static char before[sizeof text];
  CHECK(take("/proc/disk") > 0 && strcpy(before, text));
  int files[] = {open("/proc", O_RDONLY), open("/proc/self/fd", O_RDONLY), open("/proc/1/stat", O_RDONLY)};
  CHECK(files[0] >= 0 && files[1] >= 0 && files[2] >= 0 && chdir("/proc/self/fd") == 0);
  CHECK(take("/proc/disk") > 0 && strcmp(before, text) == 0);
  CHECK(chdir("/") == 0);
  for (int index = 0; index < 3; index++)
    CHECK(close(files[index]) == 0);
}

static void nothing_is_written(void) {
  const char *paths[] = {"/proc/meminfo", "/proc/self/status", "/proc/self/fd/0"};
  for (int index = 0; index < 3; index++) {
    CHECK(open(paths[index], O_WRONLY) == -1 && open(paths[index], O_RDWR) == -1);
    CHECK(open(paths[index], O_TRUNC) == -1 && unlink(paths[index]) == -1);
    CHECK(link(paths[index], "/stolen") == -1);
  }
  CHECK(open("/proc/new", O_CREATE | O_RDWR) == -1 && mkdir("/proc/new") == -1);
  CHECK(open("/proc/self/new", O_CREATE) == -1 && mkdir("/proc/self/fd/9") == -1);
  CHECK(mknod("/proc/new", 1, 0) == -1 && link("/README", "/proc/new") == -1);
  CHECK(unlink("/proc/self") == -1 && unlink("/proc") == -1);
}

// A text is as it was when it was opened; an open file that is inherited has the same one.
static void made_when_opened(void) {
  int file = open("/proc/self/status", O_RDONLY);
  CHECK(file >= 0 && sbrk(10 * PGSIZE) != (char *)-1);
  CHECK(read(file, text, 5) == 5);
  int child = fork(), status;
  if (child == 0)
    exit(read(file, text + 5, (int)sizeof text - 5) > 50 ? 0 : 1);
  CHECK(wait(&status) == child && status == 0);
  CHECK(read(file, text, 10) == 0);  // one offset
  CHECK(close(file) == 0);
  file = open("/proc/self/status", O_RDONLY);
  CHECK(sbrk(40 * PGSIZE) != (char *)-1);
  memset(text, 0, sizeof text);
  CHECK(read(file, text, sizeof text) > 0);
  int before = number_after("VmSize:\t");
  CHECK(close(file) == 0 && take("/proc/self/status") > 0);
  CHECK(number_after("VmSize:\t") == before + 160);
}

static int sleeper(void) {
  int child = fork();
  if (child == 0) {
    for (int descriptor = 3; descriptor < 16; descriptor++)
      close(descriptor);
    for (;;)
      sleep(1000);
  }
  sleep(1);
  return child;
}

// Of a process that has ended since there is nothing left to read, and its directory has no entries.
static void ended(void) {
  struct dirent entry;
  int child = sleeper();
  CHECK(take(of(child, "status")) > 0 && find("\nState:\tS (sleeping)\n"));
  int before = open(of(child, "status"), O_RDONLY), folder = open(of(child, ""), O_RDONLY);
  int half = open(of(child, "stat"), O_RDONLY);
  CHECK(before >= 0 && folder >= 0 && read(half, text, 2) == 2);
  CHECK(chdir(of(child, "")) == 0 && kill(child) == 0);
  sleep(1);
  // It waits to be waited for.
  CHECK(take(of(child, "status")) > 0 && find("\nState:\tZ (zombie)\n"));
  CHECK(take(of(child, "cmdline")) == 0 && lists_process(child));
  int zombie = open(of(child, "status"), O_RDONLY);
  CHECK(read(zombie, text, 5) == 5);
  CHECK(read(before, text, 1) == 0 && read(folder, &entry, 16) == 0 && read(half, text, 2) == 0);
  CHECK(wait(0) == child);
  CHECK(read(before, text, 1) == 0 && read(zombie, text, 1) == 0);
  CHECK(!lists_process(child) && open(of(child, ""), O_RDONLY) == -1);
  CHECK(open("status", O_RDONLY) == -1 && open("../meminfo", O_RDONLY) >= 0);
  int gone = open(".", O_RDONLY);
  CHECK(gone >= 0 && read(gone, &entry, 16) == 0);
  CHECK(chdir("/") == 0);
}

static void words(void) {
  char *arguments[] = {"call_proc", "words", "two words", "", "last", 0};
  if (fork() == 0)
    exec("/call_proc", arguments);
  int status;
  CHECK(wait(&status) > 0 && status == 0);
}

static void limited(void) {
  CHECK(maxproc(5) == 0 && maxproc(7) == 0);
  CHECK(take("/proc/self/limits") > 0);
  CHECK(find("\nMax processes             5                    5   "));
}

static struct gate told, stay;

static void inside(int outsider) {
  CHECK(chdir(of(outsider, "")) == 0 && mkdir("/r") == 0 && mkdir("/r/proc") == 0);
  CHECK(mkdir("/r/a b") == 0 && mkdir("/lower") == 0);
  CHECK(cm_create_and_enter() == 0);
  // Its working directory is a process's that is not in sight any more.
  CHECK(open("status", O_RDONLY) == -1 && open(".", O_RDONLY) == -1 && open("fd", O_RDONLY) == -1);
  CHECK(mount("proc", "/r/proc", "proc", 0, 0) == 0);
  CHECK(bind_mount("/lower", "/r/a b", MS_RDONLY) == 0);
  CHECK(cm_setroot("/r", 2) == 0);
  CHECK(cm_maxproc(6) == 0);
  int child = sleeper();
  CHECK(child == 2);
  CHECK(take("/proc/self/status") > 0);
  CHECK(find("\nPid:\t1\nPPid:\t0\nNSpid:\t1\nThreads:\t1\n"));
  CHECK(take("/proc/2/status") > 0 && find("\nPid:\t2\nPPid:\t1\nNSpid:\t2\n"));
  CHECK(take("/proc/2/stat") > 0 && begins("2 (call_proc) S 1 "));
  CHECK(lists("/proc", "1") && lists("/proc", "2") && !lists("/proc", "3"));
  for (int pid = 3; pid < 80; pid++)
    CHECK(!lists_process(pid) && open(of(pid, "status"), O_RDONLY) == -1);
  CHECK(same_file("/proc/1", "/proc/self") && same_file("/proc/..", "/"));
  CHECK(take("/proc/loadavg") > 0 && find(" 1/2 2\n"));
  CHECK(take("/proc/stat") > 0 && number_after("\nprocesses ") == 2);
  CHECK(take("/proc/self/cgroup") == 5 && begins("0::/\n"));
  CHECK(take("/proc/mounts") > 0);
  CHECK(begins("disk / disk rw 0 0\n") && find("\nproc /proc proc rw 0 0\n"));
  CHECK(find("\nbind /a\\040b bind ro 0 0\n") && !find("/r") && !find("lower"));
  CHECK(take("/proc/self/limits") > 0 && find("\nMax processes             6  "));
  tell(told, 1);
  await(stay);
  kill(2);
  wait(0);
}

static void containers(void) {
  told = make_gate();
  stay = make_gate();
  int me = getpid(), init = fork(), status;
  if (init == 0) {
    inside(me);
    exit(0);
  }
  CHECK(hear(told) == 1);
  CHECK(take(of(init, "status")) > 0);
  const char *names = find("\nNSpid:\t");
  CHECK(number_after("\nPid:\t") == init && number_after("\nPPid:\t") == me);
  CHECK(names && atoi(names + 8) == init && find("\t1\nThreads:\t1\n"));
  CHECK(take(of(init, "cgroup")) > 0 && begins("0::/c"));
  CHECK(take(of(init, "mounts")) > 0 && begins("disk / disk rw 0 0\n") && find(" /proc proc "));
  CHECK(lists_process(init) && lists_process(init + 1));
  // Who joins sees what the others there do, and itself by the number that it has there.
  CHECK(take(of(init, "cgroup")) > 0 && atoi(text + 5) > 0);
  int cid = atoi(text + 5), joining = fork();
  if (joining == 0) {
    CHECK(chdir("/proc/self") == 0 && cm_join(cid) == 0 && same_file(".", "/"));
    CHECK(lists_process(1) && lists_process(2) && lists_process(3) && !lists_process(me));
    CHECK(same_file("/proc/self", "/proc/3") && open(of(init, "status"), O_RDONLY) == -1);
    CHECK(take("/proc/self/status") > 0 && find("\nPid:\t3\nPPid:\t0\nNSpid:\t3\n"));
    exit(0);
  }
  CHECK(wait(&status) == joining && status == 0);
  open_gate(stay);
  CHECK(wait(&status) == init && status == 0);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    CHECK(argc == 5 && take("/proc/self/cmdline") == 32);
    CHECK(memcmp(text, "call_proc\0words\0two words\0\0last\0", 32) == 0);
    (void)argv;
    return 0;
  }
  machine();
  load();
  own();
  CHECK(status_of(no_room_is_taken) == 0);
  CHECK(status_of(nothing_is_written) == 0);
  CHECK(status_of(made_when_opened) == 0);
  CHECK(status_of(ended) == 0);
  words();
  CHECK(status_of(limited) == 0);
  CHECK(status_of(containers) == 0);
  return 0;
}
