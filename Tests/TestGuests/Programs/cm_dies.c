// The container manager is killed while clients ask it for something, after so many instructions: each
// client has its container, or says that the manager has ended. None waits for ever.
#include "contain.h"

enum { SERVED = 7, REFUSED = 1 };

static int start(const char *program, const char *spec) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(0);
    CHECK(open("/nothing", O_RDONLY) == 0);
    exec(program, (char *[]){(char *)program, (char *)spec, 0});
    exit(126);
  }
  return child;
}

static int start_manager(int priority) {
  int manager = start("/cm", 0);
  char byte, *page = shm_get("cm");
  // Its first word says that it is there.
  while (!(byte = *(volatile char *)page))
    sleep(1);
  CHECK(shm_rem("cm") == 0);
  CHECK(prio_set(manager, priority) == 0);
  return manager;
}

static void burn(int loops) {
  while (loops-- > 0)
    __asm__ volatile("");
}

// A spec that goes through the ring in several parts.
static void make_long_spec(void) {
  static char text[6000];
  memset(text, ' ', sizeof text);
  static const char spec[] =
      "{\"init\": [\"/sh\", \"-c\", \"exit 7\"], \"fs\": \"/c\", \"nproc\": 4, \"priority\": 15}";
  memcpy(text, spec, sizeof spec - 1);
  int file = open("/spec.json", O_CREATE | O_WRONLY);
  CHECK(write(file, text, sizeof text) == sizeof text && close(file) == 0);
}

// Two clients at once: the second waits for the first one's turn. With a manager that comes after them
// they are found half-way, with one that comes with them it is.
static void kill_after(int loops, int priority, int *served, int *refused) {
  int manager = start_manager(priority), status;
  start("/dockv6", "/spec.json");
  start("/dockv6", "/spec.json");
  burn(loops);
  CHECK(kill(manager) == 0);
  for (int ended = 0; ended < 3; ended++) {
    int child = wait(&status);
    CHECK(child > 0);
    if (child == manager)
      continue;
    CHECK(status == SERVED || status == REFUSED);
    *(status == SERVED ? served : refused) += 1;
  }
}

int main(void) {
  int served = 0, refused = 0;
  make_file("/nothing", "");
  CHECK(mkdir("/c") == 0 && link("/sh", "/c/sh") == 0);
  make_long_spec();
  for (int round = 0; round < 40; round++)
    kill_after(round * 16000, round % 2 ? 9 : 0, &served, &refused);
  printf("%d served, %d told that the manager has ended\n", served, refused);
  CHECK(served > 0 && refused > 0 && served + refused == 80);
  return 0;
}
