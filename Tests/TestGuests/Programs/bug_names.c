// The same names on both sides of a container's wall, handles that are not one's own, and what a list
// of processes or containers shows.
#include "provoke.h"

static int mutex;

static void same_names(void) {
  enter();
  char *page = shm_get("name");
  CHECK(page && page[0] == 0);
  page[0] = 2;
  int own = mutex_create("name");
  CHECK(own >= 0 && mutex_lock(own) == 0);
  CHECK(mutex_unlock(own) == 0);
}

static void other_handles(void) {
  enter();
  for (int handle = -1; handle < 70; handle++) {
    int result = mutex_lock(handle);
    if (result == 0)
      mutex_unlock(handle);
    CHECK(result == -1);
  }
}

static void look_around(void) {
  enter();
  struct proc_info table[8];
  CHECK(ps(table, 8) == 1);
  CHECK(table[0].pid == getpid() && table[0].cid == getcid());
  struct cm_info info;
  CHECK(cm_info(0, &info) == getcid());
}

int main(void) {
  char *page = shm_get("name");
  CHECK(page);
  page[0] = 1;
  mutex = mutex_create("name");
  CHECK(mutex >= 0);
  CHECK(status_of(same_names) == 0);
  CHECK(status_of(other_handles) == 0);
  CHECK(page[0] == 1);
  CHECK(mutex_lock(mutex) == 0);
  CHECK(mutex_unlock(mutex) == 0);
  make_gate();
  int neighbour = hold(enter);
  CHECK(status_of(look_around) == 0);
  open_gate();
  CHECK(wait(0) == neighbour);
  return 0;
}
