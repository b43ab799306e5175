// What the kernel says of a process in a container goes where that writes its errors, in its own numbers: never more
// than a pipe has room for, and nowhere where there is no descriptor 2.
#include "contain.h"

static int ends[2];
static char words[1024];

static long unknown_call(void) {
  register long a0 __asm__("a0") = 7;
  register long a7 __asm__("a7") = 2000;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  return a0;
}

static int has(const char *what) {
  size_t length = strlen(what);
  for (const char *at = words; *at; at++)
    if (memcmp(at, what, length) == 0)
      return 1;
  return 0;
}

static void errors_to(int file) {
  close(2);
  CHECK(file < 0 || dup(file) == 2);
}

static void call_and_fault(void) {
  errors_to(ends[1]);
  close(ends[0]);
  close(ends[1]);
  CHECK(unknown_call() == -1);
  int child = fork(), status;
  if (child == 0)
    *(volatile int *)NOWHERE = 1;
  CHECK(wait(&status) == child && status == -1);
}

static void fill(void) {
  errors_to(ends[1]);
  for (int count = 0; count < 100; count++)
    CHECK(unknown_call() == -1);
}

static void into_file(void) {
  errors_to(open("/errors", O_CREATE | O_WRONLY));
  CHECK(unknown_call() == -1 && write(2, "own\n", 4) == 4 && unknown_call() == -1);
}

static void into_nothing(void) {
  errors_to(-1);
  CHECK(unknown_call() == -1);
  *(volatile int *)NOWHERE = 1;
}

static void read_words(int file) {
  int count, all = 0;
  while ((count = read(file, words + all, (int)sizeof words - 1 - all)) > 0)
    all += count;
  words[all] = 0;
}

int main(void) {
  CHECK(pipe(ends) == 0 && in_container(call_and_fault) == 0);
  close(ends[1]);
  read_words(ends[0]);
  CHECK(has("1 cm_messages: unknown sys call 2000\n") && has("usertrap(): unexpected scause 0xf pid=2\n"));
  close(ends[0]);
  CHECK(pipe(ends) == 0 && in_container(fill) == 0);
  close(ends[1]);
  read_words(ends[0]);
  CHECK(strlen(words) == 512 && has("unknown sys call 2000\n1 cm_messages"));
  close(ends[0]);
  CHECK(in_container(into_file) == 0);
  int file = open("/errors", O_RDONLY);
  read_words(file);
  CHECK(has("1 cm_messages: unknown sys call 2000\nown\n1 cm_messages: unknown sys call 2000\n"));
  CHECK(close(file) == 0 && unlink("/errors") == 0);
  CHECK(in_container(into_nothing) == -1);
  return 0;
}
