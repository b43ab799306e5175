// Streams on lo: connect and accept, the window, half-close, the death of either side.
#include "net.h"

static char bytes[20000];

static char pattern(int index) { return (char)(index * 7 + index / 256); }

static void check_connecting(void) {
  int a = stream();
  // Nobody listens; and what listens is none that was only bound.
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == -1);
  int bare = bound(stream(), INADDR_ANY, 80);
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == -1 && close(bare) == 0);
  struct sockaddr_in endpoint = at(INADDR_LOOPBACK, 80);
  CHECK(connect(a, NOWHERE, 16) == -1 && connect(a, ADDRESS(endpoint), 4) == -1 && connect(0, ADDRESS(endpoint), 16) == -1);
  CHECK(try_connect(a, INADDR_LOOPBACK, 0) == -1 && try_connect(a, host(9), 80) == -1 && try_connect(a, 0x08080808, 80) == -1);
  // A failed one may try again.
  int l = listener(80, 4);
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == 0 && try_connect(a, INADDR_LOOPBACK, 80) == -1);
  // Both ends know both names; the port is one from 49152 up.
  CHECK(is_named(a, 0, INADDR_LOOPBACK, 49152) && is_named(a, 1, INADDR_LOOPBACK, 80));
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  int s = accept(l, ADDRESS(from), &length);
  CHECK(s >= 0 && length == 16 && from.sin_family == AF_INET && from.sin_port == htons(49152));
  CHECK(ntohl(from.sin_addr.s_addr) == INADDR_LOOPBACK);
  CHECK(is_named(s, 0, INADDR_LOOPBACK, 80) && is_named(s, 1, INADDR_LOOPBACK, 49152));
  CHECK(close(a) == 0 && close(s) == 0);
  // 0.0.0.0 is lo, and the machine's own address leads back as well.
  a = connected(INADDR_ANY, 80);
  CHECK(is_named(a, 1, INADDR_LOOPBACK, 80));
  int b = connected(host(1), 80), c = connected(0x7f000005, 80);
  CHECK(is_named(b, 0, host(1), port_of(b)) && is_named(c, 1, 0x7f000005, 80));
  // A descriptor less than it takes, a bad place for the address: the connection stays for the next accept.
  length = sizeof from;
  CHECK(accept(l, NOWHERE, &length) == -1 && accept(l, ADDRESS(from), 0) == -1);
  int taken[16], count = 0;
  while ((taken[count] = dup(0)) >= 0)
    count++;
  CHECK(accept(l, 0, 0) == -1);
  while (count)
    CHECK(close(taken[--count]) == 0);
  int x = accepted(l), y = accepted(l), z = accepted(l);
  CHECK(is_named(x, 0, INADDR_LOOPBACK, 80) && is_named(y, 0, host(1), 80) && is_named(z, 0, 0x7f000005, 80));
  for (int socket = 3; socket < 14; socket++)
    close(socket);
  // Who is bound to one address is not found at another.
  l = bound(stream(), INADDR_LOOPBACK, 80);
  CHECK(listen(l, 1) == 0);
  a = stream();
  CHECK(try_connect(a, host(1), 80) == -1 && try_connect(a, INADDR_LOOPBACK, 80) == 0);
  CHECK(close(a) == 0 && close(l) == 0);
}

static void check_backlog(void) {
  int l = listener(80, 2), a = connected(INADDR_LOOPBACK, 80), b = connected(INADDR_LOOPBACK, 80), c = stream();
  CHECK(try_connect(c, INADDR_LOOPBACK, 80) == -1);
  // One that is accepted makes room; one that has been closed waits on, with what it has sent.
  int s = accepted(l);
  CHECK(try_connect(c, INADDR_LOOPBACK, 80) == 0);
  CHECK(write(b, "bye", 3) == 3 && close(b) == 0);
  int d = stream();
  CHECK(try_connect(d, INADDR_LOOPBACK, 80) == -1);
  int t = accepted(l);
  CHECK(read(t, bytes, 10) == 3 && memcmp(bytes, "bye", 3) == 0 && read(t, bytes, 10) == 0);
  // With the listener go those that wait; those that were accepted stay.
  CHECK(close(l) == 0 && read(c, bytes, 1) == 0 && write(c, "x", 1) == -1);
  CHECK(write(a, "x", 1) == 1 && read(s, bytes, 10) == 1);
  CHECK(try_connect(d, INADDR_LOOPBACK, 80) == -1);
  for (int socket = 3; socket < 14; socket++)
    close(socket);
  // Who waits in accept gets the next one.
  l = listener(80, 1);
  int child = fork(), status;
  if (child == 0) {
    int one = accepted(l);
    CHECK(read(one, bytes, 10) == 2);
    exit(bytes[0]);
  }
  sleep(2);
  a = connected(INADDR_LOOPBACK, 80);
  CHECK(write(a, "hi", 2) == 2 && wait(&status) == child && status == 'h');
  CHECK(close(a) == 0 && close(l) == 0);
}

// A pair of connected sockets.
static int near, far;
static void pair(void) {
  int l = listener(80, 1);
  near = connected(INADDR_LOOPBACK, 80);
  far = accepted(l);
  CHECK(close(l) == 0);
}
static void part(void) { CHECK(close(near) == 0 && close(far) == 0); }

static void check_bytes(void) {
  pair();
  CHECK(write(near, "hello", 5) == 5 && read(far, bytes, 3) == 3 && memcmp(bytes, "hel", 3) == 0);
  CHECK(read(far, bytes, 100) == 2 && memcmp(bytes, "lo", 2) == 0);
  CHECK(write(far, "back", 4) == 4 && recvfrom(near, bytes, 2, MSG_PEEK, 0, 0) == 2);
  CHECK(recvfrom(near, bytes, 100, 0, 0, 0) == 4 && memcmp(bytes, "back", 4) == 0);
  CHECK(recvfrom(near, bytes, 1, MSG_DONTWAIT, 0, 0) == -1 && recvfrom(near, bytes, 1, MSG_DONTWAIT | MSG_PEEK, 0, 0) == -1);
  CHECK(write(near, bytes, 0) == 0 && read(far, bytes, 0) == 0);
  CHECK(write(near, bytes, -1) == -1 && read(near, bytes, -1) == -1 && sendto(near, "x", 1, 0x1000000, 0, 0) == -1);
  // 4096 bytes fit into the window, each way.
  for (int index = 0; index < 4096; index++)
    bytes[index] = pattern(index);
  CHECK(write(near, bytes, 4096) == 4096 && sendto(near, "x", 1, MSG_DONTWAIT, 0, 0) == -1);
  CHECK(write(far, bytes, 4095) == 4095 && sendto(far, "xy", 2, MSG_DONTWAIT, 0, 0) == 1);
  memset(bytes, 0, sizeof bytes);
  CHECK(read(far, bytes, sizeof bytes) == 4096);
  for (int index = 0; index < 4096; index++)
    CHECK(bytes[index] == pattern(index));
  CHECK(read(near, bytes, 5000) == 4096 && bytes[4095] == 'x' && bytes[4094] == pattern(4094));
  // More go through in turns, in order.
  int child = fork(), status;
  if (child == 0) {
    for (int index = 0; index < 20000; index++)
      bytes[index] = pattern(index);
    CHECK(write(near, bytes, 20000) == 20000);
    exit(0);
  }
  int total = 0;
  while (total < 20000) {
    char some[777];
    int count = read(far, some, sizeof some);
    CHECK(count > 0);
    for (int index = 0; index < count; index++)
      CHECK(some[index] == pattern(total + index));
    total += count;
  }
  CHECK(wait(&status) == child && status == 0);
  // Bad addresses take nothing, or as far as they are good.
  char *page = last_page();
  CHECK(write(near, NOWHERE, 1) == -1 && write(near, page + PGSIZE - 4, 10) == 4 && write(near, "abc", 3) == 3);
  CHECK(read(far, NOWHERE, 1) == -1 && read(far, page + PGSIZE - 2, 7) == 2 && read(far, bytes, 10) == 5);
  part();
}

static void check_half_close(void) {
  pair();
  CHECK(shutdown(near, 3) == -1 && shutdown(near, -1) == -1 && shutdown(0, 1) == -1);
  CHECK(write(near, "tail", 4) == 4 && shutdown(near, SHUT_WR) == 0);
  CHECK(write(near, "x", 1) == -1);
  // What was written before comes before the end; and the other way is open.
  CHECK(read(far, bytes, 2) == 2 && read(far, bytes, 10) == 2 && read(far, bytes, 10) == 0 && read(far, bytes, 10) == 0);
  CHECK(write(far, "answer", 6) == 6 && read(near, bytes, 10) == 6 && shutdown(near, SHUT_WR) == 0);
  part();
  // Who reads no more gets the end, and its peer's writing fails.
  pair();
  CHECK(write(near, "lost", 4) == 4 && shutdown(far, SHUT_RD) == 0);
  CHECK(read(far, bytes, 10) == 0 && write(near, "x", 1) == -1 && write(far, "y", 1) == 1 && read(near, bytes, 9) == 1);
  CHECK(shutdown(far, SHUT_RDWR) == 0 && read(near, bytes, 9) == 0);
  part();
  // A writer that waits for room fails when its reader goes.
  pair();
  int child = fork(), status;
  if (child == 0) {
    CHECK(close(far) == 0);
    exit(write(near, bytes, 9000));
  }
  CHECK(close(near) == 0);
  sleep(2);
  CHECK(close(far) == 0 && wait(&status) == child && status == -1);
  // A reader gets the end when its peer is killed, and what that had written.
  pair();
  child = fork();
  if (child == 0) {
    CHECK(close(near) == 0 && write(far, "last", 4) == 4);
    sleep(1000);
  }
  CHECK(close(far) == 0 && read(near, bytes, 10) == 4);
  CHECK(kill(child) == 0 && read(near, bytes, 10) == 0 && wait(&status) == child && status == -1);
  CHECK(close(near) == 0);
}

static void check_sharing(void) {
  // The end comes with the last descriptor, in whichever process.
  pair();
  int copy = dup(near), child = fork(), status;
  if (child == 0) {
    CHECK(close(near) == 0 && write(copy, "child", 5) == 5);
    exit(0);
  }
  CHECK(wait(&status) == child && status == 0 && close(near) == 0);
  CHECK(read(far, bytes, 10) == 5 && recvfrom(far, bytes, 1, MSG_DONTWAIT, 0, 0) == -1);
  CHECK(close(copy) == 0 && read(far, bytes, 10) == 0 && close(far) == 0);
  // A program that is executed has the descriptors that there were.
  pair();
  child = fork();
  if (child == 0) {
    close(1);
    CHECK(dup(far) == 1);
    char *words[] = {"echo", "through", 0};
    exec("/echo", words);
    exit(1);
  }
  CHECK(close(far) == 0 && wait(&status) == child && status == 0);
  int total = 0, count;
  while ((count = read(near, bytes + total, 100)) > 0)
    total += count;
  CHECK(count == 0 && total == 8 && memcmp(bytes, "through\n", 8) == 0 && close(near) == 0);
}

static void check_killed(void) {
  // Whoever is killed in any of the calls that wait leaves nothing.
  int l = listener(80, 1), status;
  int child = fork();
  if (child == 0) {
    accept(l, 0, 0);
    exit(0);
  }
  sleep(1);
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  CHECK(close(l) == 0);
  pair();
  child = fork();
  if (child == 0) {
    write(near, bytes, 20000);
    exit(0);
  }
  sleep(1);
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  part();
  int after = listener(80, 1);
  CHECK(close(after) == 0);
}

int main(void) {
  int before = free_descriptors();
  check_connecting();
  CHECK(free_descriptors() == before);
  check_backlog();
  CHECK(free_descriptors() == before);
  check_bytes();
  check_half_close();
  check_sharing();
  check_killed();
  CHECK(free_descriptors() == before);
  return 0;
}
