// Unions that cannot be, and those that cannot be changed.
#include "unions.h"

static void refused(const char *options) {
  CHECK(union_mount(options, 0) == -1);
  CHECK(same_file("/u/..", "/") && facts("/u").dev == 1);
}

static void read_only(void) {
  CHECK(chdir("/u") == 0);
  CHECK(begins_with("f", "low f") && begins_with("g", "mid g") && count_of("d") == 3);
  CHECK(open("f", O_WRONLY) == -1 && open("f", O_RDWR) == -1 && open("f", O_TRUNC) == -1);
  CHECK(open("new", O_CREATE | O_RDWR) == -1 && mkdir("new") == -1 && mknod("new", 1, 0) == -1);
  CHECK(unlink("f") == -1 && unlink("d/e/deep") == -1 && link("f", "new") == -1);
  CHECK(chdir("/") == 0);
}

int main(void) {
  make_layers();
  refused("");
  CHECK(mount("x", "/u", "overlay", 0, 0) == -1);
  refused("upperdir=/l/up");
  refused("lowerdir=");
  refused("lowerdir=/l/low:");
  refused("lowerdir=/l/low,upperdir=");
  refused("lowerdir=/l/low,lowerdir=/l/mid");
  refused("lowerdir=/l/low,index=on");
  refused("lowerdir=/l/low,ro");
  refused("lowerdir=/l/missing");
  refused("lowerdir=/l/low/f");
  refused("lowerdir=/l/low,upperdir=/l/missing");
  refused("lowerdir=/l/low,upperdir=/l/low/f");
  refused("lowerdir=/proc");
  // Inside each other, or twice.
  refused("lowerdir=/l/low:/l/low");
  refused("lowerdir=/l/low/d:/l/low");
  refused("lowerdir=/l:/l/low");
  refused("lowerdir=/l/low,upperdir=/l/low/d");
  refused("lowerdir=/l/low/d,upperdir=/l/low");
  // Inside the union itself.
  make_directory("/u/in");
  refused("lowerdir=/u/in");
  refused("lowerdir=/l/low,upperdir=/u/in");
  CHECK(unlink("/u/in") == 0);
  CHECK(mount("x", "/l/low/f", "overlay", 0, THREE) == -1);
  CHECK(mount("x", "/missing", "overlay", 0, THREE) == -1);
  CHECK(mount("x", "/u", "overlay", 0, NOWHERE) == -1);

  // Without an upper layer, however it is mounted.
  CHECK(union_mount("lowerdir=/l/mid:/l/low", 0) == 0);
  read_only();
  CHECK(mount(0, "/u", 0, MS_REMOUNT, 0) == 0);
  read_only();
  CHECK(umount("/u") == 0);
  // Mounted read-only.
  CHECK(union_mount(THREE, MS_RDONLY) == 0);
  read_only();
  CHECK(mount(0, "/u", 0, MS_REMOUNT, 0) == 0 && open("/u/new", O_CREATE) >= 0);
  CHECK(umount("/u") == -1);  // it is open
  CHECK(close(3) == 0 && unlink("/u/new") == 0);

  // Nobody else changes a layer of a union.
  make_directory("/v");
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/l/mid,upperdir=/l/up") == -1);
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/l/only,upperdir=/l/low") == -1);
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/l/up") == -1);
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/l/low") == 0 && umount("/v") == 0);
  CHECK(mount("x", "/v", "overlay", 0, "lowerdir=/u") == -1);
  // A union can be shown elsewhere, too.
  CHECK(bind_mount("/u/d", "/v", 0) == 0 && same_file("/v", "/u/d") && same_file("/v/..", "/"));
  CHECK(umount("/u") == 0 && begins_with("/v/b", "mid b") && umount("/v") == 0);

  // Names with separators in them.
  make_directory("/l/a:b");
  make_directory("/l/c,d");
  make_file("/l/a:b/f", "colon");
  CHECK(union_mount("lowerdir=/l/a\\:b,upperdir=/l/c\\,d", 0) == 0 && begins_with("/u/f", "colon"));
  make_file("/u/g", "comma");
  CHECK(umount("/u") == 0 && begins_with("/l/c,d/g", "comma"));
  lower_is_unchanged();
  return 0;
}
