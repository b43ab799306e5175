// Removing hides what a lower layer has; a directory made where one was removed is empty.
#include "unions.h"

static void files(void) {
  CHECK(unlink("/u/f") == 0);
  CHECK(!opens("/u/f") && listed("/u", "f") == 0 && unlink("/u/f") == -1);
  CHECK(begins_with("/l/low/f", "low f"));
  CHECK(facts("/l/up/f").type == T_DEVICE);
  // It is gone from all layers, not from the uppermost that has it.
  CHECK(unlink("/u/g") == 0 && !opens("/u/g"));
  // Made again it is another, and empty; removed again it is gone.
  make_file("/u/f", "");
  CHECK(facts("/u/f").size == 0 && listed("/u", "f") == 1 && facts("/u/f").nlink == 1);
  CHECK(unlink("/u/f") == 0 && !opens("/u/f"));
  CHECK(mkdir("/u/f") == 0 && count_of("/u/f") == 0 && facts("/u/f").nlink == 1);
  CHECK(unlink("/u/f") == 0 && !opens("/u/f"));
  CHECK(link("/u/d/a", "/u/f") == 0 && begins_with("/u/f", "low a"));
  CHECK(unlink("/u/f") == 0 && begins_with("/u/d/a", "low a"));
  // What no lower layer has leaves nothing.
  make_file("/u/own", "own");
  CHECK(unlink("/u/own") == 0 && !opens("/l/up/own") && count_of("/l/up") == 3);
}

static void directories(void) {
  CHECK(unlink("/u/d") == -1 && unlink("/u/d/e") == -1 && unlink("/u/only") == -1);
  CHECK(unlink("/u/d/e/deep") == 0 && count_of("/u/d/e") == 0);
  CHECK(unlink("/u/d/e") == 0 && !opens("/u/d/e") && facts("/u/d").nlink == 1);
  CHECK(unlink("/u/d/a") == 0 && unlink("/u/d/b") == 0);
  CHECK(count_of("/u/d") == 0 && unlink("/u/d") == 0 && !opens("/u/d"));
  CHECK(mkdir("/u/d") == 0);
  CHECK(count_of("/u/d") == 0 && !opens("/u/d/a") && !opens("/u/d/b") && !opens("/u/d/e"));
  make_file("/u/d/a", "new a");
  CHECK(begins_with("/u/d/a", "new a") && count_of("/u/d") == 1);
  CHECK(unlink("/u/d/a") == 0 && !opens("/u/d/a"));
  // A directory below it that a lower layer has is not shown, and can be made.
  CHECK(mkdir("/u/d/e") == 0 && count_of("/u/d/e") == 0 && !opens("/u/d/e/deep"));
  CHECK(chdir("/u/d/e") == 0 && unlink("/u/d/e") == 0);
  CHECK(open("new", O_CREATE) == -1 && open("..", O_RDONLY) == -1 && opens("."));
  CHECK(mkdir("/u/d/e") == 0 && open("new", O_CREATE) == -1 && chdir("/") == 0);
  CHECK(unlink("/u/d/e") == 0);
}

// A directory can be read and emptied at the same time.
static void while_reading(void) {
  char name[] = "/u/many/f00";
  CHECK(mkdir("/u/many") == 0);
  for (int number = 0; number < 40; number++) {
    name[9] = (char)('0' + number / 10), name[10] = (char)('0' + number % 10);
    make_file(name, "");
  }
  struct dirent entry;
  int file = open("/u/many", O_RDONLY);
  while (read(file, &entry, sizeof entry) == sizeof entry)
    if (entry.inum && entry.name[0] == 'f') {
      memcpy(name + 8, entry.name, 3);
      CHECK(unlink(name) == 0);
    }
  CHECK(close(file) == 0 && count_of("/u/many") == 0 && unlink("/u/many") == 0);
}

int main(void) {
  make_layers();
  CHECK(union_mount(THREE, 0) == 0);
  files();
  directories();
  while_reading();
  lower_is_unchanged();
  // All of it is in the layers: another mount shows the same.
  CHECK(umount("/u") == 0 && union_mount(THREE, 0) == 0);
  CHECK(!opens("/u/f") && !opens("/u/g") && count_of("/u/d") == 0 && !opens("/u/d/a"));
  CHECK(begins_with("/u/only/x", "low x") && count_of("/u") == 2);
  // mknod of a whiteout is none; of another device a file of the upper layer.
  CHECK(mknod("/u/w", 0, 0) == -1 && mknod("/u/c", 1, 0) == 0 && facts("/l/up/c").type == T_DEVICE);
  CHECK(unlink("/u/c") == 0);
  // A whiteout in a lower layer hides what is below it, and not what is above.
  CHECK(umount("/u") == 0);
  CHECK(mknod("/l/mid/f", 0, 0) == 0 && unlink("/l/up/f") == 0 && union_mount(THREE, 0) == 0);
  CHECK(!opens("/u/f") && listed("/u", "f") == 0);
  make_file("/u/f", "again");
  CHECK(unlink("/u/f") == 0 && !opens("/l/up/f"));
  CHECK(umount("/u") == 0 && unlink("/l/mid/f") == 0);
  lower_is_unchanged();
  return 0;
}
