// What nobody would send on purpose: addresses across the ends of pages, backlogs of those who are gone, sockets that
// are their own peers, many descriptors of one socket in a poll, and processes that end in the middle.
#include "net.h"

enum { BACKLOG_MOST = 128 };

static char bytes[20000];

// Behind the last byte that there is.
static char *end;

static void check_addresses(void) {
  int d = bound(datagrams(), INADDR_ANY, 53), l = listener(80, 2), a = stream(), b = stream();
  struct sockaddr_in here = at(INADDR_LOOPBACK, 80);
  struct sockaddr *whole = (struct sockaddr *)(end - 16), *cut = (struct sockaddr *)(end - 15);
  memcpy(cut, &here, 15);
  CHECK(connect(b, cut, 16) == -1 && bind(b, cut, 16) == -1 && sendto(d, "x", 1, 0, cut, 16) == -1);
  memcpy(whole, &here, 16);
  CHECK(connect(b, whole, -16) == -1 && connect(b, whole, 0) == -1 && connect(a, whole, 0x7fffffff) == 0);
  // The place for the address, and that for its length, beyond the end, or where nothing may be written.
  socklen_t length = 16, *cut_length = (socklen_t *)(end - 3);
  CHECK(accept(l, ADDRESS(here), cut_length) == -1 && accept(l, cut, &length) == -1);
  CHECK(accept(l, ADDRESS(here), TEXT) == -1 && accept(l, TEXT, &length) == -1 && ready(l, POLLIN) == POLLIN);
  length = 15;
  int s = accept(l, cut, &length);
  CHECK(s >= 0 && length == 16 && cut->sa_family == AF_INET);
  CHECK(getpeername(a, cut, &length) == -1 && getsockname(a, TEXT, &length) == -1);
  // What cannot be stored stays where it is.
  CHECK(write(a, "stays", 5) == 5 && read(s, TEXT, 5) == -1 && read(s, end - 2, 5) == 2 && read(s, bytes, 9) == 3);
  CHECK(send_to(d, "stays", 5, INADDR_LOOPBACK, 53) == 5 && read(d, TEXT, 5) == -1 && read(d, end - 2, 5) == -1);
  CHECK(read(d, bytes, 9) == 5 && close(d) == 0 && close(l) == 0 && close(a) == 0 && close(b) == 0 && close(s) == 0);
}

static void check_backlogs(void) {
  static const int few[] = {0, -1, -0x7fffffff - 1, 1};
  for (unsigned index = 0; index < sizeof few / sizeof *few; index++) {
    int l = listener(80, few[index]), a = connected(INADDR_LOOPBACK, 80), b = stream();
    CHECK(try_connect(b, INADDR_LOOPBACK, 80) == -1 && close(a) == 0);
    // One that is gone has its place until it is accepted.
    CHECK(try_connect(b, INADDR_LOOPBACK, 80) == -1 && close(accepted(l)) == 0 && try_connect(b, INADDR_LOOPBACK, 80) == 0);
    CHECK(close(l) == 0 && read(b, bytes, 1) == 0 && close(b) == 0);
  }
  int l = listener(80, 0x7fffffff), last = stream();
  for (int index = 0; index < BACKLOG_MOST; index++) {
    int a = connected(INADDR_LOOPBACK, 80);
    CHECK(write(a, bytes, 4096) == 4096 && close(a) == 0);
  }
  CHECK(try_connect(last, INADDR_LOOPBACK, 80) == -1);
  // A smaller one keeps those that there are.
  CHECK(listen(l, 1) == 0);
  for (int index = 0; index < BACKLOG_MOST; index++) {
    CHECK(try_connect(last, INADDR_LOOPBACK, 80) == -1);
    int s = accepted(l);
    CHECK(read(s, bytes, sizeof bytes) == 4096 && read(s, bytes, 1) == 0 && close(s) == 0);
  }
  CHECK(try_connect(last, INADDR_LOOPBACK, 80) == 0 && close(last) == 0 && close(l) == 0);
}

static void check_selves(void) {
  int a = bound(stream(), INADDR_ANY, 80), b = bound(stream(), INADDR_ANY, 81), d = bound(datagrams(), INADDR_ANY, 82);
  CHECK(try_connect(a, INADDR_LOOPBACK, 80) == -1 && try_connect(a, INADDR_LOOPBACK, 81) == -1);
  CHECK(try_connect(b, INADDR_LOOPBACK, 80) == -1 && listen(a, 1) == 0 && try_connect(a, INADDR_LOOPBACK, 80) == -1);
  // Datagrams to oneself.
  CHECK(try_connect(d, INADDR_LOOPBACK, 82) == 0 && write(d, "me", 2) == 2 && read(d, bytes, 9) == 2);
  CHECK(write(d, bytes, 0) == 0 && ready(d, POLLIN) == POLLIN && recvfrom(d, bytes, 9, MSG_PEEK, 0, 0) == 0);
  CHECK(read(d, bytes, 0) == 0 && ready(d, POLLIN) == 0);
  CHECK(close(a) == 0 && close(b) == 0 && close(d) == 0);
}

static void check_windows(void) {
  int l = listener(80, 1), a = connected(INADDR_LOOPBACK, 80), s = accepted(l), status;
  CHECK(write(a, bytes, 4096) == 4096 && ready(a, POLLOUT) == 0);
  // Looking at it makes no room, and taking a byte makes room for one.
  CHECK(recvfrom(s, bytes, 20000, MSG_PEEK, 0, 0) == 4096 && ready(a, POLLOUT) == 0);
  CHECK(read(s, bytes, 1) == 1 && sendto(a, bytes, 4096, MSG_DONTWAIT, 0, 0) == 1 && ready(a, POLLOUT) == 0);
  // Two who fill it and two who read it, the same socket each: nothing is lost, and nothing comes twice.
  int readers[2], writers[2];
  for (int index = 0; index < 2; index++) {
    writers[index] = fork();
    if (writers[index] == 0) {
      CHECK(close(s) == 0 && write(a, bytes, 12000 + index) == 12000 + index);
      exit(0);
    }
    readers[index] = fork();
    if (readers[index] == 0) {
      int total = 0, count;
      CHECK(close(a) == 0);
      while ((count = read(s, bytes, 777)) > 0)
        total += count;
      exit(total);
    }
  }
  CHECK(close(a) == 0 && close(s) == 0);
  int total = 0;
  for (int index = 0; index < 4; index++) {
    int child = wait(&status);
    if (child == readers[0] || child == readers[1])
      total += status;
    else
      CHECK(status == 0);
  }
  CHECK(total == 4096 + 24001 && close(l) == 0);
}

// One socket behind all descriptors that there are, each watched twice, and more places than there are descriptors.
static void check_polls(void) {
  static struct pollfd many[1024];
  int d = bound(datagrams(), INADDR_ANY, 53), status;
  while (dup(d) >= 0)
    ;
  for (int place = 0; place < 1024; place++)
    many[place] = (struct pollfd){place % 13 + 3, POLLIN, -1};
  CHECK(poll(many, 1025, 0) == -1 && poll(many, 1000000, 0) == -1 && poll(many, 0xffffffff, 0) == -1);
  CHECK(poll(many, 1024, 0) == 0 && many[1023].revents == 0);
  CHECK(poll((struct pollfd *)(end - 8), 2, 0) == -1 && poll(TEXT, 1, 0) == -1);
  int child = fork();
  if (child == 0) {
    CHECK(poll(many, 1024, -1) == 1024 && many[0].revents == POLLIN && many[1023].revents == POLLIN);
    exit(0);
  }
  int killed = fork();
  if (killed == 0) {
    poll(many, 1024, 1000);
    exit(0);
  }
  sleep(2);
  CHECK(kill(killed) == 0 && wait(&status) == killed && status == -1);
  CHECK(send_to(d, "x", 1, INADDR_LOOPBACK, 53) == 1 && wait(&status) == child && status == 0);
  for (int descriptor = 3; descriptor < 16; descriptor++)
    CHECK(close(descriptor) == 0);
}

static void wait_in_accept(void) {
  accept(3, 0, 0);
  exit(0);
}

// Processes that end while others hold what they waited for.
static void check_ends(void) {
  int l = listener(80, 4), children[3], status;
  CHECK(l == 3);
  for (int index = 0; index < 3; index++)
    if ((children[index] = fork()) == 0)
      wait_in_accept();
  sleep(2);
  CHECK(kill(children[0]) == 0 && close(l) == 0 && wait(&status) == children[0] && status == -1);
  // The others listen on.
  int a = connected(INADDR_LOOPBACK, 80);
  CHECK(wait(&status) > 0 && status == 0 && close(a) == 0);
  CHECK(kill(children[1]) == 0 || kill(children[2]) == 0);
  kill(children[2]);
  CHECK(wait(&status) > 0 && status == -1);
  int b = stream();
  CHECK(try_connect(b, INADDR_LOOPBACK, 80) == -1 && close(b) == 0);
  // A bomb of processes that all have both ends: the end comes with the last of them.
  l = listener(80, 1);
  a = connected(INADDR_LOOPBACK, 80);
  int s = accepted(l), count = 0;
  while (count < 100) {
    int child = fork();
    if (child < 0)
      break;
    if (child == 0) {
      CHECK(write(a, "x", 1) == 1);
      sleep(1);
      exit(0);
    }
    count++;
  }
  CHECK(close(a) == 0);
  int total = 0, got;
  while ((got = read(s, bytes, sizeof bytes)) > 0)
    total += got;
  CHECK(got == 0 && total == count && count > 10);
  while (count-- > 0)
    CHECK(wait(&status) > 0 && status == 0);
  CHECK(close(s) == 0 && close(l) == 0);
}

// Over the switch: who is killed while it connects, and an address that comes and goes.
static void check_switch(void) {
  int ends[2], status;
  CHECK(pipe(ends) == 0);
  for (int round = 0; round < 3; round++) {
    int child = fork();
    if (child == 0) {
      CHECK(cm_create_and_enter() == 0 && cm_network(htonl(host(2))) == 0);
      int l = listener(80, 2), d = bound(datagrams(), INADDR_ANY, 53);
      CHECK(write(ends[1], "x", 1) == 1);
      // Of the one that was killed there is no more than its end.
      while (read(accepted(l), bytes, 4) != 4)
        ;
      // Ends with a connection in its backlog, bytes in the windows and a datagram that nobody has read.
      exit(d);
    }
    CHECK(read(ends[0], bytes, 1) == 1);
    int hasty = fork();
    if (hasty == 0) {
      int a = stream();
      try_connect(a, host(2), 80);
      exit(0);
    }
    kill(hasty);
    CHECK(wait(&status) == hasty);
    int a = stream(), d = datagrams(), b = stream();
    send_to(d, "unread", 6, host(2), 53);
    CHECK(try_connect(a, host(2), 80) == 0 && write(a, bytes, 4096) == 4096);
    try_connect(b, host(2), 80);
    CHECK(wait(&status) == child);
    CHECK(read(a, bytes, 1) == 0 && write(a, "x", 1) == -1);
    CHECK(close(a) == 0 && close(b) == 0 && close(d) == 0);
    a = stream();
    CHECK(try_connect(a, host(2), 80) == -1 && close(a) == 0);
  }
  CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

int main(void) {
  int before = free_descriptors();
  end = last_page() + PGSIZE;
  check_addresses();
  check_backlogs();
  check_selves();
  check_windows();
  check_polls();
  check_ends();
  check_switch();
  CHECK(free_descriptors() == before);
  return 0;
}
