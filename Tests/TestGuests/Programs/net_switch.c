// Containers: each has its own lo, address and ports; what goes between them goes over the switch.
#include "net.h"

static char bytes[9000];

static uint32_t own;

static void addresses(void) {
  CHECK(cm_network(htonl(0x0b000002)) == -1 && cm_network(htonl(0x0a000000)) == -1 && cm_network(htonl(host(1))) == -1);
  CHECK(cm_network(0) == -1 && cm_network(htonl(INADDR_LOOPBACK)) == -1);
  int child = fork(), status;
  if (child == 0)
    exit(cm_network(htonl(host(2))));
  CHECK(wait(&status) == child && status == -1);
  int a = stream(), b = datagrams();
  CHECK(try_bind(a, host(2), 80) == -1 && send_to(b, "x", 1, host(1), 53) == -1 && try_connect(a, host(1), 80) == -1);
  CHECK(cm_network(htonl(host(2))) == 0 && cm_network(htonl(host(2))) == -1 && cm_network(htonl(host(3))) == -1);
  CHECK(try_bind(a, host(2), 80) == 0 && try_bind(b, host(1), 80) == -1);
  // lo leads out of here no more than before.
  int c = bound(stream(), INADDR_LOOPBACK, 0);
  CHECK(try_connect(c, host(1), 80) == -1 && try_connect(c, INADDR_LOOPBACK, 7) == -1);
  exit(0);
}

static void rooted(void) {
  CHECK(cm_setroot("/", 1) == 0 && cm_network(htonl(host(2))) == -1);
  exit(0);
}

static void addressed(void) {
  CHECK(cm_network(htonl(own)) == 0);
}

// Runs a body in a container with an address, and goes on beside it.
static int beside(uint32_t address, void (*body)(void)) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0);
    own = address;
    if (address)
      addressed();
    body();
    exit(0);
  }
  return child;
}

static struct gate up;

// Serves port 80 of its own, as its neighbour and the machine outside do of theirs.
static void server(void) {
  int l = listener(80, 2), local = listener(7, 1), d = bound(datagrams(), INADDR_ANY, 53);
  tell(up, 1);
  int s = accepted(l);
  CHECK(is_named(s, 0, own, 80) && is_named(s, 1, host(1), 49152));
  int count = read(s, bytes, 5);
  CHECK(count == 5 && memcmp(bytes, "hello", 5) == 0 && write(s, bytes, 5) == 5 && read(s, bytes, 1) == 0);
  // More than a window, and then the end.
  for (int index = 0; index < 9000; index++)
    bytes[index] = (char)(index * 3);
  CHECK(write(s, bytes, 9000) == 9000 && close(s) == 0);
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  CHECK(recvfrom(d, bytes, 100, 0, ADDRESS(from), &length) == 4 && ntohl(from.sin_addr.s_addr) == host(1));
  CHECK(sendto(d, "echo", 4, 0, ADDRESS(from), 16) == 4);
  CHECK(recvfrom(d, bytes, 100, 0, 0, 0) == 3);
  tell(up, 2);
  // Nobody is connected to its lo, whoever tries that on theirs.
  accept(local, 0, 0);
  exit(1);
}

static void nothing_here(void) {
  int a = stream();
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == -1 && try_connect(a, own, 80) == -1);
  int b = bound(stream(), INADDR_ANY, 80);
  CHECK(listen(b, 1) == 0 && try_connect(a, own, 80) == 0 && is_named(a, 0, own, 49152));
  exit(0);
}

static void talk(void) {
  up = make_gate();
  int outside = listener(80, 1), status;
  int c = stream();
  int child = beside(host(2), server);
  CHECK(hear(up) == 1);
  int other = beside(host(3), nothing_here);
  CHECK(wait(&status) == other && status == 0);
  int a = stream(), b = datagrams();
  CHECK(try_connect(a, host(2), 81) == -1 && try_connect(a, host(3), 80) == -1 && try_connect(a, host(2), 80) == 0);
  CHECK(write(a, "hello", 5) == 5 && read(a, bytes, 10) == 5 && memcmp(bytes, "hello", 5) == 0);
  CHECK(shutdown(a, SHUT_WR) == 0);
  int total = 0, count;
  while ((count = read(a, bytes + total, 1000)) > 0)
    total += count;
  CHECK(count == 0 && total == 9000);
  for (int index = 0; index < 9000; index++)
    CHECK(bytes[index] == (char)(index * 3));
  CHECK(close(a) == 0);
  CHECK(send_to(b, "ping", 4, host(2), 53) == 4);
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  CHECK(recvfrom(b, bytes, 100, 0, ADDRESS(from), &length) == 4 && ntohl(from.sin_addr.s_addr) == host(2));
  // It takes time to get there, and then it can be read.
  struct pollfd one = {b, POLLIN, 0};
  CHECK(poll(&one, 1, 0) == 0 && send_to(b, "end", 3, host(2), 53) == 3);
  CHECK(hear(up) == 2 && try_connect(c, INADDR_LOOPBACK, 7) == -1);
  // With the container go its sockets and its address.
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  CHECK(send_to(b, "x", 1, host(2), 53) == -1 && close(b) == 0 && close(outside) == 0);
  CHECK(close(c) == 0);
}

static void dies(void) {
  int l = listener(80, 1);
  tell(up, 1);
  int s = accepted(l);
  CHECK(write(s, "so long", 7) == 7);
  tell(up, 2);
  sleep(1000);
}

// Killed in the middle of it: what was sent arrives, and then the end.
static void death(void) {
  up = make_gate();
  int child = beside(host(2), dies), status;
  CHECK(hear(up) == 1);
  int a = connected(host(2), 80);
  CHECK(hear(up) == 2 && kill(child) == 0 && wait(&status) == child);
  CHECK(read(a, bytes, 100) == 7 && read(a, bytes, 100) == 0 && write(a, "x", 1) == -1 && close(a) == 0);
  // Another one has the address, and nothing of that.
  child = beside(host(2), nothing_here);
  CHECK(wait(&status) == child && status == 0);
}

static void client(void) {
  int a = stream();
  CHECK(try_connect(a, host(1), 80) == 0 && write(a, "in", 2) == 2);
  tell(up, 1);
  sleep(1000);
}

// A container reaches the machine outside, which learns of its end.
static void inward(void) {
  up = make_gate();
  int l = listener(80, 1), status, child = beside(host(2), client);
  int s = accepted(l);
  CHECK(is_named(s, 1, host(2), 49152) && read(s, bytes, 9) == 2 && hear(up) == 1);
  CHECK(kill(child) == 0 && read(s, bytes, 9) == 0 && write(s, "x", 1) == -1 && wait(&status) == child);
  CHECK(close(s) == 0 && close(l) == 0);
}

static void idle(void) {
  tell(up, 1);
  sleep(1000);
}

int main(void) {
  CHECK(cm_network(htonl(host(2))) == -1);
  CHECK(in_container(addresses) == 0);
  CHECK(in_container(rooted) == 0);
  CHECK(status_of(talk) == 0);
  CHECK(status_of(death) == 0);
  CHECK(status_of(inward) == 0);
  // An address is one container's as long as that lives.
  up = make_gate();
  int child = beside(host(2), idle), status;
  CHECK(hear(up) == 1);
  int other = fork();
  if (other == 0) {
    CHECK(cm_create_and_enter() == 0);
    CHECK(cm_network(htonl(host(2))) == -1 && cm_network(htonl(host(3))) == 0);
    exit(0);
  }
  CHECK(wait(&status) == other && status == 0);
  CHECK(kill(child) == 0 && wait(&status) == child);
  return 0;
}
