// Layers that somebody changes by another way than the union: what the union shows follows them, and nothing
// that it remembers stands in the way.
#include "unions.h"

int main(void) {
  make_layers();
  CHECK(link("/l/low/f", "/l/low/f2") == 0);
  CHECK(union_mount(THREE, 0) == 0);

  // A copy that loses one of its names, and all of them, in the upper layer.
  make_file("/u/f", "copied");
  CHECK(begins_with("/u/f2", "copied") && unlink("/l/up/f2") == 0);
  CHECK(begins_with("/u/f", "copied") && begins_with("/u/f2", "low f"));
  CHECK(!same_file("/u/f", "/u/f2"));
  CHECK(unlink("/l/up/f") == 0 && begins_with("/u/f", "low f") && same_file("/u/f", "/u/f2"));
  make_file("/u/f2", "again");
  CHECK(begins_with("/u/f", "again"));

  // A directory above a working directory, made and taken away in the upper layer.
  CHECK(chdir("/u/d/e") == 0);
  make_directory("/l/up/d");
  make_directory("/l/up/d/e");
  make_file("/l/up/d/e/new", "by another way");
  CHECK(begins_with("/u/d/e/new", "by another way"));
  CHECK(begins_with("new", "by another way") && begins_with("deep", "low deep"));
  make_file("own", "own");
  CHECK(begins_with("/l/up/d/e/own", "own"));
  CHECK(unlink("/l/up/d/e/own") == 0 && unlink("/l/up/d/e/new") == 0);
  CHECK(unlink("/l/up/d/e") == 0 && unlink("/l/up/d") == 0);
  CHECK(begins_with("deep", "low deep") && count_of(".") == 1);
  make_file("own", "again");
  CHECK(begins_with("/l/up/d/e/own", "again") && listed(".", "own") == 1);
  // A file where it was.
  CHECK(unlink("own") == 0 && unlink("/l/up/d/e") == 0 && unlink("/l/up/d") == 0);
  make_file("/l/up/d", "a file");
  CHECK(open("own", O_CREATE) == -1 && begins_with("/u/d", "a file"));
  CHECK(chdir("/") == 0 && !opens("/u/d/e") && unlink("/l/up/d") == 0);
  CHECK(begins_with("/u/d/e/deep", "low deep"));

  // The same in a lower layer.
  int file = open("/u/only/x", O_RDWR);
  CHECK(unlink("/l/low/only/x") == 0 && !opens("/u/only/x"));
  CHECK(write(file, "kept", 4) == 4 && close(file) == 0 && !opens("/u/only/x"));
  make_file("/l/low/only/x", "another");
  CHECK(begins_with("/u/only/x", "another"));
  CHECK(unlink("/l/low/only/x") == 0 && unlink("/l/low/only") == 0 && !opens("/u/only"));
  CHECK(umount("/u") == 0);
  return 0;
}
