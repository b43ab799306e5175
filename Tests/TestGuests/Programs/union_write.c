// Changing a file of a lower layer copies it up first; names and descriptors stay the same file's.
#include "unions.h"

static char big[5000], read_back[5000];

static void data_comes_along(void) {
  for (unsigned index = 0; index < sizeof big; index++)
    big[index] = (char)(index * 7);
  int file = open("/l/low/big", O_CREATE | O_WRONLY);
  CHECK(write(file, big, sizeof big) == sizeof big && close(file) == 0);
  CHECK(union_mount(THREE, 0) == 0);
  struct stat before = facts("/u/big");
  file = open("/u/big", O_RDWR);
  CHECK(file >= 0 && !opens("/l/up/big"));  // opened, and not changed
  CHECK(read(file, read_back, 2000) == 2000 && write(file, "XYZ", 3) == 3);
  CHECK(close(file) == 0 && opens("/l/up/big"));
  memcpy(big + 2000, "XYZ", 3);
  file = open("/u/big", O_RDONLY);
  CHECK(read(file, read_back, sizeof read_back) == sizeof big);
  CHECK(memcmp(big, read_back, sizeof big) == 0 && close(file) == 0);
  struct stat after = facts("/u/big");
  CHECK(after.ino == before.ino && after.dev == before.dev && after.size == sizeof big);
  file = open("/l/low/big", O_RDONLY);
  CHECK(read(file, read_back, sizeof read_back) == sizeof big && read_back[2000] == (char)(2000 * 7));
  close(file);
  // O_TRUNC alone is a change as well.
  CHECK(umount("/u") == 0 && unlink("/l/up/big") == 0 && union_mount(THREE, 0) == 0);
  file = open("/u/big", O_RDONLY | O_TRUNC);
  CHECK(file >= 0 && facts("/u/big").size == 0 && facts("/l/low/big").size == sizeof big);
  CHECK(close(file) == 0 && unlink("/u/big") == 0);
  CHECK(umount("/u") == 0 && unlink("/l/up/big") == 0 && unlink("/l/low/big") == 0);
}

static void descriptors_see_it(void) {
  char text[16] = {0};
  CHECK(union_mount(THREE, 0) == 0);
  int before = open("/u/d/e/deep", O_RDONLY);
  CHECK(read(before, text, 4) == 4 && memcmp(text, "low ", 4) == 0);
  int writer = open("/u/d/e/deep", O_RDWR);
  CHECK(write(writer, "now here", 8) == 8);
  CHECK(read(before, text, 16) == 4 && memcmp(text, "here", 4) == 0);
  // The directories above it have come up with it, and show what they did.
  CHECK(opens("/l/up/d/e/deep") && count_of("/l/up/d") == 1 && count_of("/u/d") == 3);
  CHECK(begins_with("/u/d/b", "mid b"));
  make_file("/u/d/e/deep", "and again");
  CHECK(read(before, text, 16) == 1 && text[0] == 'n');
  CHECK(close(before) == 0 && close(writer) == 0);
  CHECK(begins_with("/l/low/d/e/deep", "low deep"));
  // A working directory of before goes on, too.
  CHECK(chdir("/u/only") == 0);
  make_file("new", "new");
  make_file("x", "changed");
  CHECK(begins_with("/u/only/x", "changed") && begins_with("x", "changed"));
  CHECK(listed(".", "new") == 1 && begins_with("/l/up/only/new", "new"));
  CHECK(chdir("/") == 0 && begins_with("/l/low/only/x", "low x"));
  CHECK(umount("/u") == 0);
}

static void names_stay_one(void) {
  CHECK(link("/l/low/f", "/l/low/f2") == 0 && link("/l/low/f", "/l/low/only/f3") == 0);
  CHECK(union_mount(THREE, 0) == 0);
  CHECK(same_file("/u/f", "/u/f2") && same_file("/u/f", "/u/only/f3"));
  CHECK(facts("/u/f").nlink == 3);
  int other = open("/u/f2", O_RDONLY);
  make_file("/u/f", "for all");
  CHECK(begins_with("/u/f2", "for all") && begins_with("/u/only/f3", "for all"));
  char text[8] = {0};
  CHECK(read(other, text, 7) == 7 && memcmp(text, "for all", 7) == 0 && close(other) == 0);
  CHECK(same_file("/u/f", "/u/f2") && same_file("/u/f", "/u/only/f3"));
  CHECK(facts("/u/f").nlink == 3);
  // The layers by themselves say so.
  CHECK(same_file("/l/up/f", "/l/up/f2") && same_file("/l/up/f", "/l/up/only/f3"));
  CHECK(umount("/u") == 0 && union_mount(THREE, 0) == 0);
  CHECK(same_file("/u/f", "/u/only/f3") && begins_with("/u/only/f3", "for all"));
  // One name less, and the others are what they were.
  CHECK(unlink("/u/f2") == 0 && facts("/u/f").nlink == 2 && !opens("/u/f2"));
  CHECK(begins_with("/u/only/f3", "for all") && begins_with("/l/low/f2", "low f"));
  CHECK(umount("/u") == 0);

  // Names that were removed before do not come back with the copy.
  CHECK(link("/l/low/g", "/l/low/g2") == 0 && link("/l/low/g", "/l/low/g3") == 0);
  CHECK(mount("x", "/u", "overlay", 0, "lowerdir=/l/low,upperdir=/l/up") == 0);
  CHECK(facts("/u/g").nlink == 3 && unlink("/u/g2") == 0 && facts("/u/g").nlink == 2);
  make_file("/u/g3", "three");
  CHECK(begins_with("/u/g", "three") && !opens("/u/g2") && facts("/u/g3").nlink == 2);
  // A new name: of what a lower layer has, and of what is up already.
  CHECK(link("/u/d/a", "/u/a2") == 0 && same_file("/u/a2", "/u/d/a") && facts("/u/a2").nlink == 2);
  make_file("/u/a2", "by a2");
  CHECK(begins_with("/u/d/a", "by a2"));
  CHECK(link("/u/a2", "/u/d/e/a3") == 0 && facts("/u/d/a").nlink == 3);
  CHECK(link("/u/a2", "/u/g") == -1 && link("/u/d", "/u/d2") == -1 && link("/u/no", "/u/n") == -1);
  CHECK(umount("/u") == 0);
  CHECK(unlink("/l/low/f2") == 0 && unlink("/l/low/only/f3") == 0);
  CHECK(unlink("/l/low/g2") == 0 && unlink("/l/low/g3") == 0);
}

static void without_a_name(void) {
  CHECK(mount("x", "/u", "overlay", 0, "lowerdir=/l/low,upperdir=/l/up2") == 0);
  int file = open("/u/d/a", O_RDWR);
  CHECK(unlink("/u/d/a") == 0 && write(file, "still", 5) == 5);
  struct stat status;
  CHECK(fstat(file, &status) == 0 && status.nlink == 0 && status.size == 5);
  CHECK(!opens("/u/d/a") && begins_with("/l/low/d/a", "low a"));
  make_file("/u/d/a", "another");
  CHECK(write(file, " here", 5) == 5 && begins_with("/u/d/a", "another") && close(file) == 0);
  CHECK(begins_with("/u/d/a", "another"));
  CHECK(umount("/u") == 0);
}

int main(void) {
  make_layers();
  data_comes_along();
  descriptors_see_it();
  names_stay_one();
  make_directory("/l/up2");
  without_a_name();
  lower_is_unchanged();
  return 0;
}
