// shm_get and shm_rem: a page shared by name, zero at first, gone with its last user.
#include "contain.h"

static int is_zero(const char *page) {
  for (int at = 0; at < PGSIZE; at++)
    if (page[at])
      return 0;
  return 1;
}

static void names(void) {
  CHECK(shm_get(0) == 0);
  CHECK(shm_get("") == 0);
  CHECK(shm_get("12345678901234567890123456789012") == 0);  // 32 bytes
  CHECK(shm_get((char *)-1) == 0);
  CHECK(shm_get("1234567890123456789012345678901") != 0);  // 31
  CHECK(shm_rem(0) == -1 && shm_rem("") == -1 && shm_rem("other") == -1);
  CHECK(shm_rem((char *)-1) == -1);
  CHECK(shm_rem("1234567890123456789012345678901") == 0);
  CHECK(shm_rem("1234567890123456789012345678901") == -1);
}

static void place(void) {
  char *end = sbrk(0);
  char *page = shm_get("p");
  CHECK(page != 0 && ((uintptr_t)page & (PGSIZE - 1)) == 0 && page >= end && page < end + 2 * PGSIZE);
  CHECK(shm_get("p") == page);  // the same name, the same address
  CHECK(is_zero(page));
  char *second = shm_get("q");
  CHECK(second >= page + PGSIZE);
  char *grown = sbrk(3 * PGSIZE);
  CHECK(grown != (char *)-1);
  char *top = sbrk(0);
  memset(top - 3 * PGSIZE, 1, 3 * PGSIZE);
  CHECK(is_zero(page) && is_zero(second));
  char *third = shm_get("s");
  CHECK(third >= top);
  CHECK(is_zero(third));
  CHECK(sbrk(-(int)(sbrk(0) - page)) == (char *)-1);  // would shrink over it
  page[0] = 7;
  CHECK(shm_rem("p") == 0);
  CHECK(shm_rem("q") == 0 && shm_rem("s") == 0);
}

static void unmapped(void) {
  char *page = shm_get("p");
  page[0] = 1;
  CHECK(shm_rem("p") == 0);
  page[0] = 2;  // a fault
}

static void fresh(void) {
  char *page = shm_get("p");
  memset(page, 5, PGSIZE);
  CHECK(shm_rem("p") == 0);
  page = shm_get("p");
  CHECK(is_zero(page));
  memset(page, 6, PGSIZE);
}

static void sharing(void) {
  char *page = shm_get("p");
  struct gate there = make_gate(), seen = make_gate();
  int child = fork();
  if (child == 0) {
    CHECK(shm_get("p") == page);  // inherited
    page[1] = 41;
    tell(there, 1);
    CHECK(hear(seen) == 1);
    CHECK(page[2] == 42);
    CHECK(shm_rem("p") == 0);
    CHECK(shm_rem("p") == -1);
    exit(0);
  }
  CHECK(hear(there) == 1);
  CHECK(page[1] == 41);
  page[2] = 42;
  tell(seen, 1);
  int status;
  CHECK(wait(&status) == child && status == 0);
  CHECK(page[2] == 42 && shm_get("p") == page);  // it stays with the other user
}

static void by_name(void) {  // no relatives but by name
  struct gate there = make_gate(), seen = make_gate();
  int child = fork();
  if (child == 0) {
    char *page = shm_get("by name");
    strcpy(page, "hello");
    tell(there, 1);
    hear(seen);
    exit(0);
  }
  CHECK(hear(there) == 1);
  CHECK(strcmp(shm_get("by name"), "hello") == 0);
  tell(seen, 1);
  CHECK(wait(0) == child);
  CHECK(strcmp(shm_get("by name"), "hello") == 0);  // its exit has left this one's
}

static void drops_with_exec(void) {
  char *page = shm_get("x");
  page[0] = 9;
  exec("/call_shm", (char *[]){"call_shm", "after exec", 0});
}

static void other_container(void) {
  char *page = shm_get("w");
  CHECK(page && is_zero(page));
  page[0] = 66;
}

static void walls(void) {
  char *page = shm_get("w");
  page[0] = 65;
  CHECK(in_container(other_container) == 0);
  CHECK(page[0] == 65);
  struct gate there = make_gate(), seen = make_gate();
  int child = fork();
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0);
    CHECK(shm_rem("w") == -1);  // what was shared outside stays there
    char *own = shm_get("w");
    CHECK(is_zero(own));
    own[0] = 67;
    tell(there, 1);
    hear(seen);
    CHECK(own[0] == 67);
    exit(0);
  }
  hear(there);
  CHECK(page[0] == 65);
  CHECK(in_container(other_container) == 0);
  tell(seen, 1);
  int status;
  CHECK(wait(&status) == child && status == 0);
}

// How many pages there are to be had: in a container, but for two that are kept for processes outside.
static void table(void) {
  char name[3] = "a";
  int count = 0;
  while (count < 64) {
    name[0] = (char)('0' + count);
    if (!shm_get(name))
      break;
    count++;
  }
  CHECK(count == (getcid() ? 30 : 32));
  CHECK(shm_rem("0") == 0);
  CHECK(shm_get("again") != 0);
  CHECK(shm_get("0") == 0);
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "after exec")) {
    CHECK(shm_rem("x") == -1);
    CHECK(is_zero(shm_get("x")));
    return 0;
  }
  CHECK(status_of(names) == 0);
  CHECK(status_of(place) == 0);
  CHECK(status_of(unmapped) == -1);
  CHECK(status_of(fresh) == 0);
  CHECK(status_of(fresh) == 0);  // dropped by exit
  CHECK(status_of(sharing) == 0);
  CHECK(status_of(by_name) == 0);
  CHECK(status_of(drops_with_exec) == 0);
  CHECK(status_of(walls) == 0);
  CHECK(status_of(table) == 0);
  CHECK(status_of(table) == 0);
  CHECK(in_container(table) == 0);
  return 0;
}
