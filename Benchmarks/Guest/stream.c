// A stream within the machine: stream MEGABYTES. A child reads what its parent sends over lo, in pieces of a window.
#include "user/user.h"

enum { PIECE = 4096 };

static char bytes[PIECE];

static void check(int holds, const char *what) {
  if (holds) return;
  printf("stream: %s failed\n", what);
  exit(1);
}

int main(int argc, char *argv[]) {
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr = {htonl(0x7f000001)}};
  long left = argc > 1 ? (long)atoi(argv[1]) << 20 : 0;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  check(bind(listener, (struct sockaddr *)&place, sizeof place) == 0 && listen(listener, 1) == 0, "listen");
  if (fork() == 0) {
    int reader = accept(listener, 0, 0), count;
    while ((count = read(reader, bytes, sizeof bytes)) > 0) left -= count;
    check(count == 0 && left == 0, "reading all");
    exit(0);
  }
  int writer = socket(AF_INET, SOCK_STREAM, 0), status;
  check(connect(writer, (struct sockaddr *)&place, sizeof place) == 0, "connect");
  for (; left > 0; left -= PIECE) check(write(writer, bytes, PIECE) == PIECE, "writing");
  close(writer);
  wait(&status);
  return status;
}
