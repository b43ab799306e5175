// What unions do with their layers, and whose mounts are seen.
#include "provoke.h"

static int looks_for(const char *path) {
  struct stat status;
  return stat(path, &status) == 0;
}

static void change(void) {
  int file = open("/u/f", O_WRONLY);
  CHECK(file >= 0 && write(file, "new", 3) == 3 && close(file) == 0);
  CHECK(begins_with("/u/f", "new"));
  // One file by two names.
  file = open("/u/g", O_WRONLY);
  CHECK(file >= 0 && write(file, "new", 3) == 3 && close(file) == 0);
  CHECK(begins_with("/u/h", "new"));
}

static void remove(void) {
  CHECK(unlink("/u/f") == 0);
  CHECK(!looks_for("/u/f"));
  CHECK(unlink("/u/d/a") == 0 && unlink("/u/d") == 0 && mkdir("/u/d") == 0);
  CHECK(!looks_for("/u/d/a"));
}

static void mounts_within(void) {
  enter();
  CHECK(mount("overlay", "/v", "overlay", 0, "lowerdir=/l/low") == 0);
  CHECK(looks_for("/v/f"));
}

int main(void) {
  static const char *const directories[] = {"/u", "/v", "/l", "/l/low", "/l/up", "/l/low/d"};
  for (unsigned index = 0; index < sizeof directories / sizeof *directories; index++)
    CHECK(mkdir(directories[index]) == 0);
  make_file("/l/low/f", "old");
  make_file("/l/low/g", "old");
  make_file("/l/low/d/a", "old");
  CHECK(link("/l/low/g", "/l/low/h") == 0);
  CHECK(mount("overlay", "/u", "overlay", 0, "lowerdir=/l/low,upperdir=/l/up") == 0);
  change();
  remove();
  make_gate();
  int neighbour = hold(mounts_within);
  CHECK(!looks_for("/v/f"));
  open_gate();
  CHECK(wait(0) == neighbour);
  CHECK(!looks_for("/v/f"));
  CHECK(umount("/u") == 0);
  return 0;
}
