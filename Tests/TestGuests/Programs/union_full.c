// When the disk is full in the middle of a change, nothing of it is half done.
#include "unions.h"

static char block[1024];

// Takes all blocks but so many, which `free_blocks` gives back.
static void fill(int left) {
  int file = open("/fill", O_CREATE | O_WRONLY | O_TRUNC);
  int number = 0;
  while (write(file, block, sizeof block) == sizeof block)
    if (++number % 268 == 0) {
      char name[] = "/fill0";
      name[5] = (char)('a' + number / 268);
      close(file);
      file = open(name, O_CREATE | O_WRONLY | O_TRUNC);
    }
  close(file);
  char name[] = "/room0";
  for (int index = 0; index < left; index++) {
    name[5] = (char)('0' + index);
    CHECK(unlink(name) == 0);
  }
}

static void give_back(void) {
  char name[] = "/fill0";
  unlink("/fill");
  for (char letter = 'a'; letter < 'z'; letter++) {
    name[5] = letter;
    unlink(name);
  }
}

// Files of one block each, made in advance, whose blocks are the room that there is.
static void make_room(void) {
  char name[] = "/room0";
  for (int index = 0; index < 10; index++) {
    name[5] = (char)('0' + index);
    make_file(name, "r");
  }
}

int main(void) {
  make_layers();
  make_file("/l/low/d/e/big", "");
  int file = open("/l/low/d/e/big", O_WRONLY);
  for (int index = 0; index < 4; index++)
    CHECK(write(file, block, sizeof block) == sizeof block);
  close(file);
  CHECK(link("/l/low/d/e/big", "/l/low/only/big2") == 0);
  for (int room = 0; room < 9; room++) {
    make_room();
    fill(room);
    CHECK(union_mount(THREE, 0) == 0);
    CHECK(same_file("/u/d/e/big", "/u/only/big2"));
    file = open("/u/d/e/big", O_RDWR);
    // Three directories with a block each, and four blocks of data.
    int done = write(file, "x", 1);
    close(file);
    CHECK(done == (room >= 7 ? 1 : -1));
    if (done != 1) {
      CHECK(count_of("/l/up") == 0);
      CHECK(facts("/u/d/e/big").size == 4096 && facts("/u/d/e/big").nlink == 2);
      CHECK(room > 0 || (unlink("/u/d/e/big") == -1 && mkdir("/u/d/n") == -1));
      CHECK(room > 0 || link("/u/f", "/u/d/n") == -1);
      CHECK(count_of("/l/up") == 0 && opens("/u/d/e/big"));
      // All the room is there still.
      file = open("/again", O_CREATE | O_WRONLY);
      for (int index = 0; index < room; index++)
        CHECK(write(file, block, sizeof block) == sizeof block);
      CHECK(write(file, block, sizeof block) == -1);
      CHECK(close(file) == 0 && unlink("/again") == 0);
    }
    CHECK(umount("/u") == 0);
    give_back();
    for (char digit = '0'; digit <= '9'; digit++) {
      char name[] = "/room0";
      name[5] = digit;
      unlink(name);
    }
    CHECK(facts("/l/low/d/e/big").size == 4096 && begins_with("/l/low/d/e/big", ""));
  }
  return 0;
}
