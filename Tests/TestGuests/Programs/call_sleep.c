// sleep and uptime: ticks of virtual time.
#include "check.h"

int main(void) {
  int before = uptime();
  CHECK(before >= 0);
  CHECK(sleep(0) == 0);
  CHECK(uptime() - before <= 1);

  for (int ticks = 1; ticks <= 20; ticks += 6) {
    before = uptime();
    CHECK(sleep(ticks) == 0);
    CHECK(uptime() - before >= ticks);
    CHECK(uptime() - before <= ticks + 1);
  }

  // Sleepers wake in the order of their time, not of their sleep.
  int ends[2];
  CHECK(pipe(ends) == 0);
  for (int child = 3; child > 0; child--)
    if (fork() == 0) {
      sleep(child * 10);
      char name = (char)('0' + child);
      write(ends[1], &name, 1);
      exit(0);
    }
  char order[3];
  for (int index = 0; index < 3; index++)
    CHECK(read(ends[0], &order[index], 1) == 1);
  CHECK(memcmp(order, "123", 3) == 0);
  while (wait(0) > 0)
    ;

  // A negative count is none, by either name.
  before = uptime();
  CHECK(sleep(-1) == 0 && pause(-2147483647 - 1) == 0);
  CHECK(uptime() - before <= 1);
  return 0;
}
