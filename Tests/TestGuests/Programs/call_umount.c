// umount: what was hidden is back; not while anything there is in use.
#include "mounts.h"

static struct gate ready, gate;

static void stands_there(void) {
  CHECK(chdir("/at/in") == 0);
  tell(ready, 1);
  await(gate);
}

static void has_its_root_there(void) {
  CHECK(setroot("/at") == 0);
  tell(ready, 1);
  await(gate);
}

// The mount cannot be taken away while a child does something, and can when that has ended.
static void busy_while(void (*body)(void)) {
  ready = make_gate();
  gate = make_gate();
  int child = fork();
  if (child == 0) {
    body();
    exit(0);
  }
  CHECK(hear(ready) == 1);
  CHECK(umount("/at") == -1);
  open_gate(gate);
  close(ready.ends[0]);
  close(ready.ends[1]);
  CHECK(wait(0) == child);
  CHECK(umount("/at") == 0);
  CHECK(bind_mount("/a", "/at", 0) == 0);
}

int main(void) {
  CHECK(mkdir("/a") == 0 && mkdir("/a/in") == 0 && mkdir("/at") == 0);
  make_file("/a/f", "");
  CHECK(bind_mount("/a", "/at", 0) == 0);

  CHECK(umount("/a") == -1);        // nothing is mounted there
  CHECK(umount("/at/in") == -1);
  CHECK(umount("/at/f") == -1);
  CHECK(umount("/missing") == -1);
  CHECK(umount(NOWHERE) == -1);
  CHECK(umount("/") == -1);         // it is everybody's root

  // Open, by that way only.
  int file = open("/a/f", O_RDONLY);
  CHECK(umount("/at") == 0 && bind_mount("/a", "/at", 0) == 0);
  close(file);
  file = open("/at/f", O_RDONLY);
  int copy = dup(file);
  close(file);
  CHECK(umount("/at") == -1);
  close(copy);
  file = open("/at", O_RDONLY);
  CHECK(umount("/at") == -1);
  close(file);
  // A working directory; a root; a mount.
  CHECK(chdir("/at") == 0 && umount("/at") == -1 && umount(".") == -1 && chdir("/a") == 0);
  CHECK(chdir("/") == 0);
  busy_while(stands_there);
  busy_while(has_its_root_there);
  CHECK(bind_mount("/a", "/at/in", 0) == 0);
  CHECK(umount("/at") == -1);
  CHECK(umount("/at/in") == 0 && umount("/at") == 0 && umount("/at") == -1);
  CHECK(!opens("/at/f"));

  // What a mount shows lives on without a name, and with it gone it goes.
  CHECK(mkdir("/b") == 0);
  make_file("/b/g", "");
  CHECK(bind_mount("/b", "/at", 0) == 0);
  CHECK(unlink("/b/g") == 0 && unlink("/b") == 0);
  CHECK(chdir("/at") == 0 && open("new", O_CREATE) == -1 && same_file(".", "/at"));
  CHECK(chdir("/") == 0 && umount("/at") == 0);

  // At boot /proc is mounted, and can be elsewhere too.
  CHECK(facts("/proc").dev != 1 && facts("/proc").type == T_DIR && same_file("/proc/..", "/"));
  CHECK(open("/proc/new", O_CREATE) == -1 && mkdir("/proc/new") == -1 && unlink("/proc/x") == -1);
  CHECK(mount("proc", "/at", "proc", 0, 0) == 0 && same_file("/at", "/proc"));
  CHECK(same_file("/at/..", "/") && umount("/at") == 0);
  CHECK(umount("/proc") == 0 && facts("/proc").dev == 1);
  CHECK(mount("proc", "/proc", "proc", 0, 0) == 0 && facts("/proc").dev != 1);

  CHECK(unlink("/a/f") == 0 && unlink("/a/in") == 0 && unlink("/a") == 0 && unlink("/at") == 0);
  return 0;
}
