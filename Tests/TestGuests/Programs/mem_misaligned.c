// Loads and stores of every width at every offset, across pages too.
#include "check.h"

static char *page;

#define CHECK_WIDTH(type, value)                                     \
  for (int offset = PGSIZE - 9; offset < PGSIZE + 2; offset++) {      \
    memset(page + PGSIZE - 16, 0x55, 32);                             \
    *(volatile type *)(page + offset) = (type)(value);                \
    CHECK(*(volatile type *)(page + offset) == (type)(value));        \
    for (int byte = 0; byte < (int)sizeof(type); byte++)              \
      CHECK((uint8_t)page[offset + byte] ==                           \
            (uint8_t)((uint64_t)(type)(value) >> 8 * byte));          \
    CHECK(page[offset - 1] == 0x55);                                  \
    CHECK(page[offset + (int)sizeof(type)] == 0x55);                  \
  }

int main(void) {
  page = last_page();
  CHECK(sbrk(PGSIZE) == page + PGSIZE);
  CHECK_WIDTH(uint8_t, 0xfe)
  CHECK_WIDTH(int8_t, -3)
  CHECK_WIDTH(uint16_t, 0xfedc)
  CHECK_WIDTH(int16_t, -0x1234)
  CHECK_WIDTH(uint32_t, 0xfedcba98)
  CHECK_WIDTH(int32_t, -0x12345678)
  CHECK_WIDTH(uint64_t, 0xfedcba9876543210)
  CHECK_WIDTH(int64_t, -0x123456789abcdef)

  // Across a page that is shared after a fork, and one that is not.
  int child = fork(), status;
  if (child == 0) {
    page[PGSIZE] = 1;
    *(volatile uint64_t *)(page + PGSIZE - 3) = 0x1122334455667788;
    CHECK(*(volatile uint64_t *)(page + PGSIZE - 3) == 0x1122334455667788);
    exit(0);
  }
  CHECK(wait(&status) == child && status == 0);
  CHECK(*(volatile uint64_t *)(page + PGSIZE - 3) != 0x1122334455667788);
  return 0;
}
