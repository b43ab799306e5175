// fork: 0 in the child, the pid in the parent, and from then on two of everything but the open
// files.
#include "check.h"

static int initialized = 1;
static int zeroed;

int main(void) {
  int on_stack = 1;
  int *on_heap = malloc(sizeof *on_heap);
  *on_heap = 1;
  make_file("shared", "abcdef");
  int file = open("shared", O_RDONLY);
  CHECK(file >= 0);
  CHECK(mkdir("place") == 0);
  CHECK(chdir("place") == 0);

  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    // The child has what the parent had; what it writes stays its own.
    CHECK(initialized == 1 && zeroed == 0 && on_stack == 1 && *on_heap == 1);
    initialized = zeroed = on_stack = *on_heap = 2;
    char bytes[2];
    CHECK(read(file, bytes, 2) == 2 && bytes[0] == 'a');
    // The working directory is inherited, and changing it is the child's own affair.
    make_file("made", "x");
    CHECK(chdir("/") == 0);
    exit(getpid());
  }
  int status;
  CHECK(wait(&status) == child);
  CHECK(status == child);
  CHECK(child != getpid());
  CHECK(initialized == 1 && zeroed == 0 && on_stack == 1 && *on_heap == 1);

  // The open file is one for both, its offset included.
  char bytes[4];
  CHECK(read(file, bytes, 4) == 4 && memcmp(bytes, "cdef", 4) == 0);
  CHECK(begins_with("made", "x"));

  // What the parent writes after the fork stays the parent's own too.
  int gate[2];
  CHECK(pipe(gate) == 0);
  child = fork();
  if (child == 0) {
    char byte;
    CHECK(read(gate[0], &byte, 1) == 1);
    exit(initialized * 100 + on_stack * 10 + *on_heap);
  }
  initialized = on_stack = *on_heap = 5;
  CHECK(write(gate[1], "x", 1) == 1);
  CHECK(wait(&status) == child);
  CHECK(status == 111);
  return 0;
}
