// setroot: a folder becomes `/`, for the caller and for all that it forks, and no spelling leads out.
#include "contain.h"

static void inherits(void) {
  CHECK(opens("/in/f"));
  CHECK(!opens("/out"));
  CHECK(exec("/true", (char *[]){"true", 0}) == -1);
}

static void nowhere_up(void) {
  static const char *const ways[] = {
      "/../out",       "../out",     "./../out",     "in/../../out",  "/in/../../out",
      "../../out",     "/./../out",  "..//..//out",  "/in/./../../r/../out",
      "in/../../r/in", "/r/in",      "../r/in",      "//../r/in",     "../../../../../../out",
  };
  for (unsigned way = 0; way < sizeof ways / sizeof *ways; way++)
    CHECK(!opens(ways[way]));
  struct stat here, up;
  CHECK(stat("/", &here) == 0);
  CHECK(stat("/..", &up) == 0 && up.ino == here.ino);
  CHECK(stat("/../..", &up) == 0 && up.ino == here.ino);
  CHECK(stat("in/../..", &up) == 0 && up.ino == here.ino);
  CHECK(chdir("..") == 0 && chdir("../..") == 0);
  CHECK(stat(".", &up) == 0 && up.ino == here.ino);
  CHECK(chdir("in") == 0);
  CHECK(!opens("../../out"));
  CHECK(opens("../in/f"));
  CHECK(chdir("/") == 0);
}

static void no_other_way_out(void) {
  CHECK(mkdir("../../new") == 0 && opens("/new"));  // made inside
  CHECK(unlink("/../../new") == 0);
  CHECK(link("/in/f", "/../g") == 0 && opens("/g"));
  CHECK(unlink("/g") == 0);
  CHECK(unlink("/../out") == -1);
  CHECK(exec("/../true", (char *[]){"true", 0}) == -1);
}

static void rooted(void) {
  CHECK(setroot("/r") == 0);
  CHECK(opens("/in/f"));
  CHECK(opens("in/f"));  // it starts there
  CHECK(!opens("/out"));
  nowhere_up();
  no_other_way_out();
  CHECK(status_of(inherits) == 0);
  // A second call only narrows.
  CHECK(setroot("/r") == -1);
  CHECK(setroot("..") == 0);  // where it is
  CHECK(opens("/in/f"));
  CHECK(setroot("/in") == 0);
  CHECK(opens("/f") && !opens("/in/f"));
  struct stat here, up;
  CHECK(stat("/", &here) == 0 && stat("/..", &up) == 0 && here.ino == up.ino);
  CHECK(setroot("/..") == 0);
  CHECK(opens("/f"));
}

static void by_a_relative_path(void) {
  CHECK(chdir("/r") == 0);
  CHECK(setroot("in") == 0);
  CHECK(opens("/f"));
}

static void without_its_folder(void) {
  CHECK(mkdir("/gone") == 0);
  CHECK(setroot("/gone") == 0);
  CHECK(opens("/"));
}

static void failures(void) {
  CHECK(setroot("/missing") == -1);
  CHECK(setroot("/out") == -1);
  CHECK(setroot("/out/") == -1);
  CHECK(setroot((char *)-1) == -1);
  int folder = open("/r/in", O_RDONLY);
  CHECK(folder >= 0);
  CHECK(setroot("/r") == -1);
  int again = dup(folder);
  CHECK(close(folder) == 0);
  CHECK(setroot("/r") == -1);
  CHECK(close(again) == 0);
  int file = open("/out", O_RDONLY);  // a file is no way out
  CHECK(setroot("/r") == 0);
  char byte;
  CHECK(read(file, &byte, 1) == 1 && byte == 'o');
}

// The child's root is the child's: while it has one, the parent sees all.
static void only_the_caller(void) {
  struct gate ready = make_gate(), done = make_gate();
  int child = fork();
  if (child == 0) {
    CHECK(setroot("/r") == 0);
    tell(ready, 1);
    await(done);
    exit(opens("/out"));
  }
  CHECK(hear(ready) == 1);
  CHECK(opens("/out") && opens("/r/in/f"));
  open_gate(done);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

static void with_programs_inside(void) {
  CHECK(link("/true", "/r/t") == 0);
  CHECK(setroot("/r") == 0);
  exec("/t", (char *[]){"t", 0});
  exit(1);
}

static void with_chroot(void) {
  CHECK(chroot("/r") == 0);
  CHECK(opens("/in/f"));
}

int main(void) {
  CHECK(mkdir("/r") == 0 && mkdir("/r/in") == 0);
  make_file("/r/in/f", "in");
  make_file("/out", "out");
  CHECK(status_of(rooted) == 0);
  CHECK(opens("/out"));
  CHECK(status_of(by_a_relative_path) == 0);
  CHECK(status_of(without_its_folder) == 0);
  CHECK(status_of(failures) == 0);
  CHECK(status_of(only_the_caller) == 0);
  CHECK(status_of(with_programs_inside) == 0);
  CHECK(status_of(with_chroot) == 0);
  CHECK(in_container(rooted) == 0);
  return 0;
}
