// What holds of the network: ports and addresses are a network's own, lo leads nowhere else, a connection brings every
// byte and then its end, what is closed is given back, and nobody holds a queue.
#include "net.h"

static char bytes[4096];

static void same_port(void) {
  int a = stream();
  if (try_bind(a, INADDR_ANY, 80) == 0)
    listen(a, 1);
  (void)bound(stream(), INADDR_ANY, 85);
  exit(0);
}

static void through_lo(void) {
  int a = stream();
  exit(try_connect(a, INADDR_LOOPBACK, 81) == 0);
}

static void crashes(void) {
  (void)listener(82, 1);
  *(volatile char *)NOWHERE = 1;
}

static void window(void) {
  int l = listener(83, 1), a = connected(INADDR_LOOPBACK, 83), b = accepted(l), total = 0, count;
  CHECK(write(a, bytes, 4096) == 4096 && shutdown(a, SHUT_WR) == 0);
  while ((count = read(b, bytes, 1000)) > 0)
    total += count;
  exit(total != 4096);
}

static void backlog(void) {
  int l = listener(84, 1);
  for (int round = 0; round < 3; round++) {
    int a = stream();
    if (try_connect(a, INADDR_LOOPBACK, 84) != 0)
      exit(1);
    int b = accepted(l);
    CHECK(close(a) == 0 && close(b) == 0);
  }
}

static void flood(void) {
  CHECK(cm_network(htonl(host(9))) == 0);
  int a = datagrams();
  for (int count = 0; count < 40; count++)
    CHECK(send_to(a, "flood", 5, host(1), 86) == 5);
  sleep(1);
  exit(0);
}

// What somebody else sends gets into a queue that one has filled; and who connects from the host to a port of the
// container, which has nothing there, reaches nobody outside.
static void queue(void) {
  int full = bound(datagrams(), INADDR_ANY, 86), found = 0;
  struct pollfd outside = {listener(87, 1), POLLIN, 0};
  (void)in_container(flood);
  if (poll(&outside, 1, 0) != 0)
    exit(2);
  CHECK(send_to(datagrams(), "me", 2, host(1), 86) == 2);
  while (recvfrom(full, bytes, 16, MSG_DONTWAIT, 0, 0) > 0)
    found |= bytes[0] == 'm';
  exit(!found);
}

static void echo(void) {
  int a = bound(datagrams(), INADDR_LOOPBACK, 0);
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  CHECK(send_to(a, "hi", 2, 0x7f000009, 7) == 2 && recvfrom(a, bytes, 9, 0, ADDRESS(from), &length) == 2);
  exit(ntohl(from.sin_addr.s_addr) != 0x7f000009);
}

int main(void) {
  int outside = listener(80, 1), other = listener(81, 1);
  (void)in_container(same_port);
  CHECK(close(outside) == 0);
  int wrong = try_bind(stream(), host(77), 90) == 0;
  wrong |= in_container(through_lo);
  CHECK(close(other) == 0);
  wrong |= status_of(window);
  wrong |= status_of(backlog);
  wrong |= status_of(queue);
  wrong |= status_of(echo);
  CHECK(status_of(crashes) == -1);
  wrong |= try_bind(stream(), INADDR_ANY, 82) != 0;
  return wrong != 0;
}
