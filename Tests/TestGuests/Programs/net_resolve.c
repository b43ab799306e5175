// Names: addresses as texts, /etc/hosts, and what a name service answers, also one that answers nonsense.
#include "net.h"
#include "resolve.h"

static uint32_t found;
static int resolves(const char *name, uint32_t address) { return name_resolve(name, &found) == 0 && found == address; }

static void texts(void) {
  char text[ADDRESS_TEXT];
  CHECK(address_read("10.0.0.2", &found) && found == host(2) && strcmp(address_write(text, 0x0a010203), "10.1.2.3") == 0);
  CHECK(strcmp(address_write(text, 0xffffffff), "255.255.255.255") == 0 && strcmp(address_write(text, 0x00640a09), "0.100.10.9") == 0);
  const char *none[] = {"", "10", "10.0.0", "10.0.0.256", "10.0.0.2.", "10.0.0.2x", " 10.0.0.2", "10..0.2", "-1.0.0.0", "a.b.c.d"};
  for (unsigned index = 0; index < sizeof none / sizeof *none; index++)
    CHECK(!address_read(none[index], &found));
  CHECK(port_read("80") == 80 && port_read("65535") == 65535 && port_read("1") == 1);
  CHECK(!port_read("") && !port_read("0") && !port_read("65536") && !port_read("99999999999999999999") && !port_read("80x") && !port_read("-1"));
}

static void hosts(void) {
  CHECK(resolves("127.0.0.9", 0x7f000009) && resolves("localhost", INADDR_LOOPBACK) && resolves("LocalHost", INADDR_LOOPBACK));
  mkdir("/etc");
  make_file("/etc/hosts", "# names\n10.0.0.7 web www.web\t# old\n\n  10.0.0.8\tdb\r\nnonsense other\n10.0.0.9 # web9\n1.2.3.4 localhost last");
  CHECK(resolves("web", host(7)) && resolves("WWW.web", host(7)) && resolves("db", host(8)) && resolves("last", 0x01020304));
  CHECK(resolves("localhost", INADDR_LOOPBACK));
}

static int put(uint8_t *answer, int at, const char *bytes, int count) {
  memcpy(answer + at, bytes, (size_t)count);
  return at + count;
}

// Answers each question after its first letter.
static void service(int socket) {
  static uint8_t answer[512];
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int end = recvfrom(socket, answer, 300, 0, ADDRESS(from), &size);
    CHECK(end > 17 && answer[2] == 1 && answer[5] == 1 && answer[end - 3] == 1 && answer[end - 1] == 1);
    int length = end;
    answer[2] |= 0x80;
    switch (answer[13]) {
    case 'w':  // an alias in front, by a pointer to the name
      answer[7] = 2;
      length = put(answer, length, "\xc0\x0c\0\5\0\1\0\0\0\0\0\3\1a\0\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\0\0\5", 31);
      break;
    case 'g':  // gone
      answer[3] = 3;
      break;
    case 's':  // silent
      continue;
    case 'e':  // empty
      break;
    case 't':  // says more than there is
      answer[7] = 9;
      length = put(answer, length, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\0", 14);
      break;
    case 'f':  // forged: another's number, another's question, and then the right one
      answer[7] = 1;
      length = put(answer, length, "\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x0a\0\0\6", 16);
      answer[0] ^= 1;
      CHECK(sendto(socket, answer, length, 0, ADDRESS(from), size) == length);
      answer[0] ^= 1;
      answer[14] ^= 1;
      CHECK(sendto(socket, answer, length, 0, ADDRESS(from), size) == length);
      answer[14] ^= 1;
      CHECK(sendto(socket, answer, 5, 0, ADDRESS(from), size) == 5);
      break;
    }
    CHECK(sendto(socket, answer, length, 0, ADDRESS(from), size) == length);
  }
}

static void ask(void) {
  CHECK(cm_network(htonl(host(2))) == 0);
  CHECK(resolves("web", host(5)) && name_resolve("gone", &found) == RESOLVE_UNKNOWN && name_resolve("empty.name", &found) == RESOLVE_UNKNOWN);
  CHECK(name_resolve("too", &found) == RESOLVE_UNKNOWN && resolves("forged", host(6)));
  int before = uptime();
  CHECK(name_resolve("silent", &found) == RESOLVE_NO_ANSWER && uptime() >= before + 29);
  // What is no name is asked nobody for.
  static char name[300];
  memset(name, 'w', sizeof name - 1);
  CHECK(name_resolve("", &found) == RESOLVE_UNKNOWN && name_resolve("w..w", &found) == RESOLVE_UNKNOWN && name_resolve(name, &found) == RESOLVE_UNKNOWN);
  name[64] = 0;
  CHECK(name_resolve(name, &found) == RESOLVE_UNKNOWN);
}

static void alone(void) { CHECK(name_resolve("web.x", &found) == RESOLVE_NO_ANSWER && resolves("web", host(7))); }

int main(void) {
  int before = free_descriptors();
  texts();
  hosts();
  CHECK(in_container(alone) == 0);
  CHECK(unlink("/etc/hosts") == 0);
  CHECK(free_descriptors() == before);
  int socket = bound(datagrams(), host(1), NAME_PORT), child = fork(), status;
  if (child == 0)
    service(socket);
  CHECK(in_container(ask) == 0 && kill(child) == 0 && wait(&status) == child && status == -1);
  return 0;
}
