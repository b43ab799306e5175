// What one container that may have a single process can take of the machine's tables, and that the
// manager lists, runs and kills all the same: whatever its containers have taken, except for memory, without
// which it runs no other. The death of the client that is attached ends it as well.
//
// With `frames` it tries the last. `cm_tables LETTER` is the container's program: it takes all it can
// get of that, says how much, and stays.
#include "contain.h"
#include "manager.h"

static int take_pages(void) {
  char name[3] = "aa";
  int count = 0;
  for (; shm_get(name); count++)
    if (name[1]++ == 'z') {
      name[1] = 'a';
      name[0]++;
    }
  return count;
}
static int take_mutexes(void) {
  char name[3] = "aa";
  int count = 0;
  for (; mutex_create(name) >= 0; count++)
    name[1]++;
  return count;
}
static int take_files(void) {
  int count = 0;
  while (open("/hog", O_RDONLY) >= 0)
    count++;
  return count;
}
static int take_pipes(void) {
  int count = 0, ends[2];
  while (pipe(ends) == 0)
    count++;
  return count;
}
static const char *file_name(int number) {
  static char name[] = "/f..";
  name[2] = (char)('a' + number / 26);
  name[3] = (char)('a' + number % 26);
  return name;
}
static int take_inodes(void) {
  int count = 0;
  for (int file; (file = open(file_name(count), O_CREATE | O_WRONLY)) >= 0; count++)
    close(file);
  return count;
}
static int take_blocks(void) {
  static char block[1024];
  int count = 0;
  for (int number = 0, before = -1; count > before; number++) {
    before = count;
    int file = open(file_name(number), O_CREATE | O_WRONLY);
    while (write(file, block, sizeof block) == sizeof block)
      count++;
    close(file);
  }
  return count;
}
static int take_frames(void) {
  int count = 0;
  while (sbrk(PGSIZE) != (char *)-1)
    count++;
  return count;
}
static int take_all(void) {
  return take_pages() + take_mutexes() + take_blocks() + take_inodes() + take_files();
}

static const struct {
  const char *name;
  int (*take)(void);
} kinds[] = {
    {"shared pages", take_pages}, {"mutexes", take_mutexes}, {"open files", take_files},
    {"pipes", take_pipes},        {"inodes", take_inodes},   {"blocks", take_blocks},
    {"all at once", take_all},    {"frames", take_frames},
};

static int hog(int kind) {
  sleep(5);  // until the client that has asked for this is gone
  printf("%d\n", kinds[kind].take());
  for (;;)
    sleep(1000000);
}

// A client, with its output on a descriptor.
static int start(int output, const char *first, const char *second) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(0);
    CHECK(open("/nothing", O_RDONLY) == 0);
    if (output != 1) {
      close(1);
      dup(output);
      close(output);
    }
    exec("/dockv6", (char *[]){"/dockv6", (char *)first, (char *)second, 0});
    exit(126);
  }
  return child;
}
static int dockv6(const char *first, const char *second) {
  int child = start(1, first, second), status = -2;
  CHECK(wait(&status) == child);
  return status;
}

// What a client prints; its status.
static int printed(char *text, int size, const char *first, const char *second) {
  int ends[2], count, length = 0, status = -2;
  CHECK(pipe(ends) == 0);
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(ends[0]);
    close(1);
    dup(ends[1]);
    close(ends[1]);
    exec("/dockv6", (char *[]){"/dockv6", (char *)first, (char *)second, 0});
    exit(126);
  }
  close(ends[1]);
  while ((count = read(ends[0], text + length, size - 1 - length)) > 0)
    length += count;
  text[length] = 0;
  close(ends[0]);
  CHECK(wait(&status) == child);
  return status;
}

static void write_spec(int kind) {
  static const char head[] = "{\"init\": [\"/hog\", \"a\"], \"fs\": \"/c\", \"nproc\": 1, \"name\": \"hog\"}";
  char spec[sizeof head];
  memcpy(spec, head, sizeof head);
  *strchr(spec + 10, 'a') = (char)('a' + kind);
  make_file("/hog.json", spec);
}

// Waits until the container has said how much it took.
static int taken(void) {
  static char text[64];
  for (int tick = 0; tick < 400; tick++) {
    CHECK(printed(text, sizeof text, "logs", "hog") == 0);
    if (strchr(text, '\n'))
      return atoi(text);
    sleep(1);
  }
  failed(__FILE_NAME__, __LINE__, "the container says what it took");
}

static void takes(int kind) {
  static char text[4096];
  write_spec(kind);
  CHECK(dockv6("create", "/hog.json") == 0);
  printf("%s: %d\n", kinds[kind].name, taken());
  CHECK(printed(text, sizeof text, "ps", 0) == 0);
  CHECK(strchr(text, '\n') && strcmp(text + strlen(text) - 4, "hog\n") == 0);
  // A container's program has no more memory to be loaded to than others of containers.
  if (kinds[kind].take != take_frames)
    CHECK(dockv6("run", "/quick.json") == 7);
  CHECK(dockv6("kill", "hog") == 0);
  // What it left on the disk.
  for (int number = 0; number < 26 * 26; number++) {
    char path[8] = "/c";
    strcpy(path + 2, file_name(number));
    unlink(path);
  }
}

// Four take all mutexes that there are.
static void four_take_mutexes(void) {
  static char ids[16], text[64];
  make_file("/four.json", "{\"init\": [\"/hog\", \"b\"], \"fs\": \"/c\", \"nproc\": 1}");
  for (int container = 0; container < 4; container++) {
    CHECK(printed(ids, sizeof ids, "create", "/four.json") == 0);
    *strchr(ids, '\n') = 0;
    do {
      sleep(1);
      CHECK(printed(text, sizeof text, "logs", ids) == 0);
    } while (!strchr(text, '\n'));
  }
  // But for those that are kept for processes outside containers.
  CHECK(mutex_create("one more") >= 0);
  CHECK(dockv6("ps", 0) == 0);
  CHECK(dockv6("run", "/quick.json") == 7);
  // Both of those in reserve are in use now: one more has to be told so, unless it needs no manager.
  int first = start(1, "run", "/slow.json"), second = start(1, "run", "/slow.json");
  sleep(60);
  int status = -2, third = start(1, "run", "/quick.json");
  CHECK(wait(&status) == third && status == 1);
  CHECK(dockv6("ps", 0) == 0);
  kill(first);
  kill(second);
  CHECK(wait(0) > 0 && wait(0) > 0);
  sleep(20);
  CHECK(dockv6("kill", ids) == 0);
  CHECK(dockv6("run", "/quick.json") == 7);
}

// With all memory taken but what is kept, clients can be started; and the attached one's death ends the container.
static void takes_frames(void) {
  takes(7);
  int client = start(1, "run", "/hog.json"), free = 0;
  sleep(100);
  kill(client);
  CHECK(wait(0) == client);
  sleep(20);
  while (free < 1024 && sbrk(PGSIZE) != (char *)-1)
    free++;
  CHECK(free == 1024 && sbrk(-1024 * PGSIZE) != (char *)-1);
  CHECK(dockv6("run", "/quick.json") == 7);
}

int main(int argc, char **argv) {
  int withFrames = argc > 1 && strcmp(argv[1], "frames") == 0;
  if (argc > 1 && !withFrames)
    return hog(argv[1][0] - 'a');
  make_file("/nothing", "");
  CHECK(mkdir("/c") == 0);
  CHECK(link("/sh", "/c/sh") == 0 && link("/sleep", "/c/sleep") == 0);
  CHECK(link("/cm_tables", "/c/hog") == 0);
  make_file("/quick.json", "{\"init\": [\"/sh\", \"-c\", \"exit 7\"], \"fs\": \"/c\", \"nproc\": 4}");
  make_file("/slow.json", "{\"init\": [\"/sleep\", \"1000000\"], \"fs\": \"/c\", \"nproc\": 4}");
  int manager = fork();
  if (manager == 0) {
    exec("/cm", (char *[]){"/cm", 0});
    exit(126);
  }
  struct request_page *region = (struct request_page *)shm_get("cm");
  while (region->magic != REQUEST_MAGIC)
    sleep(1);
  CHECK(shm_rem("cm") == 0);
  for (int kind = 0; kind < 7 && !withFrames; kind++)
    takes(kind);
  if (withFrames)
    takes_frames();
  else
    four_take_mutexes();
  CHECK(kill(manager) == 0);
  return 0;
}
