// misc.max's sockets: they count in the group in which they were made or accepted, until they are closed. net.max: a
// sender beyond it waits.
#include "net.h"
#include "groups.h"

static int sockets_are(int current, int refused) {
  CHECK(take("/cgroup/t/misc.current") > 0);
  char want[16] = "sockets 0\n";
  want[8] = (char)('0' + current);
  int right = has(want);
  CHECK(take("/cgroup/t/misc.events") > 0);
  want[8] = (char)('0' + refused);
  return right && has(want);
}

static void inside(void) {
  CHECK(puts_all("/cgroup/t/misc.max", "sockets 3") && puts_all("/cgroup/t/cgroup.procs", "0"));
  int a = listener(80, 2), b = connected(INADDR_LOOPBACK, 80), c = datagrams();
  CHECK(socket(AF_INET, SOCK_STREAM, 0) == -1 && sockets_are(3, 1));
  // One that cannot be accepted waits on.
  CHECK(accept(a, 0, 0) == -1 && close(c) == 0);
  int d = accepted(a);
  CHECK(sockets_are(3, 2) && write(b, "x", 1) == 1);
  char byte;
  CHECK(read(d, &byte, 1) == 1 && close(a) == 0 && sockets_are(2, 2));
  int copy = dup(d);
  CHECK(close(d) == 0 && sockets_are(2, 2) && close(copy) == 0 && sockets_are(1, 2));
  exit(0);
}

// Just after a tick has begun.
static int now(void) {
  CHECK(sleep(1) == 0);
  return uptime();
}

static char bytes[4000];

// net.max: what is sent beyond it in a tick waits for the next.
static void rate(void) {
  static const char *const bad[] = {"0", "-1", "x", "1 2", "max max", "wbps=1"};
  CHECK(open("/cgroup/net.max", O_RDONLY) == -1 && holds("/cgroup/t/net.max", "max\n"));
  for (unsigned index = 0; index < sizeof bad / sizeof *bad; index++)
    CHECK(put("/cgroup/t/net.max", bad[index]) == -1);
  CHECK(puts_all("/cgroup/t/misc.max", "sockets max"));
  CHECK(puts_all("/cgroup/t/net.max", "1000") && holds("/cgroup/t/net.max", "1000\n"));
  CHECK(puts_all("/cgroup/t/in/cgroup.procs", "0"));
  int l = listener(80, 1), a = connected(INADDR_LOOPBACK, 80), b = accepted(l), d = bound(datagrams(), INADDR_ANY, 53);
  int start = now();
  CHECK(write(a, bytes, 1000) == 1000 && uptime() == start);
  CHECK(sendto(a, bytes, 1, MSG_DONTWAIT, 0, 0) == -1 && uptime() == start);
  CHECK(write(a, bytes, 2500) == 2500 && uptime() == start + 3);
  CHECK(read(b, bytes, 4000) == 3500);
  // A datagram goes as a whole, and never if it is more than a tick's.
  CHECK(send_to(d, bytes, 1001, INADDR_LOOPBACK, 53) == -1);
  start = now();
  CHECK(send_to(d, bytes, 600, INADDR_LOOPBACK, 53) == 600 && uptime() == start);
  CHECK(send_to(d, bytes, 600, INADDR_LOOPBACK, 53) == 600 && uptime() == start + 1);
  // Who waits for the next tick can be killed.
  int child = fork(), status;
  if (child == 0) {
    write(a, bytes, 4000);
    exit(0);
  }
  sleep(1);
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  exit(0);
}

static void nothing(void) {}

// Who sends little by little all the time does not keep others of its group from sending.
static void in_line(void) {
  CHECK(puts_all("/cgroup/t/net.max", "100") && puts_all("/cgroup/t/in/cgroup.procs", "0"));
  int l = listener(80, 2), a = connected(INADDR_LOOPBACK, 80), b = accepted(l), d = bound(datagrams(), INADDR_ANY, 53);
  int c = connected(INADDR_LOOPBACK, 80), status;
  int reader = fork();
  if (reader == 0)
    for (;;)
      read(b, bytes, sizeof bytes);
  int greedy = fork();
  if (greedy == 0)
    for (;;)
      write(a, bytes, 1);
  sleep(2);
  for (int round = 0; round < 3; round++) {
    // While this one waits for a child, the other has what there is in the tick.
    CHECK(status_of(nothing) == 0);
    int start = uptime();
    CHECK(send_to(d, bytes, 100, INADDR_LOOPBACK, 53) == 100 && uptime() <= start + 3);
    CHECK(status_of(nothing) == 0);
    start = uptime();
    CHECK(write(c, bytes, 150) == 150 && uptime() <= start + 5);
  }
  CHECK(kill(greedy) == 0 && kill(reader) == 0 && wait(&status) > 0 && wait(&status) > 0);
  exit(0);
}

int main(void) {
  CHECK(mkdir("/cgroup/t") == 0);
  CHECK(status_of(inside) == 0 && sockets_are(0, 2));
  CHECK(mkdir("/cgroup/t/in") == 0);
  CHECK(status_of(rate) == 0);
  CHECK(status_of(in_line) == 0);
  CHECK(puts_all("/cgroup/t/net.max", "max") && unlink("/cgroup/t/in") == 0);
  CHECK(unlink("/cgroup/t") == 0);
  return 0;
}
