// socket, bind, listen, getsockname and getpeername: what a socket is called, and what refuses that.
#include "net.h"

static void check_making(void) {
  CHECK(socket(1, SOCK_STREAM, 0) == -1 && socket(10, SOCK_STREAM, 0) == -1);
  CHECK(socket(AF_INET, 0, 0) == -1 && socket(AF_INET, 3, 0) == -1 && socket(AF_INET, SOCK_STREAM, 17) == -1);
  int before = free_descriptors();
  int a = stream(), b = datagrams();
  CHECK(a == 3 && b == 4 && free_descriptors() == before - 2);
  struct stat status;
  CHECK(fstat(a, &status) == -1);
  CHECK(close(a) == 0 && close(a) == -1 && close(b) == 0 && free_descriptors() == before);
  // As many as there are descriptors, and then no more.
  int count = 0;
  while (socket(AF_INET, SOCK_STREAM, 0) >= 0)
    count++;
  CHECK(count == before && free_descriptors() == 0);
  while (count--)
    CHECK(close(3 + count) == 0);
}

static void check_binding(void) {
  int a = stream(), b = stream(), c = datagrams();
  struct sockaddr_in endpoint = at(INADDR_ANY, 80);
  CHECK(is_named(a, 0, 0, 0));
  // Not a socket, a bad address, a bad length, another family.
  CHECK(bind(0, ADDRESS(endpoint), 16) == -1 && bind(99, ADDRESS(endpoint), 16) == -1);
  CHECK(bind(a, NOWHERE, 16) == -1 && bind(a, ADDRESS(endpoint), 15) == -1);
  endpoint.sin_family = 10;
  CHECK(bind(a, ADDRESS(endpoint), 16) == -1);
  // Addresses of others.
  CHECK(try_bind(a, host(2), 80) == -1 && try_bind(a, 0x08080808, 80) == -1 && is_named(a, 0, 0, 0));
  CHECK(try_bind(a, INADDR_ANY, 80) == 0 && is_named(a, 0, 0, 80));
  CHECK(try_bind(a, INADDR_ANY, 81) == -1);
  // A port in use, whatever address it is bound to; but datagrams have ports of their own.
  CHECK(try_bind(b, INADDR_ANY, 80) == -1 && try_bind(b, INADDR_LOOPBACK, 80) == -1);
  CHECK(try_bind(c, INADDR_LOOPBACK, 80) == 0 && is_named(c, 0, INADDR_LOOPBACK, 80));
  // All of 127.0.0.0/8 and the machine's own address are one's own.
  CHECK(try_bind(b, 0x7f010203, 443) == 0 && is_named(b, 0, 0x7f010203, 443));
  int d = bound(stream(), host(1), 444);
  CHECK(is_named(d, 0, host(1), 444) && close(d) == 0);
  // Port 0 takes the lowest that is free from 49152 up.
  int e = bound(stream(), INADDR_ANY, 0), f = bound(stream(), INADDR_LOOPBACK, 0);
  CHECK(port_of(e) == 49152 && port_of(f) == 49153);
  int g = bound(datagrams(), INADDR_ANY, 0);
  CHECK(port_of(g) == 49152);
  CHECK(close(e) == 0);
  e = bound(stream(), INADDR_ANY, 0);
  CHECK(port_of(e) == 49152);
  // A port is free when its socket is closed for the last time.
  int copy = dup(a);
  CHECK(close(a) == 0);
  a = stream();
  CHECK(try_bind(a, INADDR_ANY, 80) == -1 && close(copy) == 0 && try_bind(a, INADDR_ANY, 80) == 0);
  for (int socket = 3; socket < 12; socket++)
    close(socket);
}

static void check_names(void) {
  int a = bound(stream(), INADDR_LOOPBACK, 7);
  struct sockaddr_in found;
  socklen_t length = 8;
  memset(&found, 0x55, sizeof found);
  // Room for less than an address gets the beginning, and learns how long it is.
  CHECK(getsockname(a, ADDRESS(found), &length) == 0 && length == 16);
  CHECK(found.sin_port == htons(7) && ntohl(found.sin_addr.s_addr) == INADDR_LOOPBACK && found.sin_zero[0] == 0x55);
  length = (socklen_t)-1;
  CHECK(getsockname(a, ADDRESS(found), &length) == -1);
  length = 16;
  CHECK(getsockname(a, NOWHERE, &length) == -1 && getsockname(a, ADDRESS(found), NOWHERE) == -1);
  CHECK(getsockname(a, 0, &length) == -1 && getsockname(1, ADDRESS(found), &length) == -1);
  // Nobody is at the other end.
  CHECK(getpeername(a, ADDRESS(found), &length) == -1);
  CHECK(close(a) == 0);
}

static void check_listening(void) {
  int a = stream(), b = datagrams();
  CHECK(accept(a, 0, 0) == -1 && listen(b, 1) == -1 && listen(0, 1) == -1 && accept(b, 0, 0) == -1);
  // Who listens without a port gets one, and may listen again.
  CHECK(listen(a, 0) == 0 && port_of(a) == 49152 && listen(a, 5) == 0);
  char byte;
  CHECK(read(a, &byte, 1) == -1 && write(a, "x", 1) == -1 && shutdown(a, SHUT_WR) == -1);
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == -1);
  int c = connected(INADDR_LOOPBACK, 49152);
  CHECK(listen(c, 1) == -1 && try_bind(c, INADDR_ANY, 9) == -1);
  CHECK(close(a) == 0 && close(b) == 0 && close(c) == 0);
}

int main(void) {
  check_making();
  check_binding();
  check_names();
  check_listening();
  CHECK(free_descriptors() == 13);
  return 0;
}
