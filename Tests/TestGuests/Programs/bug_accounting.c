// Calls that fail and processes that end leave nothing behind.
#include "provoke.h"

static void fail_pipes(void) {
  for (int round = 0; round < 60; round++)
    CHECK(pipe(NOWHERE) == -1);
  int ends[2];
  CHECK(pipe(ends) == 0);
}

static void fail_exec(void) {
  static char text[3000];
  char *arguments[] = {"echo", text, text, 0};
  memset(text, 'x', sizeof text - 1);
  CHECK(exec("/echo", arguments) == -1);
}

static void make_and_remove(void) {
  for (int round = 0; round < 250; round++) {
    make_file("/gone", "soon");
    CHECK(unlink("/gone") == 0);
  }
}

static void leave(void) {
  CHECK(mkdir("/here") == 0);
  CHECK(chdir("/here") == 0);
  CHECK(unlink("/here") == 0);
}

static void end_first(void) {
  enter();
  int child = fork();
  if (child == 0)
    for (;;)
      sleep(100);
  sleep(1);
}

int main(void) {
  CHECK(status_of(fail_pipes) == 0);
  CHECK(status_of(fail_exec) == 0);
  CHECK(status_of(make_and_remove) == 0);
  CHECK(status_of(leave) == 0);
  CHECK(status_of(end_first) == 0);
  struct cm_info info;
  CHECK(cm_info(1, &info) == -1);
  return 0;
}
