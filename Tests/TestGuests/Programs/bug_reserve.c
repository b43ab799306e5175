// What holds of what is kept for processes outside containers: one in a container cannot take it.
#include "contain.h"

static void take_pages(void) {
  char name[3] = "aa";
  for (; name[0] < 'd'; name[0]++)
    for (name[1] = 'a'; name[1] <= 'z'; name[1]++)
      if (shm_get(name) == 0)
        return;
}

int main(void) {
  CHECK(in_container(take_pages) == 0);
  return 0;
}
