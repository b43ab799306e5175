// What the tests of the network share. Addresses and ports here are in the machine's order.
#pragma once

#include "contain.h"

// A pointer to what programs of the network pass around.
#define ADDRESS(endpoint) ((struct sockaddr *)&(endpoint))

static inline struct sockaddr_in at(uint32_t address, int port) {
  struct sockaddr_in endpoint;
  memset(&endpoint, 0, sizeof endpoint);
  endpoint.sin_family = AF_INET;
  endpoint.sin_port = htons((uint16_t)port);
  endpoint.sin_addr.s_addr = htonl(address);
  return endpoint;
}

// 10.0.0.N.
static inline uint32_t host(int number) { return 0x0a000000u + (uint32_t)number; }

static inline int try_bind(int socket, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return bind(socket, ADDRESS(endpoint), sizeof endpoint);
}

static inline int try_connect(int socket, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return connect(socket, ADDRESS(endpoint), sizeof endpoint);
}

static inline int send_to(int socket, const void *bytes, int count, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return sendto(socket, bytes, count, 0, ADDRESS(endpoint), sizeof endpoint);
}

static inline int stream(void) {
  int made = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(made >= 0);
  return made;
}

static inline int datagrams(void) {
  int made = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK(made >= 0);
  return made;
}

static inline int bound(int socket, uint32_t address, int port) {
  CHECK(try_bind(socket, address, port) == 0);
  return socket;
}

static inline int listener(int port, int backlog) {
  int made = bound(stream(), INADDR_ANY, port);
  CHECK(listen(made, backlog) == 0);
  return made;
}

static inline int connected(uint32_t address, int port) {
  int made = stream();
  CHECK(try_connect(made, address, port) == 0);
  return made;
}

static inline int accepted(int listening) {
  int made = accept(listening, 0, 0);
  CHECK(made >= 0);
  return made;
}

// Whether a socket's own address, or its peer's, is this one.
static inline int is_named(int socket, int peers, uint32_t address, int port) {
  struct sockaddr_in found;
  socklen_t length = sizeof found;
  memset(&found, 0x55, sizeof found);
  if ((peers ? getpeername : getsockname)(socket, ADDRESS(found), &length) != 0)
    return 0;
  struct sockaddr_in want = at(address, port);
  return length == 16 && memcmp(&found, &want, sizeof found) == 0;
}

static inline int port_of(int socket) {
  struct sockaddr_in found;
  socklen_t length = sizeof found;
  CHECK(getsockname(socket, ADDRESS(found), &length) == 0);
  return ntohs(found.sin_port);
}

// What poll says of one descriptor, without waiting.
static inline int ready(int descriptor, int events) {
  struct pollfd one = {descriptor, (short)events, 0x55};
  int count = poll(&one, 1, 0);
  CHECK(count == (one.revents != 0) && one.fd == descriptor && one.events == (short)events);
  return one.revents;
}
