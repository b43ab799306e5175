// setrootdemo: the lecture's two homes. Each of two processes makes one of them its root, and finds
// its own file there and not the other's; a third one, without a root of its own, sees both.
#include "guest.h"

static void try(const char *who, const char *path) {
  int file = open(path, O_RDONLY);
  printf("%s: open(\"%s\") %s\n", who, path, file >= 0 ? "succeeds" : "fails");
  close(file);
}

static void in_root(const char *who, const char *root) {
  if (fork() == 0) {
    if (setroot(root) < 0) {
      fprintf(2, "setrootdemo: setroot(\"%s\") failed\n", root);
      exit(1);
    }
    printf("%s: setroot(\"%s\")\n", who, root);
    try(who, "/foo.txt");
    try(who, "/blah.txt");
    try(who, "/home/gparmer/newroot/foo.txt");
    try(who, "/../../gparmer/newroot/foo.txt");
    exit(0);
  }
  wait(0);
}

int main(void) {
  in_root("gparmer", "/home/gparmer/newroot");
  in_root("mrmcgoo", "/home/mrmcgoo");
  try("nobody", "/home/gparmer/newroot/foo.txt");
  try("nobody", "/home/mrmcgoo/blah.txt");
  return 0;
}
