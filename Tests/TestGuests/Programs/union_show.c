// A union shows each name once, from the uppermost layer that has it, and of a directory the names of all.
#include "unions.h"

int main(void) {
  make_layers();
  make_file("/l/up/own", "up own");
  CHECK(union_mount(THREE, 0) == 0);

  // Files.
  CHECK(begins_with("/u/f", "low f"));
  CHECK(begins_with("/u/g", "mid g"));
  CHECK(begins_with("/u/own", "up own"));
  CHECK(!opens("/u/missing") && !opens("/u/d/missing"));
  // Directories, and those below them.
  CHECK(begins_with("/u/d/a", "low a") && begins_with("/u/d/b", "mid b"));
  CHECK(begins_with("/u/d/e/deep", "low deep") && begins_with("/u/only/x", "low x"));
  CHECK(listed("/u", "f") == 1 && listed("/u", "g") == 1 && listed("/u", "own") == 1);
  CHECK(listed("/u", "d") == 1 && listed("/u", "only") == 1 && count_of("/u") == 5);
  CHECK(listed("/u/d", "a") == 1 && listed("/u/d", "b") == 1 && listed("/u/d", "e") == 1);
  CHECK(count_of("/u/d") == 3);

  // Facts: a file system of its own, numbers that stay, names and subdirectories.
  struct stat d = facts("/u/d"), f = facts("/u/f");
  CHECK(d.dev != 1 && d.dev == f.dev && d.dev != facts("/proc").dev && d.ino != f.ino);
  CHECK(d.type == T_DIR && d.nlink == 2 && d.size == 5 * 16);
  CHECK(f.type == T_FILE && f.nlink == 1 && f.size == 5);
  CHECK(facts("/u").nlink == 3);
  CHECK(facts("/u/d").ino == d.ino && facts("/u/./d/../f").ino == f.ino);

  // Parents.
  CHECK(same_file("/u/..", "/") && same_file("/u/d/..", "/u") && same_file("/u/d/e/..", "/u/d"));
  CHECK(chdir("/u/d/e") == 0 && same_file("../../f", "/u/f") && same_file("../../..", "/"));
  CHECK(chdir("/") == 0);

  // Reading in pieces of any size gives the entries' bytes.
  char whole[80], pieces[80];
  int file = open("/u/d", O_RDONLY);
  CHECK(read(file, whole, sizeof whole) == 80 && read(file, whole, 1) == 0 && close(file) == 0);
  file = open("/u/d", O_RDONLY);
  for (int at = 0, count; at < 80; at += count)
    CHECK((count = read(file, pieces + at, at % 3 ? 7 : 5)) > 0);
  close(file);
  CHECK(memcmp(whole, pieces, 80) == 0);

  // A file where a lower layer has a directory, and the other way around: the uppermost counts.
  CHECK(umount("/u") == 0);
  make_file("/l/up/only", "a file");
  make_directory("/l/up/f");
  make_file("/l/up/f/in", "in");
  CHECK(union_mount(THREE, 0) == 0);
  CHECK(begins_with("/u/only", "a file") && !opens("/u/only/x"));
  CHECK(facts("/u/f").type == T_DIR && begins_with("/u/f/in", "in") && count_of("/u/f") == 1);

  // Programs run from it, and with it as their root.
  CHECK(link("/true", "/l/up/true") == 0);
  int status, child = fork();
  if (child == 0) {
    exec("/u/true", (char *[]){"true", 0});
    exit(1);
  }
  CHECK(wait(&status) == child && status == 0);
  child = fork();
  if (child == 0) {
    CHECK(setroot("/u") == 0 && begins_with("/g", "mid g") && same_file("/..", "/"));
    CHECK(same_file("/../../d/..", "/") && !opens("/../l") && !opens("/l"));
    exec("/true", (char *[]){"true", 0});
    exit(1);
  }
  CHECK(wait(&status) == child && status == 0);

  // Two unions have numbers of their own, and what one shows is not the other's.
  make_directory("/v");
  make_directory("/l/up2");
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/l/mid:/l/low,upperdir=/l/up2,workdir=/w") == 0);
  CHECK(facts("/v").dev != facts("/u").dev && facts("/v").dev != 1);
  make_file("/v/f", "by v");
  CHECK(begins_with("/v/f", "by v") && facts("/u/f").type == T_DIR);
  CHECK(link("/u/g", "/v/h") == -1 && link("/u/g", "/h") == -1 && link("/l/low/g", "/u/h") == -1);
  CHECK(umount("/v") == 0);
  CHECK(begins_with("/l/up2/f", "by v"));

  // What is changed in a layer by another way is seen.
  make_file("/l/up/late", "late");
  CHECK(begins_with("/u/late", "late") && listed("/u", "late") == 1);
  CHECK(unlink("/l/up/late") == 0 && !opens("/u/late") && listed("/u", "late") == 0);
  CHECK(unlink("/l/up/f/in") == 0 && unlink("/l/up/f") == 0 && begins_with("/u/f", "low f"));
  lower_is_unchanged();
  CHECK(umount("/u") == 0);
  return 0;
}
