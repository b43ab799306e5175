// mknod: a node for a device.
#include "check.h"

int main(void) {
  struct stat status;
  CHECK(mknod("device", CONSOLE, 0) == 0);
  CHECK(stat("device", &status) == 0);
  CHECK(status.type == T_DEVICE && status.nlink == 1 && status.size == 0);
  int device = open("device", O_WRONLY);
  CHECK(device >= 0 && write(device, "typed\n", 6) == 6 && close(device) == 0);

  CHECK(mknod("device", CONSOLE, 0) == -1);
  make_file("file", "");
  CHECK(mknod("file", CONSOLE, 0) == -1);
  CHECK(mknod("/", CONSOLE, 0) == -1);
  CHECK(mknod("", CONSOLE, 0) == -1);
  CHECK(mknod("missing/device", CONSOLE, 0) == -1);
  CHECK(mknod(NOWHERE, CONSOLE, 0) == -1);

  // A node for a device that there is not: it can be neither read nor written.
  CHECK(mknod("nothing", 7, 0) == 0);
  device = open("nothing", O_RDWR);
  char byte;
  if (device >= 0) {
    CHECK(read(device, &byte, 1) == -1);
    CHECK(write(device, "x", 1) == -1);
    CHECK(close(device) == 0);
  }
  CHECK(unlink("nothing") == 0 && unlink("device") == 0);
  CHECK(stat("device", &status) == -1);
  return 0;
}
