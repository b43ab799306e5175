// escape: tries to get at a file outside the caller's root (`/secret`, or what is named), by every
// spelling and every call that has worked on some kernel. Exit status 0 if nothing did.
#include "guest.h"

static int tried, worked;

static void note(int success, const char *what, const char *detail) {
  tried++;
  if (!success)
    return;
  worked++;
  printf("escape: %s %s worked\n", what, detail);
}

static int opens(const char *path) {
  int file = open(path, O_RDONLY);
  close(file);
  return file >= 0;
}

// A way up, and the file's name behind it.
static void by_path(const char *way, const char *name) {
  static char path[MAXPATH];
  strcpy(path, way);
  strcpy(path + strlen(path), name);
  note(opens(path), "open", path);
}

static unsigned inode(const char *path) {
  struct stat status;
  return stat(path, &status) < 0 ? 0 : status.ino;
}

int main(int argc, char **argv) {
  static const char *const ways[] = {
      "",         "/",          "..",         "../..",        "/..",       "/../..",
      "./..",     "/./..",      "//..//..",   "d/..",         "d/../..",   "/d/../..",
      "d/./../..", "../../../../../../../..", "/../d/../..",  "d/d/../../..", ".././..",
  };
  const char *name = argc > 1 ? argv[1] : "/secret";
  unsigned root = inode("/");
  mkdir("d");
  mkdir("d/d");
  for (unsigned way = 0; way < sizeof ways / sizeof *ways; way++) {
    by_path(ways[way], name);
    unsigned found = inode(ways[way]);
    note(found && found != root && ways[way][strlen(ways[way]) - 1] == '.' &&
             strcmp(ways[way], "d/.."), "the directory", ways[way]);
  }
  for (int level = 0; level < 4; level++) {
    chdir("..");
    note(inode(".") != root, "chdir", "..");
    note(opens(name) || opens(name + 1), "after chdir, open", name);
  }
  note(setroot("../..") == 0 && inode("/") != root, "setroot", "../..");
  note(cm_setroot("/..", 3) == 0, "cm_setroot", "/..");
  note(link(name, "/d/stolen") == 0, "link", name);
  note(mknod("/d/console", CONSOLE, 0) == 0, "mknod", "/d/console");
  note(opens("/console"), "open", "/console");
  note(kill(2) == 0, "kill", "2");  // itself is 1 in there
  note(prio_set(getpid(), 0) == 0, "prio_set", "0");
  note(cm_create_and_enter() == 0, "cm_create_and_enter", "");
  unlink("d/d");
  unlink("d");
  printf("escape: %d ways tried, %d worked\n", tried, worked);
  return worked ? 1 : 0;
}
