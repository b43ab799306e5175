// attack_limits: tries to have more open files, pipes, mutexes, shared pages, memory, blocks and files of the disk than
// its container's group may, to move more of files in a tick, and to run for longer, which a process outside has limited:
// by heirs, pipes, groups below, refusals and kills, by files without names, copies of a union and bad buffers, by sleep,
// moves and calls, and by changing the limit. It begins outside, and each family is in a container of its own.
#include "attack.h"

int mount(const char *source, const char *target, const char *type, int flags, const char *data);
int umount(const char *target);

enum { FILES = 4, NAMES = 2, MOST = 12, BLOCKS = 8, INODES = 5, RATE = 16384, PAGES = 128 };
static const char *const limits[][2] = {
    {"memory.max", "524288"},
    {"misc.max", "files 4\npipes 1\nmutexes 2\nshared_pages 2"},
    {"disk.max", "8192"},
    {"inodes.max", "5"},
    {"io.max", "wbps=16384 rbps=16384"},
};
// So much time in every two ticks, for the families that are about time.
enum { QUOTA = 20000 };
static int has_quota;

// What writing a text to a file comes to; -1 also where that cannot be opened.
static int put(const char *path, const char *text, int flags) {
  int file = open(path, flags);
  if (file < 0)
    return -1;
  int count = write(file, text, (int)strlen(text));
  close(file);
  return count;
}

static void limit(int cid) {
  char path[40] = "/cgroup/c", digits[12];
  int at = (int)strlen(path), count = 0;
  do
    digits[count++] = (char)('0' + cid % 10);
  while (cid /= 10);
  while (count)
    path[at++] = digits[--count];
  path[at++] = '/';
  strcpy(path + at, "cpu.max");
  if (has_quota)
    exit(put(path, "20000 200000", O_WRONLY) > 0 ? 0 : 1);
  for (unsigned index = 0; index < sizeof limits / sizeof *limits; index++) {
    strcpy(path + at, limits[index][0]);
    if (put(path, limits[index][1], O_WRONLY) != (int)strlen(limits[index][1]))
      exit(1);
  }
  exit(0);
}

// Runs a family in a container that somebody outside limits before it begins.
static void contained(const char *family, void (*body)(void)) {
  if (attack_enter(fork())) {
    int entered[2], go[2], cid = 0;
    if (pipe(entered) < 0 || pipe(go) < 0)
      exit(2);
    if (fork() == 0) {
      close(go[0]);
      close(entered[1]);
      read(entered[0], &cid, sizeof cid);
      limit(cid);
    }
    close(go[1]);
    close(entered[0]);
    if (cm_create_and_enter() < 0)
      exit(2);
    cid = getcid();
    write(entered[1], &cid, sizeof cid);
    close(entered[1]);
    // Its end is closed when it has done so.
    read(go[0], &cid, 1);
    close(go[0]);
    body();
    attack_leave();
  }
  attack_try(attack_was_ended(), "being ended");
  attack_family(family);
}

// MARK: Filling

// Opens until there is no more, and says how many that were.
static int open_all(int *files) {
  int count = 0;
  while (count < MOST && (files[count] = open("/", O_RDONLY)) >= 0)
    count++;
  return count;
}

static void close_all(int *files, int count) {
  while (count > 0)
    close(files[--count]);
}

// Exactly what there is: no more, and after whatever came before no less.
static void fill(const char *way, int expected) {
  int files[MOST], count = open_all(files);
  attack_try_number(count != expected, way, count);
  close_all(files, count);
}

static int pipe_count(void) {
  int ends[MOST][2], count = 0;
  while (count < MOST / 2 && pipe(ends[count]) == 0)
    count++;
  for (int index = 0; index < count; index++) {
    close(ends[index][0]);
    close(ends[index][1]);
  }
  return count;
}

static const char *name(int number) {
  static char text[4] = "n0";
  text[1] = (char)('0' + number);
  return text;
}

static int mutex_count(void) {
  int handles[MOST], count = 0;
  while (count < 8 && (handles[count] = mutex_create(name(count))) >= 0)
    count++;
  for (int index = 0; index < count; index++)
    mutex_delete(handles[index]);
  return count;
}

static int page_count(void) {
  int count = 0;
  while (count < 8 && shm_get(name(count)))
    count++;
  for (int index = 0; index < count; index++)
    shm_rem(name(index));
  return count;
}

static void check_all(const char *way) {
  fill(way, FILES);
  attack_try_number(pipe_count() != 1, way, 1);
  attack_try_number(mutex_count() != NAMES, way, 2);
  attack_try_number(page_count() != NAMES, way, 3);
}

static char block[1024];

// As many blocks as go into a file, which then has no name; it is left open.
static int fill_file(int *file) {
  int count = 0;
  *file = open("/brim", O_CREATE | O_RDWR);
  while (count < 40 && write(*file, block, sizeof block) == sizeof block)
    count++;
  unlink("/brim");
  return count;
}

// Exactly the blocks and the files that there are.
static void fill_disk(const char *way, int blocks, int inodes) {
  int file, count = fill_file(&file), files = 0;
  attack_try_number(count != blocks, way, count);
  close(file);
  char path[] = "/many0";
  while (files < MOST && (file = open(path, O_CREATE | O_RDWR)) >= 0) {
    close(file);
    path[5] = (char)('0' + ++files);
  }
  attack_try_number(files != inodes, way, files);
  for (int index = 0; index < files; index++) {
    path[5] = (char)('0' + index);
    unlink(path);
  }
}

// MARK: Families

static void by_filling(void) {
  for (int round = 0; round < 4; round++)
    check_all("filling all tables again");
  int files[MOST], held = open_all(files), ends[2];
  attack_try(pipe(ends) == 0, "a pipe without files");
  attack_try(open("/new", O_CREATE | O_RDWR) >= 0, "a new file");
  attack_try(open("/cgroup/misc.max", O_RDONLY) >= 0, "a file of the group");
  attack_try(open("/proc/self/status", O_RDONLY) >= 0, "a file of /proc");
  close_all(files, held);
  // The name was there before the table of open files was found full, as in xv6.
  unlink("/new");
  // A pipe that failed for want of files, or of a place for its numbers, is none.
  held = open_all(files);
  close(files[--held]);
  for (int round = 0; round < 3; round++)
    attack_try(pipe(ends) == 0, "a pipe with one file");
  close_all(files, held);
  for (int round = 0; round < 3; round++)
    attack_try(pipe((int *)0x3fffffff00) == 0, "a pipe to nowhere");
  check_all("after refusals");
}

static void by_heirs(void) {
  int files[FILES], half = 0;
  for (; half < FILES / 2; half++)
    files[half] = open("/", O_RDONLY);
  for (int round = 0; round < 6; round++) {
    if (attack_enter(fork())) {
      fill("files beside a parent's", FILES - half);
      // What is inherited counts until the last has closed it.
      close(files[0]);
      fill("files after closing a parent's", FILES - half);
      if (attack_enter(fork())) {
        close(files[1]);
        fill("files of a grandchild", FILES - half);
        attack_try_number(mutex_count() != NAMES, "mutexes of a grandchild", 0);
        attack_leave();
      }
      attack_leave();
    }
  }
  close(files[0]);
  close(files[1]);
  check_all("after heirs");
}

static void by_killing(void) {
  for (int round = 0; round < 4; round++) {
    int child = fork();
    if (child == 0) {
      int files[MOST];
      open_all(files);
      mutex_create("n0");
      shm_get("n0");
      for (;;)
        sleep(100);
    }
    sleep(2);
    fill("files beside a hog", 0);
    kill(child);
    wait(0);
    check_all("after a hog was killed");
  }
}

static void by_groups(void) {
  static const char *const groups[] = {"/cgroup/a", "/cgroup/a/b", "/cgroup/a/b/c"};
  char path[64];
  int files[MOST];
  for (int depth = 0; depth < 3; depth++) {
    mkdir(groups[depth]);
    strcpy(path, groups[depth]);
    strcpy(path + strlen(path), "/misc.max");
    put(path, "files max\npipes 99\nmutexes max\nshared_pages 1000", O_WRONLY);
    strcpy(path + strlen(groups[depth]), "/cgroup.procs");
    int before = open_all(files);
    close(files[--before]);
    put(path, "0", O_WRONLY);
    fill("files after being moved", FILES - before);
    close_all(files, before);
    check_all("in a group below");
  }
  for (int depth = 2; depth >= 0; depth--) {
    int held = open_all(files);
    close(files[--held]);
    put("/cgroup/cgroup.procs", "0", O_WRONLY);
    attack_try(unlink(groups[depth]) < 0, "keeping a group");
    fill("files after a group was removed", FILES - held);
    close_all(files, held);
    check_all("after a group was removed");
  }
}

static void by_the_limit(void) {
  static const char *const paths[] = {
      "/cgroup/misc.max",         "//cgroup//misc.max",      "/cgroup/./misc.max", "/cgroup/../cgroup/misc.max",
      "/cgroup/a/../misc.max",    "cgroup/misc.max",         "/den/misc.max",      "/bind/misc.max",
      "/cgroup/../../cgroup/misc.max"};
  static const char *const values[] = {"files max", "files 100\n", "pipes max\nmutexes max", "shared_pages 30"};
  mkdir("/cgroup/a");
  mount("x", "/den", "cgroup2", 0, 0);
  mount("/cgroup", "/bind", "bind", 0, 0);
  for (unsigned path = 0; path < sizeof paths / sizeof *paths; path++) {
    for (unsigned value = 0; value < sizeof values / sizeof *values; value++) {
      attack_try_text(put(paths[path], values[value], O_WRONLY) > 0, "writing ", paths[path]);
      attack_try_text(put(paths[path], values[value], O_RDWR | O_TRUNC) > 0, "writing ", paths[path]);
    }
    check_all("after writing to the limit");
  }
  attack_try(link("/cgroup/misc.max", "/limit") == 0, "another name for the limit");
  attack_try(unlink("/cgroup/misc.max") == 0, "removing the limit");
  attack_try(mknod("/cgroup/misc.max", 1, 1) == 0, "another file for the limit");
  attack_try(unlink("/cgroup") == 0, "removing the groups");
  check_all("at last");
}

static void by_files(void) {
  int file;
  for (int round = 0; round < 3; round++)
    fill_disk("filling the disk again", BLOCKS, INODES);
  // Open, and without a name.
  fill_file(&file);
  for (int round = 0; round < 3; round++)
    fill_disk("blocks beside a file without a name", 0, INODES - 1);
  if (attack_enter(fork())) {
    close(file);
    fill_disk("blocks beside a parent's file", 0, INODES - 1);
    attack_leave();
  }
  close(file);
  fill_disk("after a file without a name", BLOCKS, INODES);
  // Several names, of which the first goes.
  file = open("/one", O_CREATE | O_RDWR);
  write(file, block, sizeof block);
  attack_try(link("/one", "/two") < 0 || unlink("/one") < 0, "another name");
  for (int round = 0; round < 3; round++) {
    close(file);
    file = open("/two", O_RDWR | O_TRUNC);
    write(file, block, sizeof block);
    fill_disk("beside a file with another name", BLOCKS - 1, INODES - 1);
  }
  close(file);
  unlink("/two");
  // Whoever holds them is killed.
  for (int round = 0; round < 3; round++) {
    int child = fork();
    if (child == 0) {
      fill_file(&file);
      for (;;)
        sleep(100);
    }
    sleep(2);
    fill_disk("beside a hog of the disk", 0, INODES - 1);
    kill(child);
    wait(0);
    fill_disk("after a hog of the disk was killed", BLOCKS, INODES);
  }
  // Blocks that do not fit, and directories, which take one.
  for (int round = 0; round < 3; round++) {
    file = open("/long", O_CREATE | O_RDWR);
    attack_try(write(file, (char *)4096, 100000) > 0, "a long write");
    close(file);
    unlink("/long");
    mkdir("/more");
    attack_try(mkdir("/more/more") < 0 || mkdir("/more") == 0, "directories in each other");
    fill_disk("beside directories", BLOCKS - 2, INODES - 2);
    unlink("/more/more");
    unlink("/more");
  }
  fill_disk("after all that", BLOCKS, INODES);
}

static void by_unions(void) {
  int file;
  mount("u", "/den", "overlay", 0, "lowerdir=/low,upperdir=/up");
  for (int round = 0; round < 3; round++) {
    file = open("/den/big", O_RDWR);
    attack_try(write(file, "x", 1) > 0, "copying up what is too big");
    attack_try(link("/den/big", "/den/big2") == 0, "a name of what is too big");
    close(file);
    fill_disk("after what is not copied up", BLOCKS, INODES);
  }
  file = open("/den/small", O_RDWR);
  attack_try(write(file, "x", 1) != 1, "copying up");
  fill_disk("beside what is copied up", BLOCKS - 1, INODES - 1);
  unlink("/den/small");
  fill_disk("beside a copy without a name, and a whiteout", BLOCKS - 1, INODES - 2);
  close(file);
  fill_disk("beside a whiteout", BLOCKS, INODES - 1);
  umount("/den");
  unlink("/up/small");
  fill_disk("after a union", BLOCKS, INODES);
}

static void by_groups_on_disk(void) {
  static const char *const files[] = {"/cgroup/a/disk.max", "/cgroup/a/inodes.max", "/cgroup/a/io.max"};
  int file;
  for (int round = 0; round < 3; round++) {
    mkdir("/cgroup/a");
    for (int index = 0; index < 3; index++) {
      put(files[index], "max", O_WRONLY);
      put(files[index], "1000000", O_WRONLY);
    }
    put("/cgroup/a/cgroup.procs", "0", O_WRONLY);
    fill_disk("in a group below", BLOCKS, INODES);
    fill_file(&file);
    put("/cgroup/cgroup.procs", "0", O_WRONLY);
    fill_disk("above the group that has it all", 0, INODES - 1);
    unlink("/cgroup/a");
    fill_disk("after that group was removed", 0, INODES - 1);
    close(file);
    fill_disk("after its file as well", BLOCKS, INODES);
  }
}

// So many kilobytes, written to a file or read from one; in no fewer ticks than that takes.
static void move(const char *way, int kilobytes, int flags) {
  int file = open("/data", flags | O_CREATE), start;
  sleep(1);
  start = uptime();
  for (int count = 0; count < kilobytes; count++) {
    if (count % BLOCKS == 0) {
      close(file);
      file = open("/data", flags);
    }
    if (flags == O_RDONLY)
      read(file, block, sizeof block);
    else
      write(file, block, sizeof block);
  }
  close(file);
  attack_try_number(uptime() - start < (kilobytes * 1024 - 1) / RATE, way, uptime() - start);
}

static void by_ticks(void) {
  move("writing", 70, O_WRONLY);
  move("reading", 70, O_RDONLY);
  int start = uptime();
  for (int child = 0; child < 4; child++)
    if (fork() == 0) {
      move("", 20, child % 2 ? O_WRONLY : O_RDONLY);
      exit(0);
    }
  while (wait(0) > 0)
    ;
  attack_try_number(uptime() - start < 2, "several at a time", uptime() - start);
  // What fails in the end is moved all the same.
  int file = open("/data", O_RDWR);
  sbrk(4096);
  char *end = (char *)(((unsigned long)sbrk(0) + 4095) / 4096 * 4096);
  sleep(1);
  start = uptime();
  for (int round = 0; round < 40; round++)
    attack_try(read(file, end - 1000, 1024) >= 0, "reading into nowhere");
  attack_try_number(uptime() - start < 40 * 1000 / RATE, "failing", uptime() - start);
  close(file);
  // In another group in every tick.
  static const char *const groups[] = {"/cgroup/a", "/cgroup/b", "/cgroup/c"};
  char path[32];
  sleep(1);
  start = uptime();
  for (int round = 0; round < 9; round++) {
    strcpy(path, groups[round % 3]);
    mkdir(path);
    strcpy(path + 9, "/cgroup.procs");
    put(path, "0", O_WRONLY);
    file = open("/data", O_RDWR);
    for (int count = 0; count < BLOCKS; count++)
      write(file, block, sizeof block);
    close(file);
  }
  attack_try_number(uptime() - start < 9 * BLOCKS * 1024 / RATE, "from group to group", uptime() - start);
  unlink("/data");
  fill_disk("at last", BLOCKS, INODES);
}

// MARK: Memory

static int grow_all(void) {
  int count = 0;
  while (count < 2 * PAGES && sbrk(PGSIZE) != (char *)-1)
    count++;
  return count;
}

// What was there to be had when all that the process writes to had been copied.
static int memory_room;

static void fill_memory(const char *way, int held) {
  int count = grow_all();
  attack_try_number(count != memory_room - held, way, count);
  sbrk(-count * PGSIZE);
}

static void by_memory(void) {
  char *nothing[] = {"attack_limits", 0};
  int status;
  for (int round = 0; round < 3; round++) {
    memory_room = grow_all();
    sbrk(-memory_room * PGSIZE);
  }
  attack_try_number(memory_room > PAGES, "filling the memory", memory_room);
  // Nothing of what is refused counts, nor does it come back twice.
  int held = grow_all();
  for (int round = 0; round < 4; round++) {
    attack_try(fork() == 0, "forking without memory");
    attack_try(exec("/attack_limits", nothing) >= 0, "loading a program without memory");
    attack_try(shm_get("m") != 0, "a shared page without memory");
  }
  sbrk(-held * PGSIZE);
  fill_memory("memory after refusals", 0);
  // An heir counts, with what it may have to copy, and what it copies does not count twice or never.
  sbrk(4 * PGSIZE);
  for (int round = 0; round < 4; round++) {
    if (attack_enter(fork())) {
      int count = grow_all();
      attack_try_number(count + 4 >= memory_room, "memory beside a parent's", count);
      sbrk(-count * PGSIZE);
      for (char *page = sbrk(0) - 4 * PGSIZE; page < sbrk(0); page += PGSIZE)
        *(volatile char *)page = 1;
      attack_try_number(grow_all() > count, "memory after copying", count);
      attack_leave();
    }
    fill_memory("memory after an heir", 4);
  }
  sbrk(-4 * PGSIZE);
  fill_memory("memory after heirs", 0);
  // Pages that come when they are touched.
  if (fork() == 0) {
    volatile char *heap = (char *)sbrklazy(2 * PAGES * PGSIZE);
    for (int page = 0; page < 2 * PAGES; page++)
      heap[page * PGSIZE] = 1;
    exit(0);
  }
  wait(&status);
  attack_try(status == 0, "touching more than there is");
  fill_memory("memory after touching", 0);
  // What was taken in a group below counts after that is gone.
  mkdir("/cgroup/a");
  put("/cgroup/a/memory.max", "max", O_WRONLY);
  put("/cgroup/a/cgroup.procs", "0", O_WRONLY);
  fill_memory("memory in a group below", 0);
  sbrk(5 * PGSIZE);
  put("/cgroup/cgroup.procs", "0", O_WRONLY);
  attack_try(unlink("/cgroup/a") < 0, "keeping a group");
  fill_memory("memory after a group was removed", 5);
  sbrk(-5 * PGSIZE);
  attack_try(put("/cgroup/memory.max", "max", O_WRONLY) > 0, "writing to memory.max");
  attack_try(put("/cgroup/memory.max", "999999999", O_RDWR | O_TRUNC) > 0, "writing to memory.max");
  fill_memory("memory at last", 0);
}

#include "attack_time.h"

int main(void) {
  attack_begin("attack_limits");
  attack_from_outside();
  mkdir("/low");
  mkdir("/up");
  int file = open("/low/big", O_CREATE | O_RDWR);
  for (int count = 0; count < BLOCKS + 1; count++)
    write(file, block, sizeof block);
  close(file);
  put("/low/small", "small", O_CREATE | O_RDWR);
  mkdir("/den");
  mkdir("/bind");
  contained("filling", by_filling);
  contained("heirs", by_heirs);
  contained("killed processes", by_killing);
  contained("groups below", by_groups);
  contained("the limit itself", by_the_limit);
  contained("files on the disk", by_files);
  contained("unions", by_unions);
  contained("groups and the disk", by_groups_on_disk);
  contained("file data in ticks", by_ticks);
  contained("memory", by_memory);
  unlink("/low/big");
  unlink("/low/small");
  unlink("/low");
  unlink("/up");
  has_quota = 1;
  contained("time", by_time);
  unlink("/den");
  unlink("/bind");
  return attack_verdict();
}
