// mount: a directory or a file is also somewhere else, and hides what was there.
#include "mounts.h"

static void directories(void) {
  CHECK(mkdir("/a") == 0 && mkdir("/a/in") == 0 && mkdir("/b") == 0 && mkdir("/b/at") == 0);
  make_file("/a/f", "shown");
  make_file("/b/at/hidden", "hidden");
  CHECK(bind_mount("/a", "/b/at", 0) == 0);

  // The same directory, in two places.
  CHECK(same_file("/a", "/b/at") && same_file("/a/f", "/b/at/f"));
  CHECK(facts("/b/at").dev == 1);
  CHECK(!opens("/b/at/hidden"));
  make_file("/b/at/new", "new");
  CHECK(begins_with("/a/new", "new"));
  CHECK(unlink("/a/new") == 0 && !opens("/b/at/new"));

  // `..` at the top leads to where it is mounted, whatever the way there, and below as everywhere.
  CHECK(same_file("/b/at/..", "/b") && same_file("/a/..", "/"));
  CHECK(same_file("/b/at/in/..", "/a") && same_file("/b/at/in/../..", "/b"));
  CHECK(chdir("/b/at/in") == 0 && same_file("../..", "/b") && chdir("..") == 0);
  CHECK(same_file("..", "/b") && same_file(".", "/a"));
  CHECK(chdir("/a/in") == 0 && same_file("../..", "/") && chdir("/") == 0);

  // A program that is reached through it runs.
  int status;
  CHECK(mkdir("/a/bin") == 0 && link("/true", "/a/bin/true") == 0);
  int child = fork();
  if (child == 0) {
    exec("/b/at/bin/true", (char *[]){"true", 0});
    exit(1);
  }
  CHECK(wait(&status) == child && status == 0);
  CHECK(unlink("/a/bin/true") == 0 && unlink("/a/bin") == 0);
}

static void files(void) {
  make_file("/c", "seen");
  make_file("/b/file", "covered");
  CHECK(bind_mount("/c", "/b/file", 0) == 0);
  CHECK(begins_with("/b/file", "seen") && same_file("/b/file", "/c"));
  make_file("/b/file", "more");
  CHECK(begins_with("/c", "more"));
  // What is hidden is as it was.
  CHECK(umount("/b/file") == 0 && begins_with("/b/file", "covered"));
  CHECK(bind_mount("/c", "/b/file", 0) == 0);
  // O_CREATE finds what is mounted there.
  int file = open("/b/file", O_CREATE | O_RDONLY);
  char byte;
  CHECK(read(file, &byte, 1) == 1 && byte == 'm' && close(file) == 0);
  // The name is taken, and cannot be removed.
  CHECK(mkdir("/b/file") == -1 && link("/a/f", "/b/file") == -1);
  CHECK(unlink("/b/file") == -1 && unlink("/b/at") == -1);
  CHECK(umount("/b/file") == 0 && unlink("/b/file") == 0);
}

static void one_above_another(void) {
  CHECK(mkdir("/d") == 0);
  make_file("/d/top", "");
  CHECK(bind_mount("/d", "/b/at", 0) == 0);
  CHECK(opens("/b/at/top") && !opens("/b/at/f"));
  CHECK(same_file("/b/at/..", "/b"));
  CHECK(umount("/b/at") == 0);
  CHECK(opens("/b/at/f"));
  // What is mounted below is not part of what a bind shows.
  CHECK(bind_mount("/d", "/a/in", 0) == 0);
  CHECK(opens("/a/in/top") && !opens("/b/at/in/top"));
  CHECK(umount("/a/in") == 0);
  // A directory within itself: no end of it, and every `..` leads back.
  CHECK(bind_mount("/a", "/a/in", 0) == 0);
  CHECK(opens("/a/in/f") && same_file("/a/in/in/..", "/a"));
  CHECK(chdir("/a/in/in") == 0 && same_file("../..", "/a") && chdir("/") == 0);
  CHECK(umount("/a/in") == 0 && unlink("/d/top") == 0 && unlink("/d") == 0);
}

static void at_the_root(void) {
  CHECK(bind_mount("/b", "/", 0) == 0);
  CHECK(opens("/at/hidden") && !opens("/a/f") && same_file("/..", "/at/.."));
  CHECK(umount("/") == 0 && opens("/a/f"));
}

static void across(void) {
  CHECK(link("/a/f", "/b/at/g") == -1 && link("/b/at/f", "/a/g") == -1);
  CHECK(link("/a/f", "/b/g") == 0 && unlink("/b/g") == 0);
  CHECK(link("/b/at/f", "/b/at/g") == 0 && unlink("/a/g") == 0);
}

static void refused(void) {
  CHECK(bind_mount("/missing", "/b", 0) == -1);
  CHECK(bind_mount("/a", "/missing", 0) == -1);
  CHECK(bind_mount("/a", "/c", 0) == -1);
  CHECK(bind_mount("/c", "/b", 0) == -1);
  CHECK(bind_mount("/c", "/console", 0) == -1);
  CHECK(bind_mount(NOWHERE, "/b", 0) == -1);
  CHECK(bind_mount("/a", NOWHERE, 0) == -1);
  CHECK(mount("/a", "/b", "none", 0, 0) == -1);
  CHECK(mount("/a", "/b", "disk", 0, 0) == -1);
  CHECK(mount("/a", "/b", "", 0, 0) == -1);
  CHECK(mount("/a", "/b", 0, 0, 0) == -1);
  CHECK(mount("/a", "/b", NOWHERE, 0, 0) == -1);
  CHECK(mount("/a", "/b", "bind", 2, 0) == -1);
  CHECK(mount("/a", "/b", "bind", -1, 0) == -1);
  CHECK(mount("/a", "/b", "bind", 0, "ro") == -1);
  CHECK(mount("/a", "/b", "bind", 0, NOWHERE) == -1);
  CHECK(mount("proc", "/c", "proc", 0, 0) == -1);
  CHECK(mount("proc", "/b", "proc", 0, "x=y") == -1);
  CHECK(mount(0, "/b", 0, MS_REMOUNT, 0) == -1);
  CHECK(same_file("/b/at/..", "/b"));
}

static void elsewhere(void) {
  CHECK(setroot("/a") == 0);
  CHECK(bind_mount("/in", "/in", 0) == -1 && umount("/in") == -1);
}

static int fill(void) {
  int count = 0;
  while (bind_mount("/a", "/b", 0) == 0)
    count++;
  return count;
}

static void too_many(void) {
  int count = fill();
  CHECK(count >= 28 && count < 32);
  CHECK(opens("/b/f"));
  CHECK(umount("/b") == 0 && fill() == 1);
  while (umount("/b") == 0)
    ;
}

int main(void) {
  directories();
  files();
  one_above_another();
  at_the_root();
  across();
  refused();
  CHECK(status_of(elsewhere) == 0);
  too_many();
  CHECK(umount("/b/at") == 0);
  CHECK(begins_with("/b/at/hidden", "hidden"));
  CHECK(unlink("/b/at/hidden") == 0 && unlink("/b/at") == 0 && unlink("/b") == 0);
  CHECK(unlink("/a/f") == 0 && unlink("/a/in") == 0 && unlink("/a") == 0 && unlink("/c") == 0);
  return 0;
}
