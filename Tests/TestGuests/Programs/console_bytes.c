// Prints and names what a reader of the trace may stumble over: every byte there is, at once and one by
// one, characters that are cut in every place, and names of shared pages, mutexes and files with every
// byte in them.
#include "check.h"

static const char text[] = "\nGr\xc3\xbc\xc3\x9f" "e \xe6\xbc\xa2\xe5\xad\x97 \xf0\x9f\xa6\x86\n";

int main(void) {
  char bytes[256];
  for (int byte = 0; byte < 256; byte++)
    bytes[byte] = (char)byte;
  CHECK(write(1, bytes, sizeof bytes) == sizeof bytes);
  for (int byte = 0; byte < 256; byte++)
    CHECK(write(1, bytes + byte, 1) == 1);
  for (int length = 30; length < 44; length++) {
    memset(bytes, 'a', (unsigned)length);
    memcpy(bytes + length, text, sizeof text - 1);
    CHECK(write(1, bytes, length + (int)sizeof text - 1) == length + (int)sizeof text - 1);
  }
  for (unsigned place = 0; place < sizeof text - 1; place++)
    CHECK(write(1, text + place, 1) == 1);
  // No program has such a name.
  for (int byte = 1; byte < 256; byte++) {
    char name[] = {'~', (char)byte, 0};
    CHECK(shm_get(name) != 0 && shm_rem(name) == 0);
    int mutex = mutex_create(name);
    CHECK(mutex >= 0 && mutex_delete(mutex) == 0);
    char *words[] = {name, 0};
    CHECK(exec(name, words) == -1);
  }
  // A character that never ends.
  CHECK(write(1, "\xf0\x9f", 2) == 2);
  exit(0);
}
