// What a call takes of the host where the number of things is the guest's own choice: `cost_bounds WHAT
// COUNT`. How long it took is in the session's time.
#include "check.h"

static char name[5] = "aaaa";

static const char *next_name(void) {
  for (int place = 0; name[place]++ == 'z'; place++)
    name[place] = 'a';
  return name;
}

// Programs that are not there, with words enough to fill a page many times.
static void words(int count) {
  static char word[PGSIZE];
  static char *words[32];
  memset(word, 'x', PGSIZE - 1);
  for (int index = 0; index < 30; index++)
    words[index] = word;
  while (count--)
    CHECK(exec("/missing", words) == -1);
}

// Paths in a directory that lies deep below the root.
static void deep(int depth) {
  CHECK(mkdir("/r") == 0 && setroot("/r") == 0);
  for (int level = 0; level < depth; level++)
    CHECK(mkdir("d") == 0 && chdir("d") == 0);
  for (int times = 0; times < 1000; times++)
    CHECK(chdir(".") == 0);
}

// Children that inherit shared pages, and drop them all.
static void shared(int pages) {
  while (pages--)
    CHECK(shm_get(next_name()) != 0);
  for (int times = 0; times < 20; times++) {
    int child = fork();
    CHECK(child >= 0);
    if (child == 0)
      exit(0);
    CHECK(wait(0) == child);
  }
}

// A container that ends with so many processes in it: some run, some sleep, some wait for a byte.
static void ending(int members) {
  int init = fork();
  CHECK(init >= 0);
  if (init == 0) {
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0 && cm_create_and_enter() == 0);
    for (int member = 0; member < members; member++) {
      int child = fork();
      CHECK(child >= 0);
      if (child) {
        if (member % 3 == 0)
          CHECK(prio_set(child, 15) == 0);
        continue;
      }
      for (;;)
        if (member % 3 == 1)
          sleep(100000);
        else if (member % 3 == 2)
          read(ends[0], &byte, 1);
    }
    sleep(members / 100 + 1);
    exit(7);
  }
  int status = 0;
  CHECK(wait(&status) == init && status == 7);
}

// The same process limits itself again and again, with a child in between.
static void limits(int times) {
  for (; times > 0; times--) {
    CHECK(maxproc(times + 2) == 0);
    int child = fork();
    CHECK(child >= 0);
    if (child == 0)
      exit(0);
    CHECK(wait(0) == child);
  }
}

// A directory of a union that is read again and again after a change.
static void listing(int entries) {
  char name[] = "/low/f000";
  struct dirent entry;
  CHECK(mkdir("/low") == 0 && mkdir("/up") == 0 && mkdir("/u") == 0);
  make_file("/low/f000", "");
  for (int index = 1; index < entries; index++) {
    name[6] = (char)('0' + index / 100), name[7] = (char)('0' + index / 10 % 10);
    name[8] = (char)('0' + index % 10);
    CHECK(link("/low/f000", name) == 0);
  }
  CHECK(mount("x", "/u", "overlay", 0, "lowerdir=/low,upperdir=/up") == 0);
  for (int round = 0; round < 20; round++) {
    CHECK(mkdir("/u/new") == 0 && unlink("/u/new") == 0);
    int file = open("/u", O_RDONLY);
    CHECK(read(file, &entry, sizeof entry) == sizeof entry && close(file) == 0);
  }
}

int main(int argc, char **argv) {
  int count = atoi(argv[2]);
  switch (argc == 3 ? argv[1][0] : 0) {
  case 'w': words(count); break;
  case 'd': deep(count); break;
  case 's': shared(count); break;
  case 'e': ending(count); break;
  case 'l': limits(count); break;
  case 'u': listing(count); break;
  default: CHECK(!"a kind of cost");
  }
  return 0;
}
