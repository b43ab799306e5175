// exec: a new program in the same process, or -1 and all as it was.
#include "check.h"

static char big[PGSIZE + 16];
static char *vector[64];

static void words(int count, char *word) {
  for (int index = 0; index < count; index++)
    vector[index] = word;
  vector[count] = 0;
}

// Runs this same program with `vector`, and returns its status, or 1000 if exec failed.
static int run_words(void) {
  int child = fork(), status;
  CHECK(child >= 0);
  if (child == 0) {
    int result = exec("/call_exec", vector);
    exit(result == -1 ? 1000 : 1001);
  }
  CHECK(wait(&status) == child);
  return status;
}

// What the program does when it has been run by itself: says what it got.
static int report(int count, char **given) {
  if (strcmp(given[0], "count") == 0)
    return count;
  if (strcmp(given[0], "layout") == 0) {
    CHECK(count == 3 && given[3] == 0);
    CHECK(strcmp(given[1], "") == 0 && strcmp(given[2], "three words here") == 0);
    CHECK(((uintptr_t)given & 15) == 0);
    for (int index = 0; index < count; index++)
      CHECK(((uintptr_t)given[index] & 15) == 0);
    // The stack is one page, the arguments at its top, and the size ends where it ends.
    CHECK((uintptr_t)given / PGSIZE == (uintptr_t)given[0] / PGSIZE);
    CHECK((uintptr_t)sbrk(0) == ((uintptr_t)given / PGSIZE + 1) * PGSIZE);
    return 7;
  }
  if (strcmp(given[0], "inherit") == 0) {
    // Descriptors and working directory outlive an exec; so does the pid.
    char byte;
    CHECK(read(3, &byte, 1) == 1 && byte == 'b');
    CHECK(begins_with("here", "yes"));
    CHECK(getpid() == atoi(given[1]));
    // The heap does not.
    CHECK((uintptr_t)sbrk(0) < 100000);
    return 8;
  }
  return (int)strlen(given[0]);
}

int main(int count, char **given) {
  if (strcmp(given[0], "call_exec") != 0)
    return report(count, given);
  CHECK(count == 1);

  vector[0] = "layout";
  vector[1] = "";
  vector[2] = "three words here";
  vector[3] = 0;
  CHECK(run_words() == 7);

  words(1, "count");
  CHECK(run_words() == 1);
  words(31, "count");
  CHECK(run_words() == 31);
  words(32, "count");
  CHECK(run_words() == 1000);
  words(40, "count");
  CHECK(run_words() == 1000);

  // One page holds all: strings, rounded up to 16, and the array.
  memset(big, 'x', sizeof big);
  big[4000] = 0;
  words(1, big);
  CHECK(run_words() == 4000);
  big[4000] = 'x';
  big[PGSIZE] = 0;
  CHECK(run_words() == 1000);
  big[2047] = 0;
  words(2, big);
  CHECK(run_words() == 1000);
  big[1900] = 0;
  CHECK(run_words() == 1900);

  // Paths and vectors that are no good; the old image is intact every time.
  words(1, "count");
  int kept = 42;
  char *heap = malloc(100);
  strcpy(heap, "kept");
  CHECK(exec("/missing", vector) == -1);
  CHECK(exec("/", vector) == -1);
  CHECK(exec("", vector) == -1);
  CHECK(exec("/console", vector) == -1);
  CHECK(exec(NOWHERE, vector) == -1);
  CHECK(exec("/call_exec", NOWHERE) == -1);
  vector[0] = NOWHERE;
  CHECK(exec("/call_exec", vector) == -1);
  vector[0] = "count";
  vector[1] = (char *)0xffffffff;
  CHECK(exec("/call_exec", vector) == -1);
  CHECK(kept == 42 && strcmp(heap, "kept") == 0);

  // What outlives an exec.
  CHECK(mkdir("dir") == 0 && chdir("dir") == 0);
  make_file("here", "yes");
  make_file("letters", "abc");
  CHECK(sbrk(1000000) != (char *)-1);
  int child = fork(), status;
  if (child == 0) {
    CHECK(open("letters", O_RDONLY) == 3);
    char byte, pid[12];
    CHECK(read(3, &byte, 1) == 1);
    int at = 11, number = getpid();
    pid[at] = 0;
    for (; number; number /= 10)
      pid[--at] = (char)('0' + number % 10);
    char *arguments[] = {"inherit", pid + at, 0};
    exec("/call_exec", arguments);
    exit(1);
  }
  CHECK(wait(&status) == child && status == 8);

  // A path relative to the working directory.
  child = fork();
  words(2, "count");
  if (child == 0) {
    exec("../call_exec", vector);
    exit(1);
  }
  CHECK(wait(&status) == child && status == 2);
  return 0;
}
