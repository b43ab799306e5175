// Loads and stores of every kind on a page shared by name, each once and in this order, some of them
// across its beginning. What they should look like from outside is in SharedAccessTests.swift.
#include "check.h"

#define STORE(operation, value, address) \
  __asm__ volatile(operation " %0, 0(%1)" ::"r"((uint64_t)(value)), "r"(address) : "memory")
#define LOAD(operation, address)                                                           \
  ({                                                                                       \
    uint64_t loaded;                                                                       \
    __asm__ volatile(operation " %0, 0(%1)" : "=r"(loaded) : "r"(address) : "memory");     \
    loaded;                                                                                \
  })
#define ATOMIC(operation, value, address)                                                  \
  ({                                                                                       \
    uint64_t result;                                                                       \
    __asm__ volatile(operation " %0, %1, (%2)"                                             \
                     : "=&r"(result)                                                       \
                     : "r"((uint64_t)(value)), "r"(address)                                \
                     : "memory");                                                          \
    result;                                                                                \
  })

int main(void) {
  char *own = last_page();
  char *page = shm_get("page");
  CHECK(page == own + PGSIZE);

  STORE("sb", 0x91, page + 1);
  STORE("sh", 0x9222, page + 2);
  STORE("sw", 0x94444444, page + 4);
  STORE("sd", 0x9888888888888888, page + 8);
  STORE("sd", 1, own);
  CHECK(LOAD("lb", page + 1) == (uint64_t)(int8_t)0x91);
  CHECK(LOAD("lbu", page + 1) == 0x91);
  CHECK(LOAD("lhu", page + 2) == 0x9222);
  CHECK(LOAD("lw", page + 4) == (uint64_t)(int32_t)0x94444444);
  CHECK(LOAD("ld", own) == 1);

  // Four bytes on one's own page, four on the shared one; and the next ones after that.
  STORE("sd", 0x1122334455667788, page - 4);
  STORE("sw", 5, page + 16);
  CHECK(LOAD("ld", page - 4) == 0x1122334455667788);
  CHECK(LOAD("lw", page + 16) == 5);

  CHECK(ATOMIC("amoadd.w", 2, page + 16) == 5);
  CHECK(LOAD("lr.w", page + 16) == 7);
  CHECK(ATOMIC("sc.w", 8, page + 16) == 0);
  // Without a reservation it stores nothing.
  CHECK(ATOMIC("sc.w", 9, page + 16) == 1);
  __asm__ volatile("sc.w zero, %0, (%1)" ::"r"(9), "r"(page + 16) : "memory");
  // What comes after that does.
  STORE("sb", 4, page + 24);
  CHECK(LOAD("lbu", page + 24) == 4);

  if (fork() == 0) {
    STORE("sw", 9, page + 32);
    exit(0);
  }
  CHECK(wait(0) > 0);
  CHECK(LOAD("lw", page + 32) == 9);
  return 0;
}
