// A container's table of mounts: a copy of its creator's, and from then on its own.
#include "mounts.h"

static struct gate ready, gate;

static void inside(void) {
  CHECK(cm_create_and_enter() == 0);
  CHECK(open("/before/f", O_RDONLY) >= 0);  // by its own table
  CHECK(facts("/proc").dev != 1);
  tell(ready, getcid());
  CHECK(hear(gate) == 1);
  CHECK(!opens("/later/f"));  // mounted outside since then
  CHECK(opens("/before/f"));  // unmounted outside since then
  CHECK(bind_mount("/a", "/within", 0) == 0);
  CHECK(mkdir("/box/at") == 0 && bind_mount("/a", "/box/at", MS_RDONLY) == 0);
  // Until the root is set, whoever is in there mounts, for all of them.
  int status, member = fork();
  if (member == 0) {
    CHECK(bind_mount("/a", "/a/in", 0) == 0 && opens("/a/in/f"));
    exit(0);
  }
  CHECK(wait(&status) == member && status == 0);
  CHECK(opens("/a/in/f") && umount("/a/in") == 0);
  tell(ready, 2);
  CHECK(hear(gate) == 2);
  CHECK(cm_setroot("/box", 4) == 0);
  CHECK(opens("/at/f") && same_file("/at/..", "/") && same_file("/at/../../..", "/"));
  CHECK(!opens("/at/../../box") && !opens("/before/f"));
  CHECK(chdir("/at/in") == 0 && same_file("../..", "/") && same_file("../../..", "/"));
  CHECK(chdir("/") == 0);
  // Nobody in there mounts, or takes away what hides something.
  CHECK(bind_mount("/at", "/at", 0) == -1 && umount("/at") == -1);
  CHECK(mount(0, "/at", 0, MS_REMOUNT, 0) == -1);
  CHECK(mount("proc", "/at", "proc", 0, 0) == -1);
  CHECK(open("/at/new", O_CREATE) == -1);
  tell(ready, 3);
  CHECK(hear(gate) == 3);
}

static void joins(int cid) {
  CHECK(cm_join(cid) == 0);
  CHECK(opens("/at/f") && open("/at/new", O_CREATE) == -1 && !opens("/before/f"));
  CHECK(umount("/at") == -1);
  CHECK(chdir("at") == 0 && same_file("..", "/"));
  exit(0);
}

int main(void) {
  const char *directories[] = {"/a", "/a/in", "/before", "/later", "/within", "/box"};
  for (int index = 0; index < 6; index++)
    CHECK(mkdir(directories[index]) == 0);
  make_file("/a/f", "");
  CHECK(bind_mount("/a", "/before", 0) == 0);
  ready = make_gate();
  gate = make_gate();
  int child = fork();
  if (child == 0) {
    inside();
    exit(0);
  }
  int cid = hear(ready);
  CHECK(cid > 0);
  CHECK(bind_mount("/a", "/later", 0) == 0);
  // The container's own table has the mount still, and files of it open.
  CHECK(umount("/before") == 0);
  tell(gate, 1);
  CHECK(hear(ready) == 2);
  CHECK(!opens("/within/f") && !opens("/box/at/f"));
  CHECK(umount("/within") == -1);
  tell(gate, 2);
  CHECK(hear(ready) == 3);
  int status;
  int joining = fork();
  if (joining == 0)
    joins(cid);
  CHECK(wait(&status) == joining && status == 0);
  tell(gate, 3);
  CHECK(wait(&status) == child && status == 0);

  CHECK(umount("/later") == 0);
  CHECK(unlink("/box/at") == 0 && unlink("/a/f") == 0);
  for (int index = 5; index > 0; index--)
    CHECK(unlink(directories[index]) == 0);
  CHECK(unlink("/a") == 0);
  return 0;
}
