// disk.max and inodes.max: blocks and files count in the group in which the file was made, and in all above it,
// until the file has neither a name nor a descriptor.
#include "groups.h"
#include "unions.h"

static const char bad[][24] = {"",    "-1",      "1 2", "0x10",     " 1", "1\n\n", "maximum", "1K",
                               "Max", "max max", "+1",  "1000000000000000000000"};

static char block[1024];

static void values(void) {
  static const char *const names[] = {"disk", "inodes"};
  CHECK(take("/cgroup/cgroup.controllers") > 0 && has("disk") && has("inodes"));
  for (int index = 0; index < 2; index++) {
    char most[32] = "/cgroup/", now[32] = "/cgroup/", path[32];
    strcpy(most + 8, names[index]);
    strcpy(most + strlen(most), ".max");
    strcpy(now + 8, names[index]);
    strcpy(now + strlen(now), ".current");
    // The root's are not there.
    CHECK(open(most, O_RDONLY) == -1 && open(now, O_RDONLY) == -1);
    strcpy(path, "/cgroup/t");
    strcpy(path + 9, most + 7);
    CHECK(holds(path, "max\n") && lists("/cgroup/t", most + 8));
    for (unsigned at = 1; at < sizeof bad / sizeof *bad; at++)
      CHECK(put(path, bad[at]) == -1 && holds(path, "max\n"));
    CHECK(puts_all(path, "4096\n") && holds(path, "4096\n"));
    for (unsigned at = 1; at < sizeof bad / sizeof *bad; at++)
      CHECK(put(path, bad[at]) == -1 && holds(path, "4096\n"));
    CHECK(puts_all(path, "0") && holds(path, "0\n") && puts_all(path, "max") && holds(path, "max\n"));
    // Opening one to create or truncate it does nothing.
    int file = open(path, O_CREATE | O_TRUNC | O_WRONLY);
    CHECK(file >= 0 && close(file) == 0 && holds(path, "max\n"));
    strcpy(path + 9, now + 7);
    CHECK(holds(path, "0\n") && put(path, "1") == -1);
  }
}

static const char *of(const char *group, const char *file) {
  static char path[64];
  strcpy(path, group);
  strcpy(path + strlen(path), "/");
  strcpy(path + strlen(path), file);
  return path;
}

// What a group has: files, and blocks that are theirs.
static int has_files(const char *group, int files, int blocks) {
  return holds(of(group, "inodes.current"), line_of(files)) && holds(of(group, "disk.current"), line_of(blocks * 1024));
}

static void limit(int files, int blocks) {
  CHECK(puts_all("/cgroup/t/inodes.max", line_of(files)) && puts_all("/cgroup/t/disk.max", line_of(blocks * 1024)));
}

static void unlimit(void) {
  CHECK(puts_all("/cgroup/t/inodes.max", "max") && puts_all("/cgroup/t/disk.max", "max"));
}

static void go_in(void) { CHECK(puts_all("/cgroup/t/in/cgroup.procs", "0")); }
static void go_out(void) { CHECK(puts_all("/cgroup/cgroup.procs", "0")); }

// Writes blocks at a descriptor's place until it is refused.
static int fill(int file) {
  int count = 0;
  while (write(file, block, sizeof block) == sizeof block)
    count++;
  return count;
}

static void blocks(void) {
  limit(9, 5);
  go_in();
  // Rounded down: a limit that is no multiple of a block.
  CHECK(puts_all("/cgroup/t/disk.max", "5300"));
  int file = open("/d/f", O_CREATE | O_RDWR);
  CHECK(file >= 0 && has_files("/cgroup/t", 1, 0));
  CHECK(fill(file) == 5 && has_files("/cgroup/t/in", 1, 5) && has_files("/cgroup/t", 1, 5));
  // What is there can be written and read; what would need a block cannot.
  CHECK(write(file, "x", 1) == -1 && facts("/d/f").size == 5 * 1024);
  CHECK(mkdir("/d/e") == -1 && facts("/d").nlink == 1);
  CHECK(close(file) == 0 && (file = open("/d/f", O_RDWR)) >= 0 && write(file, "over", 4) == 4);
  // Part of a write fits: that stays, and the call fails, as on a disk that is full.
  CHECK(puts_all("/cgroup/t/disk.max", "7168") && close(file) == 0);
  CHECK((file = open("/d/g", O_CREATE | O_RDWR)) >= 0);
  static char long_text[4 * 1024];
  CHECK(write(file, long_text, sizeof long_text) == -1 && facts("/d/g").size == 2048);
  CHECK(has_files("/cgroup/t", 2, 7));
  // Truncation gives back.
  CHECK(close(file) == 0 && (file = open("/d/g", O_RDWR | O_TRUNC)) >= 0 && has_files("/cgroup/t", 2, 5));
  CHECK(fill(file) == 2 && close(file) == 0 && unlink("/d/g") == 0 && has_files("/cgroup/t", 1, 5));
  CHECK(unlink("/d/f") == 0 && has_files("/cgroup/t", 0, 0));
}

// A block of block numbers counts as well, and does not stay where there is nothing for it to lead to.
static void long_files(void) {
  limit(9, 13);
  go_in();
  int file = open("/d/f", O_CREATE | O_RDWR);
  CHECK(fill(file) == 12 && has_files("/cgroup/t", 1, 12));
  for (int round = 0; round < 3; round++)
    CHECK(write(file, block, 1) == -1 && has_files("/cgroup/t", 1, 12));
  limit(9, 14);
  CHECK(fill(file) == 1 && has_files("/cgroup/t", 1, 14));
  limit(9, 16);
  CHECK(fill(file) == 2 && has_files("/cgroup/t", 1, 16) && facts("/d/f").size == 15 * 1024);
  CHECK(close(file) == 0 && unlink("/d/f") == 0 && has_files("/cgroup/t", 0, 0));
}

static void files(void) {
  limit(3, 99);
  go_in();
  make_file("/d/a", "a");
  CHECK(mkdir("/d/e") == 0 && mknod("/d/n", 1, 1) == 0 && has_files("/cgroup/t", 3, 2));
  CHECK(open("/d/b", O_CREATE | O_RDWR) == -1 && mkdir("/d/b") == -1 && mknod("/d/b", 1, 1) == -1);
  CHECK(open("/d/b", O_RDONLY) == -1 && has_files("/cgroup/t", 3, 2));
  // A second name is no file. What is there can be opened, to be created as well.
  CHECK(link("/d/a", "/d/b") == 0 && has_files("/cgroup/t", 3, 2));
  int file = open("/d/a", O_CREATE | O_RDWR);
  CHECK(file >= 0 && close(file) == 0 && unlink("/d/a") == 0 && has_files("/cgroup/t", 3, 2));
  CHECK(open("/d/c", O_CREATE | O_RDWR) == -1);
  // One without a name counts as long as it is open, here or in an heir.
  CHECK((file = open("/d/b", O_RDWR)) >= 0 && unlink("/d/b") == 0 && open("/d/c", O_CREATE | O_RDWR) == -1);
  CHECK(has_files("/cgroup/t", 3, 2) && write(file, block, sizeof block) == sizeof block);
  CHECK(has_files("/cgroup/t", 3, 2) && write(file, "y", 1) == 1 && has_files("/cgroup/t", 3, 3));
  int child = fork(), status;
  if (child == 0) {
    sleep(2);
    CHECK(has_files("/cgroup/t", 3, 3));
    exit(0);
  }
  CHECK(close(file) == 0 && has_files("/cgroup/t", 3, 3) && wait(&status) == child && status == 0);
  CHECK(has_files("/cgroup/t", 2, 1) && (file = open("/d/c", O_CREATE | O_RDWR)) >= 0 && close(file) == 0);
  CHECK(unlink("/d/c") == 0 && unlink("/d/e") == 0 && unlink("/d/n") == 0 && has_files("/cgroup/t", 0, 0));
  // Less than there is: nothing is taken, and nothing more given.
  make_file("/d/a", "a");
  limit(0, 0);
  CHECK(has_files("/cgroup/t", 1, 1) && begins_with("/d/a", "a") && open("/d/b", O_CREATE | O_RDWR) == -1);
  CHECK(unlink("/d/a") == 0 && has_files("/cgroup/t", 0, 0) && open("/d/a", O_CREATE | O_RDWR) == -1);
}

// A directory that grows is paid for by whoever made it, and a file by whoever made it, whoever writes.
static void others(void) {
  unlimit();
  make_file("/d/outs", "");
  go_in();
  make_file("/d/ins", "");
  CHECK(mkdir("/d/dir") == 0 && has_files("/cgroup/t", 2, 1));
  limit(9, 1);
  // Written from inside, a file from outside does not count; it is not the group's.
  int file = open("/d/outs", O_RDWR);
  CHECK(write(file, block, sizeof block) == sizeof block && close(file) == 0 && has_files("/cgroup/t", 2, 1));
  go_out();
  // Written from outside, it does, and beyond the limit it is not written.
  file = open("/d/ins", O_RDWR);
  CHECK(write(file, block, sizeof block) == -1 && has_files("/cgroup/t", 2, 1));
  limit(9, 2);
  CHECK(write(file, block, sizeof block) == sizeof block && has_files("/cgroup/t", 2, 2));
  // Names in a directory of the group: 62 fit beside `.` and `..`.
  char name[] = "/d/dir/aa";
  int count = 0;
  for (; count < 70; count++) {
    name[7] = (char)('a' + count / 26);
    name[8] = (char)('a' + count % 26);
    if (link("/d/outs", name) < 0)
      break;
  }
  CHECK(count == 62 && has_files("/cgroup/t", 2, 2));
  CHECK(close(file) == 0 && unlink("/d/ins") == 0 && link("/d/outs", name) == 0 && has_files("/cgroup/t", 1, 2));
  while (--count >= -1) {
    name[7] = (char)('a' + (count + 1) / 26);
    name[8] = (char)('a' + (count + 1) % 26);
    CHECK(unlink(name) == 0);
  }
  CHECK(unlink("/d/dir") == 0 && unlink("/d/outs") == 0 && has_files("/cgroup/t", 0, 0));
  unlimit();
}

// What a union copies into its upper layer is made by who changes it, and so are whiteouts.
static void unions(void) {
  unlimit();
  make_layers();
  CHECK(union_mount(THREE, 0) == 0);
  go_in();
  limit(9, 1);
  // Two directories with a block each, and one of data: all of it, or nothing.
  CHECK(open("/u/d/e/deep", O_RDWR | O_TRUNC) == -1 && has_files("/cgroup/t", 0, 0));
  int file = open("/u/d/e/deep", O_RDWR);
  CHECK(file >= 0 && write(file, "x", 1) == -1 && has_files("/cgroup/t", 0, 0) && count_of("/l/up") == 0);
  limit(2, 9);
  CHECK(write(file, "x", 1) == -1 && has_files("/cgroup/t", 0, 0) && count_of("/l/up") == 0);
  limit(3, 3);
  CHECK(write(file, "x", 1) == 1 && close(file) == 0 && has_files("/cgroup/t", 3, 3));
  CHECK(unlink("/u/g") == -1 && begins_with("/u/g", "mid g"));
  limit(4, 3);
  CHECK(unlink("/u/g") == 0 && has_files("/cgroup/t", 4, 3) && unlink("/u/f") == 0 && has_files("/cgroup/t", 4, 3));
  // A file of the union, removed: the whiteout is another name of the one that there is.
  CHECK(unlink("/u/d/e/deep") == 0 && has_files("/cgroup/t", 3, 2));
  CHECK(mkdir("/u/new") == 0 && has_files("/cgroup/t", 4, 3) && mkdir("/u/newer") == -1);
  go_out();
  lower_is_unchanged();
  CHECK(umount("/u") == 0 && has_files("/cgroup/t", 4, 3));
  // From outside, in the layer itself.
  CHECK(unlink("/l/up/new") == 0 && unlink("/l/up/d/e/deep") == 0 && unlink("/l/up/d/e") == 0);
  CHECK(unlink("/l/up/d") == 0 && unlink("/l/up/f") == 0 && has_files("/cgroup/t", 1, 0));
  CHECK(unlink("/l/up/g") == 0 && has_files("/cgroup/t", 0, 0));
}

// A process that is moved leaves its files where they were made, and a group that is removed keeps what it has, in
// those above as well, and its limit.
static void outlived(void) {
  limit(2, 2);
  CHECK(mkdir("/cgroup/t/gone") == 0 && puts_all("/cgroup/t/gone/disk.max", "1024"));
  CHECK(puts_all("/cgroup/t/gone/cgroup.procs", "0"));
  make_file("/d/f", "f");
  go_in();
  CHECK(unlink("/cgroup/t/gone") == 0 && has_files("/cgroup/t", 1, 1) && has_files("/cgroup/t/in", 0, 0));
  make_file("/d/g", "g");
  CHECK(has_files("/cgroup/t", 2, 2) && open("/d/h", O_CREATE | O_RDWR) == -1);
  limit(2, 9);
  int file = open("/d/f", O_RDWR);
  CHECK(fill(file) == 1 && close(file) == 0 && has_files("/cgroup/t", 2, 2));
  CHECK(mkdir("/cgroup/t/gone") == 0 && has_files("/cgroup/t/gone", 0, 0));
  CHECK(unlink("/d/f") == 0 && unlink("/d/g") == 0 && has_files("/cgroup/t", 0, 0) && unlink("/cgroup/t/gone") == 0);
}

// A container reads its limits, does not change them, and limits what is below; what it leaves on the disk is there
// when it and its groups are gone, and can be removed.
static void in_its_own(void) {
  int entered[2], go[2], child, cid = 0;
  CHECK(pipe(entered) == 0 && pipe(go) == 0);
  if ((child = fork()) == 0) {
    CHECK(cm_create_and_enter() == 0);
    cid = getcid();
    CHECK(write(entered[1], &cid, sizeof cid) == sizeof cid && read(go[0], &cid, 1) == 1);
    // What df shows.
    CHECK(take("/proc/disk") > 0 && has("DiskTotal:            20 kB\n") && has("DiskFree:             20 kB\n"));
    CHECK(has("FilesTotal:            4\n") && has("FilesFree:             4\n"));
    make_file("/d/one", "1");
    CHECK(take("/proc/disk") > 0 && has("DiskFree:             19 kB\n") && has("FilesFree:             3\n"));
    CHECK(unlink("/d/one") == 0 && holds("/cgroup/disk.max", "20480\n"));
    CHECK(write(entered[1], &cid, sizeof cid) == sizeof cid && read(go[0], &cid, 1) == 1);
    CHECK(holds("/cgroup/disk.max", "max\n") && open("/cgroup/disk.max", O_WRONLY) == -1);
    CHECK(put("/cgroup/inodes.max", "9") == -1 && has_files("/cgroup", 0, 0) && mkdir("/cgroup/b") == 0);
    CHECK(puts_all("/cgroup/b/inodes.max", "1") && puts_all("/cgroup/b/cgroup.procs", "0"));
    make_file("/d/left", "left");
    CHECK(open("/d/more", O_CREATE | O_RDWR) == -1 && has_files("/cgroup", 1, 1) && has_files("/cgroup/b", 1, 1));
    exit(0);
  }
  CHECK(read(entered[0], &cid, sizeof cid) == sizeof cid);
  CHECK(puts_all(of_container(cid, "disk.max"), "20480") && puts_all(of_container(cid, "inodes.max"), "4"));
  CHECK(write(go[1], "x", 1) == 1 && read(entered[0], &child, sizeof cid) == sizeof cid);
  CHECK(puts_all(of_container(cid, "disk.max"), "max") && write(go[1], "x", 1) == 1);
  int status;
  CHECK(wait(&status) > 0 && status == 0);
  CHECK(begins_with("/d/left", "left") && unlink("/d/left") == 0);
}

int main(void) {
  CHECK(mkdir("/cgroup/t") == 0 && mkdir("/cgroup/t/in") == 0 && mkdir("/d") == 0);
  values();
  CHECK(status_of(blocks) == 0);
  CHECK(status_of(long_files) == 0);
  CHECK(status_of(files) == 0);
  CHECK(status_of(others) == 0);
  CHECK(status_of(unions) == 0);
  CHECK(status_of(outlived) == 0);
  CHECK(status_of(in_its_own) == 0);
  CHECK(has_files("/cgroup/t", 0, 0) && has_files("/cgroup/t/in", 0, 0));
  CHECK(unlink("/cgroup/t/in") == 0 && unlink("/cgroup/t") == 0);
  return 0;
}
