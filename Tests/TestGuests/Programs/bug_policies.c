// What every scheduling policy has to get right: several weights, one who sleeps in the middle of what it
// is given, one who is away for long, and a priority that changes while its process waits.
#include "provoke.h"

static int begin(int priority, void (*body)(void)) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(prio_set(getpid(), priority) == 0);
    body();
    exit(0);
  }
  return child;
}

static void burner(void) { burn(3000000); }

static void sleeper(void) {
  for (int index = 0; index < 30; index++) {
    burn(60000);
    sleep(1);
  }
}

int main(void) {
  int first = begin(9, burner);
  begin(12, burner);
  begin(9, sleeper);
  sleep(2);
  CHECK(prio_set(first, 11) == 0);
  sleep(20);
  CHECK(prio_set(first, 10) == 0);
  while (wait(0) > 0)
    ;
  return 0;
}
