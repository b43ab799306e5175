// The echo service, which every address has where nobody has its port; and /proc/net, which shows the reader's own network.
#include "mounts.h"
#include "net.h"
#include "texts.h"

static char bytes[2000], back[2000];

// What comes back for so many bytes: how many; -1 if nothing does.
static int echoed(int socket, int count, uint32_t address, int ticks) {
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  struct pollfd one = {socket, POLLIN, 0};
  for (int index = 0; index < count; index++)
    bytes[index] = (char)(index * 5 + count);
  CHECK(send_to(socket, bytes, count, address, 7) == count);
  if (poll(&one, 1, ticks) != 1)
    return -1;
  int got = recvfrom(socket, back, sizeof back, 0, ADDRESS(from), &length);
  CHECK(ntohl(from.sin_addr.s_addr) == address && from.sin_port == htons(7) && memcmp(bytes, back, (size_t)count) == 0);
  return got;
}

static void own(void) {
  int a = datagrams();
  CHECK(echoed(a, 10, INADDR_LOOPBACK, 0) == 10 && echoed(a, 1472, host(1), 0) == 1472 && echoed(a, 0, 0x7f000009, 0) == 0);
  // It is one of datagrams alone, and gives way to whoever has the port, also at another address.
  int s = stream();
  CHECK(try_connect(s, INADDR_LOOPBACK, 7) == -1 && close(s) == 0);
  int b = bound(datagrams(), host(1), 7);
  CHECK(echoed(a, 3, host(1), 1) == -1 && read(b, back, 9) == 3 && echoed(a, 3, INADDR_LOOPBACK, 1) == -1);
  CHECK(close(b) == 0 && echoed(a, 3, INADDR_LOOPBACK, 0) == 3);
  // A connected socket hears it like anybody else.
  CHECK(try_connect(a, INADDR_LOOPBACK, 7) == 0 && write(a, "hi", 2) == 2 && read(a, back, 9) == 2 && close(a) == 0);
}

static struct gate up, down;
static void idle(void) {
  tell(up, 1);
  hear(down);
}
static int beside(int number, void (*body)(void)) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0 && (number == 0 || cm_network(htonl(host(number))) == 0));
    body();
    exit(0);
  }
  return child;
}

// From a port 7: who answers would be answered for ever.
static void from_seven(void) {
  int a = bound(datagrams(), INADDR_ANY, 7);
  CHECK(send_to(a, "x", 1, host(1), 7) == 1 && send_to(a, "x", 1, host(2), 7) == 1);
  struct pollfd one = {a, POLLIN, 0};
  CHECK(poll(&one, 1, 3) == 0 && send_to(a, "own", 3, INADDR_LOOPBACK, 7) == 3 && read(a, back, 9) == 3);
  CHECK(poll(&one, 1, 0) == 0 && close(a) == 0);
}

static void across(void) {
  up = make_gate();
  down = make_gate();
  int child = beside(2, idle), status;
  CHECK(hear(up) == 1);
  int a = datagrams();
  CHECK(echoed(a, 100, host(2), 5) == 100 && echoed(a, 0, host(2), 5) == 0);
  // Nobody fills another's link by asking: answers have a place of the asker's.
  for (int index = 0; index < 100; index++)
    CHECK(send_to(a, &index, sizeof index, host(2), 7) == sizeof index);
  struct pollfd one = {a, POLLIN, 0};
  int count = 0;
  while (poll(&one, 1, 2) == 1)
    CHECK(read(a, back, sizeof back) == sizeof(int) && ++count);
  CHECK(count >= 32 && count < 100);
  int other = beside(3, from_seven);
  CHECK(wait(&status) == other && status == 0);
  tell(down, 0);
  CHECK(wait(&status) == child && status == 0 && send_to(a, "x", 1, host(2), 7) == -1 && close(a) == 0);
}

// MARK: /proc/net

static int lines(void) {
  int count = 0;
  for (const char *at = text; *at; at++)
    count += *at == '\n';
  return count;
}

static void shown(void) {
  CHECK(facts("/proc/net").type == T_DIR && facts("/proc/net/tcp").type == T_FILE);
  CHECK(open("/proc/net/nosuch", O_RDONLY) == -1 && open("/proc/net/tcp", O_WRONLY) == -1 && mkdir("/proc/net/x") == -1);
  CHECK(chdir("/proc/net") == 0 && same_file("..", "/proc") && take("udp") > 0 && lines() == 1 && chdir("/") == 0);
  CHECK(take("/proc/net/tcp") == 150 && take("/proc/net/udp") == 128 && lines() == 1);
  // One that listens, one that waits to be accepted, both ends of another.
  int l = listener(80, 4), a = connected(INADDR_LOOPBACK, 80), s = accepted(l), b = connected(host(1), 80);
  CHECK(write(a, "hello", 5) == 5 && shutdown(a, SHUT_WR) == 0);
  CHECK(take("/proc/net/tcp") == 6 * 150 && lines() == 6);
  CHECK(has("   0: 00000000:0050 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 "));
  CHECK(has(": 0100007F:C000 0100007F:0050 05 00000000:00000000 ") && has(": 0100007F:0050 0100007F:C000 08 00000000:00000005 "));
  CHECK(has(": 0100000A:C001 0100000A:0050 01 ") && has("   4: 0100000A:0050 0100000A:C001 01 00000000:00000000 00:00000000 00000000     0        0 0 1 "));
  CHECK(close(l) == 0 && close(a) == 0 && close(b) == 0 && close(s) == 0 && take("/proc/net/tcp") == 150);
  int d = bound(datagrams(), INADDR_LOOPBACK, 53), e = datagrams();
  CHECK(try_connect(e, INADDR_LOOPBACK, 53) == 0 && write(e, "12345678", 8) == 8);
  CHECK(take("/proc/net/udp") == 3 * 128 && has("    0: 0100007F:0035 00000000:0000 07 00000000:00000008 "));
  CHECK(has("    1: 0100007F:C000 0100007F:0035 01 ") && close(d) == 0 && close(e) == 0);
  CHECK(take("/proc/net/route") == 2 * 128 && has("\neth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t"));
}

static long bytes_over(const char *name) {
  CHECK(take("/proc/net/dev") > 0);
  const char *at = find(name);
  CHECK(at);
  at = strchr(at, ':') + 1;
  while (*at == ' ')
    at++;
  return atoi(at);
}

// What is in there and nowhere else is what a container has; without an address it has lo alone.
static void inside(void) {
  CHECK(take("/proc/net/tcp") == 150 && take("/proc/net/udp") == 128 && take("/proc/net/route") == 128);
  CHECK(take("/proc/net/dev") > 0 && lines() == 3 && has("    lo:       0       0    0 ") && !has("eth0"));
  int a = datagrams();
  CHECK(echoed(a, 10, INADDR_LOOPBACK, 0) == 10 && bytes_over("lo") == 20 && send_to(a, "x", 1, host(1), 7) == -1);
  CHECK(has("      20       2    0    0    0     0          0         0       20       2 "));
}

static void counted(void) {
  int status, l = listener(80, 1), child = beside(0, inside);
  CHECK(wait(&status) == child && status == 0);
  long before = bytes_over("eth0"), own_before = bytes_over("lo");
  up = make_gate();
  down = make_gate();
  child = beside(2, idle);
  CHECK(hear(up) == 1);
  int a = datagrams();
  CHECK(echoed(a, 50, host(2), 5) == 50 && bytes_over("eth0") == before + 50 && bytes_over("lo") == own_before);
  tell(down, 0);
  CHECK(wait(&status) == child && status == 0 && close(a) == 0 && close(l) == 0);
}

int main(void) {
  int before = free_descriptors();
  own();
  CHECK(free_descriptors() == before);
  shown();
  CHECK(free_descriptors() == before);
  CHECK(status_of(across) == 0 && status_of(counted) == 0);
  return 0;
}
