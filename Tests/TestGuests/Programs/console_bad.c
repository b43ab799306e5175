// A console read into a buffer that ends too early gives what had been copied.
#include "check.h"

int main(void) {
  char *page = last_page();
  CHECK(read(0, page + PGSIZE - 3, 10) == 3);
  CHECK(memcmp(page + PGSIZE - 3, "abc", 3) == 0);
  return 0;
}
