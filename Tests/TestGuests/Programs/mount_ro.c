// A read-only mount: everything that would change it fails, and nothing else.
#include "mounts.h"

static void fails(const char *directory) {
  CHECK(chdir(directory) == 0);
  CHECK(begins_with("f", "as it was"));
  CHECK(open("f", O_WRONLY) == -1 && open("f", O_RDWR) == -1);
  CHECK(open("f", O_RDONLY | O_TRUNC) == -1 && open("f", O_CREATE | O_RDWR) == -1);
  CHECK(open("new", O_CREATE) == -1 && open("in/new", O_CREATE | O_RDWR) == -1);
  CHECK(mkdir("new") == -1 && mknod("new", 1, 0) == -1);
  CHECK(link("f", "new") == -1 && unlink("f") == -1 && unlink("in") == -1);
  // Reading what is there is no change, also with O_CREATE.
  int file = open("f", O_CREATE | O_RDONLY);
  CHECK(file >= 0 && close(file) == 0);
  CHECK(opens(".") && opens("in"));
  CHECK(begins_with("f", "as it was"));
  CHECK(chdir("/") == 0);
}

int main(void) {
  CHECK(mkdir("/a") == 0 && mkdir("/a/in") == 0 && mkdir("/at") == 0);
  make_file("/a/f", "as it was");
  CHECK(bind_mount("/a", "/at", MS_RDONLY) == 0);
  fails("/at");
  CHECK(same_file("/at/f", "/a/f"));

  // By another way the same files can be changed.
  CHECK(open("/a/new", O_CREATE) >= 0 && opens("/at/new") && unlink("/a/new") == 0);

  // A bind of what is read-only is.
  CHECK(mkdir("/at2") == 0);
  CHECK(bind_mount("/at", "/at2", 0) == 0);
  fails("/at2");
  CHECK(umount("/at2") == 0);

  // Its flags can be changed; also under a descriptor that is open for writing.
  CHECK(mount(0, "/at", 0, MS_REMOUNT, 0) == 0);
  int file = open("/at/f", O_RDWR);
  CHECK(file >= 0 && write(file, "as", 2) == 2);
  CHECK(mount(0, "/at", 0, MS_REMOUNT | MS_RDONLY, 0) == 0);
  CHECK(write(file, "xx", 2) == -1);
  fails("/at");
  CHECK(mount(0, "/at", 0, MS_REMOUNT, 0) == 0 && write(file, " i", 2) == 2 && close(file) == 0);
  CHECK(mount(0, "/at/in", 0, MS_REMOUNT, 0) == -1 && mount(0, "/a", 0, MS_REMOUNT, 0) == -1);
  CHECK(mount(0, "/missing", 0, MS_REMOUNT, 0) == -1);

  // The whole disk.
  CHECK(umount("/at") == 0);
  CHECK(mount(0, "/", 0, MS_REMOUNT | MS_RDONLY, 0) == 0);
  fails("/a");
  CHECK(mount(0, "/", 0, MS_REMOUNT, 0) == 0);
  CHECK(unlink("/a/f") == 0 && unlink("/a/in") == 0 && unlink("/a") == 0);
  CHECK(unlink("/at") == 0 && unlink("/at2") == 0);
  return 0;
}
