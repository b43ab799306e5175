// Datagrams on lo: one at a time, at most 1472 bytes, kept up to 32, dropped beyond.
#include "net.h"

static char bytes[2000];

static void check_one_at_a_time(void) {
  int a = bound(datagrams(), INADDR_ANY, 53), b = datagrams();
  CHECK(send_to(b, "first", 5, INADDR_LOOPBACK, 53) == 5 && send_to(b, "second", 6, INADDR_LOOPBACK, 53) == 6);
  CHECK(is_named(b, 0, 0, 49152));
  // The rest of one that does not fit is dropped.
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  CHECK(recvfrom(a, bytes, 3, MSG_PEEK, ADDRESS(from), &length) == 3 && memcmp(bytes, "fir", 3) == 0);
  CHECK(recvfrom(a, bytes, 3, 0, ADDRESS(from), &length) == 3 && from.sin_port == htons(49152));
  CHECK(ntohl(from.sin_addr.s_addr) == INADDR_LOOPBACK && read(a, bytes, 100) == 6 && memcmp(bytes, "second", 6) == 0);
  CHECK(recvfrom(a, bytes, 100, MSG_DONTWAIT, 0, 0) == -1);
  // The answer finds its way by that.
  CHECK(send_to(a, "re", 2, INADDR_LOOPBACK, 49152) == 2 && recvfrom(b, bytes, 100, 0, ADDRESS(from), &length) == 2);
  CHECK(from.sin_port == htons(53));
  // An empty one is one.
  CHECK(send_to(b, 0, 0, INADDR_LOOPBACK, 53) == 0 && recvfrom(a, bytes, 100, MSG_DONTWAIT, 0, 0) == 0);
  CHECK(recvfrom(a, bytes, 100, MSG_DONTWAIT, 0, 0) == -1);
  CHECK(close(a) == 0 && close(b) == 0);
}

static void check_limits(void) {
  int a = bound(datagrams(), INADDR_ANY, 53), b = datagrams();
  memset(bytes, 'm', sizeof bytes);
  CHECK(send_to(b, bytes, 1473, INADDR_LOOPBACK, 53) == -1 && send_to(b, bytes, 1472, INADDR_LOOPBACK, 53) == 1472);
  CHECK(recvfrom(a, bytes, 2000, 0, 0, 0) == 1472);
  // Bad arguments; nothing is sent.
  struct sockaddr_in endpoint = at(INADDR_LOOPBACK, 53);
  CHECK(send_to(b, NOWHERE, 1, INADDR_LOOPBACK, 53) == -1 && send_to(b, "x", -1, INADDR_LOOPBACK, 53) == -1);
  CHECK(sendto(b, "x", 1, 0, ADDRESS(endpoint), 8) == -1 && sendto(b, "x", 1, 0, NOWHERE, 16) == -1);
  CHECK(sendto(b, "x", 1, 0, 0, 0) == -1 && write(b, "x", 1) == -1 && send_to(b, "x", 1, INADDR_LOOPBACK, 0) == -1);
  CHECK(send_to(b, "x", 1, host(9), 53) == -1 && send_to(b, "x", 1, 0x08080808, 53) == -1);
  CHECK(sendto(0, "x", 1, 0, ADDRESS(endpoint), 16) == -1 && recvfrom(0, bytes, 1, 0, 0, 0) == -1);
  CHECK(recvfrom(a, bytes, 1, MSG_DONTWAIT, 0, 0) == -1);
  // One that cannot be copied out stays.
  CHECK(send_to(b, "stay", 4, INADDR_LOOPBACK, 53) == 4 && recvfrom(a, NOWHERE, 4, 0, 0, 0) == -1);
  socklen_t length = 16;
  CHECK(recvfrom(a, bytes, 4, 0, NOWHERE, &length) == -1 && recvfrom(a, bytes, 9, 0, 0, 0) == 4);
  // To a port that nobody has it is lost without a word, and beyond 32 that wait as well.
  CHECK(send_to(b, "x", 1, INADDR_LOOPBACK, 54) == 1);
  for (int index = 0; index < 40; index++) {
    char number = (char)index;
    CHECK(send_to(b, &number, 1, INADDR_LOOPBACK, 53) == 1);
  }
  for (int index = 0; index < 32; index++)
    CHECK(recvfrom(a, bytes, 1, MSG_DONTWAIT, 0, 0) == 1 && bytes[0] == index);
  CHECK(recvfrom(a, bytes, 1, MSG_DONTWAIT, 0, 0) == -1);
  CHECK(close(a) == 0 && close(b) == 0);
}

static void check_connected(void) {
  int a = bound(datagrams(), INADDR_ANY, 53), b = datagrams(), c = datagrams();
  CHECK(try_connect(b, host(9), 53) == -1 && try_connect(b, INADDR_LOOPBACK, 53) == 0);
  CHECK(is_named(b, 0, INADDR_LOOPBACK, 49152) && is_named(b, 1, INADDR_LOOPBACK, 53));
  CHECK(write(b, "up", 2) == 2 && sendto(b, "ab", 2, 0, 0, 0) == 2 && read(a, bytes, 9) == 2 && read(a, bytes, 9) == 2);
  // It hears nobody else.
  CHECK(send_to(c, "no", 2, INADDR_LOOPBACK, 49152) == 2 && recvfrom(b, bytes, 9, MSG_DONTWAIT, 0, 0) == -1);
  CHECK(send_to(a, "yes", 3, INADDR_LOOPBACK, 49152) == 3 && read(b, bytes, 9) == 3);
  CHECK(shutdown(a, SHUT_WR) == -1);
  CHECK(close(a) == 0 && close(b) == 0 && close(c) == 0);
}

static void check_waiting(void) {
  int a = bound(datagrams(), INADDR_ANY, 53), b = datagrams(), status;
  int child = fork();
  if (child == 0)
    exit(read(a, bytes, 100));
  sleep(2);
  CHECK(send_to(b, "awake", 5, INADDR_LOOPBACK, 53) == 5 && wait(&status) == child && status == 5);
  child = fork();
  if (child == 0)
    exit(read(a, bytes, 100));
  sleep(2);
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  CHECK(close(a) == 0 && close(b) == 0);
}

int main(void) {
  int before = free_descriptors();
  check_one_at_a_time();
  check_limits();
  check_connected();
  check_waiting();
  CHECK(free_descriptors() == before);
  return 0;
}
