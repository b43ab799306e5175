// Attack: get out of a root by a path. Every path of up to three parts out of eleven, with one and
// several slashes, through every call that takes a path. What is outside keeps its inode and its
// contents, and nothing inside has the inode of anything outside.
#include "provoke.h"

enum { PARTS = 11, DEPTH = 3 };
static const char *const parts[PARTS] = {
    "..", ".", "", "in", "deep", "file", "link", "dev", "a-name-of-14-b", "a-name-of-14-bytes-cut", "...",
};
static unsigned outside[8];
static int count;

static int is_outside(const char *path) {
  struct stat found;
  if (stat(path, &found) < 0)
    return 0;
  for (int index = 0; index < count; index++)
    if (found.ino == outside[index])
      return 1;
  return 0;
}

static void try_path(const char *path) {
  CHECK(!is_outside(path));
  CHECK(open(path, O_RDWR) < 0 || 1);
  for (int descriptor = 3; descriptor < 16; descriptor++)
    close(descriptor);
}

static void spell(char *path, int length, int depth) {
  if (length > 0)
    try_path(path);
  if (depth == 0)
    return;
  for (int index = 0; index < PARTS; index++) {
    int size = (int)strlen(parts[index]);
    memcpy(path + length, parts[index], (size_t)size);
    path[length + size] = '/';
    path[length + size + 1] = 0;
    spell(path, length + size + 1, depth - 1);
    path[length + size] = 0;
    if (depth == 1)
      try_path(path);
  }
}

static void climb(void) {
  static char path[PGSIZE];
  // As many `..` as fit into a path, and one more.
  for (int length = 0; length < 124; length += 3)
    memcpy(path + length, "../", 4);
  CHECK(!is_outside(path));
  for (int length = 0; length < 300; length += 3)
    memcpy(path + length, "../", 4);
  CHECK(!is_outside(path) && chdir(path) == -1);
  for (int depth = 0; depth < 20; depth++)
    CHECK(chdir("..") == 0);
  CHECK(!is_outside(".") && !is_outside(".."));
}

static void remove_the_ground(void) {
  CHECK(mkdir("gone") == 0 && chdir("gone") == 0 && unlink("/gone") == 0);
  CHECK(!is_outside("..") && !is_outside("../.."));
  CHECK(mkdir("x") == -1 && open("x", O_CREATE | O_RDWR) == -1);
  CHECK(chdir("/") == 0);
}

static void use_calls(void) {
  static const char *const ways[] = {"../secret", "/../secret", "in/../../secret", "/home/secret"};
  char *arguments[] = {"secret", 0};
  for (int index = 0; index < 4; index++) {
    CHECK(open(ways[index], O_RDONLY) == -1);
    CHECK(unlink(ways[index]) == -1);
    CHECK(link(ways[index], "stolen") == -1);
    CHECK(exec(ways[index], arguments) == -1);
    CHECK(setroot(ways[index]) == -1 && chdir(ways[index]) == -1);
  }
  // What is made "outside" is made inside.
  CHECK(mkdir("../planted") == 0);
  CHECK(stat("/planted", &(struct stat){0}) == 0);
  CHECK(link("file", "../../linked") == 0);
  CHECK(stat("/linked", &(struct stat){0}) == 0);
}

static void attack(void) {
  static char path[256];
  enter();
  CHECK(cm_setroot("/home/c1", 8) == 0);
  // A device node and a link that were there before do not help.
  CHECK(open("/dev", O_RDWR) == -1);
  CHECK(mknod("/new", CONSOLE, 0) == -1);
  climb();
  use_calls();
  remove_the_ground();
  path[0] = 0;
  spell(path, 0, DEPTH);
  path[0] = '/';
  spell(path, 1, DEPTH - 1);
  CHECK(setroot("/in") == 0);
  CHECK(!is_outside("..") && stat("/file", &(struct stat){0}) == -1);
}

static void note(const char *path) {
  struct stat found;
  CHECK(stat(path, &found) == 0);
  outside[count++] = found.ino;
}

int main(void) {
  CHECK(mkdir("/home") == 0 && mkdir("/home/c1") == 0 && mkdir("/home/c2") == 0);
  CHECK(mkdir("/home/c1/in") == 0 && mkdir("/home/c1/in/deep") == 0);
  CHECK(mkdir("/home/c1/a-name-of-14-b") == 0);
  CHECK(mknod("/home/c1/dev", CONSOLE, 0) == 0);
  make_file("/home/secret", "outside");
  make_file("/home/c1/file", "inside");
  note("/");
  note("/home");
  note("/home/c2");
  note("/home/secret");
  note("/init");
  CHECK(status_of(attack) == 0);
  CHECK(begins_with("/home/secret", "outside"));
  CHECK(stat("/home/planted", &(struct stat){0}) == -1);
  return 0;
}
