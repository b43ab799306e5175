// The heap's end stays behind a shared page, to the byte: what the heap gets back it clears, and a
// shared page is nobody's to clear. Found by the fuzzer, as a frame given back twice.
#include "check.h"

int main(void) {
  char *page = shm_get("page");
  CHECK(page);
  memset(page, 1, PGSIZE);
  CHECK(sbrk(-1) == (char *)-1);
  CHECK(sbrk(-PGSIZE) == (char *)-1);
  CHECK(sbrk(100) == page + PGSIZE);
  CHECK(sbrk(-101) == (char *)-1);
  CHECK(sbrk(-100) == page + PGSIZE + 100);
  for (int index = 0; index < PGSIZE; index++)
    CHECK(page[index] == 1);
  CHECK(shm_rem("page") == 0);
  return 0;
}
