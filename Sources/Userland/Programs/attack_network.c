// attack_network: tries to reach the lo of others, to be who it is not, to have others' ports and addresses, to read what
// was sent to sockets that are closed, to reach anybody without an address, to see memory through the calls of the network,
// and to keep others from talking by taking what there is. It begins outside; beside it are a container that serves at
// 10.0.0.2, a process outside that serves on the machine's own lo, and a client, which has to be served all the time.
#include "attack.h"

enum { SERVED = 80, ECHO = 2000, STALLED = 2001, INNER = 7001, OUTER = 7002, NOBODYS = 7003 };
enum { VICTIM = 2, ATTACKER = 3, CLIENT = 4 };

static struct sockaddr_in at(uint32_t address, int port) {
  struct sockaddr_in endpoint = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  endpoint.sin_addr.s_addr = htonl(address);
  return endpoint;
}

static uint32_t host(int number) { return 0x0a000000u + (uint32_t)number; }

static int bind_to(int socket, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return bind(socket, (struct sockaddr *)&endpoint, sizeof endpoint);
}

static int connect_to(int socket, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return connect(socket, (struct sockaddr *)&endpoint, sizeof endpoint);
}

static int send_to(int socket, const void *bytes, int count, uint32_t address, int port) {
  struct sockaddr_in endpoint = at(address, port);
  return sendto(socket, bytes, count, MSG_DONTWAIT, (struct sockaddr *)&endpoint, sizeof endpoint);
}

// A socket that must be there, bound if it is to have a port.
static int made(int type, uint32_t address, int port, int backlog) {
  int found = socket(AF_INET, type, 0);
  if (found < 0 || (port && bind_to(found, address, port) < 0) || (backlog && listen(found, backlog) < 0))
    exit(2);
  return found;
}

static void enter(int number) {
  if (cm_create_and_enter() < 0 || (number && cm_network(htonl(host(number))) < 0))
    exit(2);
}

// MARK: Those beside it

// A process that serves until the pipe `go` has no writer any more. It says that it begins by a byte, and at the end
// what it has seen.
struct server {
  int go, told;
};

static struct server begin(void (*body)(int go, int told)) {
  int go[2], told[2];
  char byte;
  if (pipe(go) < 0 || pipe(told) < 0)
    exit(2);
  int child = fork();
  if (child == 0) {
    close(go[1]);
    close(told[0]);
    body(go[0], told[1]);
    exit(0);
  }
  close(go[0]);
  close(told[1]);
  if (child < 0 || read(told[0], &byte, 1) != 1)
    exit(2);
  return (struct server){go[1], told[0]};
}

// What a server has seen, besides those that it served.
struct seen {
  int strange;  // what came to it that could not
  int letters;  // which of the client's datagrams were in a queue that nobody read
};

static struct seen end(struct server server) {
  struct seen seen = {-1, 0};
  close(server.go);
  read(server.told, &seen, sizeof seen);
  close(server.told);
  wait(0);
  return seen;
}

// Serves a connection: what comes goes back.
static void serve(int listening) {
  char bytes[16];
  int connection = accept(listening, 0, 0);
  struct pollfd one = {connection, POLLIN, 0};
  int count = poll(&one, 1, 1) == 1 ? read(connection, bytes, sizeof bytes) : 0;
  if (count > 0)
    write(connection, bytes, count);
  close(connection);
}

// Sends a datagram back, unless it is from somebody that nobody is.
static int echo(int socket) {
  char bytes[16];
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  int count = recvfrom(socket, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
  uint32_t address = ntohl(from.sin_addr.s_addr);
  if (address < host(ATTACKER) || address > host(CLIENT))
    return 1;
  if (count > 0)
    sendto(socket, bytes, count, MSG_DONTWAIT, (struct sockaddr *)&from, length);
  return 0;
}

static void be_victim(int go, int told) {
  enter(VICTIM);
  int stalled = made(SOCK_DGRAM, INADDR_ANY, STALLED, 0);
  struct seen seen = {0, 0};
  struct pollfd all[] = {
      {go, POLLIN, 0},
      {made(SOCK_STREAM, INADDR_ANY, SERVED, 4), POLLIN, 0},
      {made(SOCK_DGRAM, INADDR_ANY, ECHO, 0), POLLIN, 0},
      {made(SOCK_STREAM, INADDR_LOOPBACK, INNER, 4), POLLIN, 0},
      {made(SOCK_DGRAM, INADDR_LOOPBACK, INNER, 0), POLLIN, 0},
  };
  write(told, "", 1);
  while (poll(all, 5, -1) > 0 && !all[0].revents) {
    if (all[1].revents)
      serve(all[1].fd);
    if (all[2].revents)
      seen.strange += echo(all[2].fd);
    if (all[3].revents || all[4].revents) {
      seen.strange++;
      close(all[3].fd);
      close(all[4].fd);
      all[3].fd = all[4].fd = -1;
    }
  }
  char byte;
  while (recvfrom(stalled, &byte, 1, MSG_DONTWAIT, 0, 0) == 1)
    if (byte >= 'a' && byte <= 'h')
      seen.letters |= 1 << (byte - 'a');
  write(told, &seen, sizeof seen);
}

static void be_outside(int go, int told) {
  struct seen seen = {0, 0};
  struct pollfd all[] = {
      {go, POLLIN, 0},
      {made(SOCK_STREAM, INADDR_LOOPBACK, OUTER, 4), POLLIN, 0},
      {made(SOCK_DGRAM, INADDR_LOOPBACK, OUTER, 0), POLLIN, 0},
  };
  write(told, "", 1);
  while (poll(all, 3, -1) > 0 && !all[0].revents) {
    seen.strange++;
    close(all[1].fd);
    close(all[2].fd);
    all[1].fd = all[2].fd = -1;
  }
  write(told, &seen, sizeof seen);
}

static int clients;

// Whether the client is served: by a datagram and by a connection. What is lost it sends again.
static int is_served(void) {
  int status = -1;
  char letter = (char)('a' + clients++);
  int child = fork();
  if (child == 0) {
    enter(CLIENT);
    char bytes[4];
    int datagrams = made(SOCK_DGRAM, 0, 0, 0), answered = 0;
    send_to(datagrams, &letter, 1, host(VICTIM), STALLED);
    struct pollfd one = {datagrams, POLLIN, 0};
    for (int turn = 0; turn < 4 && !answered; turn++) {
      send_to(datagrams, "hi", 2, host(VICTIM), ECHO);
      answered = poll(&one, 1, 20) == 1 && read(datagrams, bytes, 4) == 2;
    }
    int connection = -1;
    for (int turn = 0; turn < 40 && connection < 0; turn++) {
      connection = made(SOCK_STREAM, 0, 0, 0);
      if (connect_to(connection, host(VICTIM), SERVED) == 0)
        break;
      close(connection);
      connection = -1;
      sleep(1);
    }
    int served = connection >= 0 && write(connection, "hey", 3) == 3 && read(connection, bytes, 4) == 3;
    exit(answered && served ? 0 : 1);
  }
  return child > 0 && wait(&status) == child && status == 0;
}

// MARK: Being in a container

// Runs a family in a container with an address, or without one.
static void contained(const char *family, int number, void (*body)(void)) {
  if (attack_enter(fork())) {
    enter(number);
    body();
    attack_leave();
  }
  attack_try(attack_was_ended(), "being ended");
  attack_family(family);
}

// Those that no container can take while the victim lives, and then two that are free.
static const uint32_t addresses[] = {0x0a000000, 0x0a000001, 0x0a000002, 0x0b000002, 0x7f000001, 0,
                                     0xffffffff, 0xe0000001, 0xc0a80001, 0x0a000004, 0x0a000009};
enum { ADDRESSES = sizeof addresses / sizeof *addresses, TAKEN = ADDRESSES - 2 };

static void take_foreign(void) {
  for (int index = 0; index < TAKEN; index++) {
    attack_try_number(cm_network(htonl(addresses[index])) == 0, "an address of list", index);
    attack_try_number(cm_network(addresses[index]) == 0, "one in the other order, of list", index);
  }
  // Once its root is set it is too late for those that are free as well.
  cm_setroot("/", 1);
  for (int index = 0; index < ADDRESSES; index++)
    attack_try_number(cm_network(htonl(addresses[index])) == 0, "a late address, of list", index);
}

static void take_addresses(void) {
  for (int index = 0; index < ADDRESSES; index++) {
    attack_try_number(cm_network(htonl(addresses[index])) == 0, "a second address, of list", index);
    attack_try_number(cm_network(addresses[index]) == 0, "one in the other order, of list", index);
  }
  if (attack_enter(fork())) {
    for (int index = 0; index < ADDRESSES; index++)
      attack_try_number(cm_network(htonl(addresses[index])) == 0, "an address by a child, of list", index);
    attack_try(cm_create_and_enter() == 0, "a container in a container");
    attack_leave();
  }
}

static void forge(void) {
  for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
    for (int index = 0; index < ADDRESSES; index++) {
      int forger = made(type, 0, 0, 0);
      if (addresses[index] && addresses[index] != INADDR_LOOPBACK)
        attack_try_number(bind_to(forger, addresses[index], 5000) == 0, "an address of list", index);
      if (type == SOCK_DGRAM)
        send_to(forger, "forged", 6, host(VICTIM), ECHO);
      else
        connect_to(forger, host(VICTIM), SERVED);
      close(forger);
    }
  // What is bound to lo comes from lo, and so does not leave.
  int forger = made(SOCK_DGRAM, INADDR_LOOPBACK, 5000, 0);
  attack_try(send_to(forger, "lo", 2, host(VICTIM), ECHO) == 2, "sending from lo");
  attack_try(connect_to(forger, host(VICTIM), ECHO) == 0, "a way from lo");
  close(forger);
  forger = made(SOCK_STREAM, INADDR_LOOPBACK, 5000, 0);
  attack_try(connect_to(forger, host(VICTIM), SERVED) == 0, "a connection from lo");
  close(forger);
}

// MARK: Reaching

static void reach(uint32_t address, int port, const char *way) {
  int stream = made(SOCK_STREAM, 0, 0, 0), datagrams = made(SOCK_DGRAM, 0, 0, 0);
  attack_try_number(connect_to(stream, address, port) == 0, way, port);
  send_to(datagrams, "x", 1, address, port);
  if (connect_to(datagrams, address, port) == 0)
    write(datagrams, "x", 1);
  close(stream);
  close(datagrams);
}

static const int ports[] = {SERVED, ECHO, STALLED, INNER, OUTER, NOBODYS};
enum { PORTS = sizeof ports / sizeof *ports };

static void reach_loops(void) {
  for (int index = 0; index < PORTS; index++) {
    reach(INADDR_LOOPBACK, ports[index], "lo, port");
    reach(INADDR_LOOPBACK + 1, ports[index], "127.0.0.2, port");
    reach(0x7fffffff, ports[index], "the end of lo, port");
    reach(0, ports[index], "0.0.0.0, port");
    reach(host(ATTACKER), ports[index], "itself, port");
    reach(host(1), ports[index], "the machine outside, port");
    if (ports[index] > SERVED)
      reach(host(VICTIM), ports[index], "the other one's lo, port");
  }
}

static void reach_without(void) {
  for (int index = 0; index < PORTS; index++)
    for (int number = 0; number < 6; number++) {
      struct sockaddr_in to = at(host(number), ports[index]);
      int stream = made(SOCK_STREAM, 0, 0, 0), datagrams = made(SOCK_DGRAM, 0, 0, 0);
      attack_try_number(connect(stream, (struct sockaddr *)&to, sizeof to) == 0, "connecting, port", ports[index]);
      attack_try_number(sendto(datagrams, "x", 1, 0, (struct sockaddr *)&to, sizeof to) == 1, "sending, port", ports[index]);
      attack_try_number(connect(datagrams, (struct sockaddr *)&to, sizeof to) == 0, "a way, port", ports[index]);
      close(stream);
      close(datagrams);
    }
}

// MARK: Ports and what is over

static void take_ports(void) {
  for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
    for (int index = 0; index < PORTS; index++) {
      int own = socket(AF_INET, type, 0), second = socket(AF_INET, type, 0);
      attack_try_number(bind_to(own, 0, ports[index]) != 0, "losing its own port", ports[index]);
      attack_try_number(bind_to(second, 0, ports[index]) == 0, "a port twice", ports[index]);
      attack_try_number(bind_to(second, INADDR_LOOPBACK, ports[index]) == 0, "a port twice, at lo", ports[index]);
      close(own);
      close(second);
    }
  // Of a process that crashes as well.
  if (fork() == 0) {
    made(SOCK_DGRAM, 0, NOBODYS, 0);
    *(volatile char *)0x3000000000 = 1;
  }
  wait(0);
  int again = socket(AF_INET, SOCK_DGRAM, 0);
  attack_try(bind_to(again, 0, NOBODYS) != 0, "a port that a dead process keeps");
  close(again);
}

static void use_closed(void) {
  char bytes[16];
  // Datagrams that were sent to a socket before this one, and to its port.
  for (int turn = 0; turn < 8; turn++) {
    int old = made(SOCK_DGRAM, 0, NOBODYS, 0);
    send_to(old, "old", 3, turn & 1 ? host(ATTACKER) : INADDR_LOOPBACK, NOBODYS);
    close(old);
    int fresh = made(SOCK_DGRAM, 0, NOBODYS, 0);
    attack_try(recvfrom(fresh, bytes, 16, MSG_DONTWAIT, 0, 0) >= 0, "a datagram of a closed socket");
    close(fresh);
  }
  // Connections that waited at a listener before this one.
  for (int turn = 0; turn < 8; turn++) {
    int old = made(SOCK_STREAM, 0, NOBODYS, 4), client = made(SOCK_STREAM, 0, 0, 0);
    connect_to(client, INADDR_LOOPBACK, NOBODYS);
    write(client, "old", 3);
    close(old);
    int fresh = made(SOCK_STREAM, 0, NOBODYS, 4);
    struct pollfd one = {fresh, POLLIN, 0};
    attack_try(poll(&one, 1, 0) != 0, "a connection of a closed listener");
    attack_try(write(client, "more", 4) == 4, "writing to nobody");
    attack_try(read(client, bytes, 16) > 0, "reading from nobody");
    attack_try(connect_to(client, INADDR_LOOPBACK, NOBODYS) == 0, "connecting again");
    close(client);
    close(fresh);
  }
  // Descriptors that are closed, and what they were.
  int gone = made(SOCK_DGRAM, 0, NOBODYS, 0);
  close(gone);
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  attack_try(read(gone, bytes, 1) >= 0 || write(gone, bytes, 1) >= 0, "a closed descriptor");
  attack_try(listen(gone, 1) == 0 || accept(gone, 0, 0) >= 0, "accepting at a closed descriptor");
  attack_try(getsockname(gone, (struct sockaddr *)&name, &length) == 0, "the name of a closed descriptor");
  attack_try(shutdown(gone, 2) == 0 || connect_to(gone, INADDR_LOOPBACK, 1) == 0, "ending a closed descriptor");
  attack_try(send_to(gone, "x", 1, INADDR_LOOPBACK, ECHO) == 1, "sending by a closed descriptor");
}

// MARK: Memory

static void see_memory(void) {
  // The first is in the program's own text, which it may send but not write.
  static const uintptr_t places[] = {16, 0x3ffffff000, 0x80000000, 0xffffffff80000000, (uintptr_t)-8};
  enum { PLACES = sizeof places / sizeof *places };
  static const int counts[] = {-1, 1473, 0x7fffffff, (int)0x80000000};
  int own = made(SOCK_DGRAM, INADDR_ANY, NOBODYS, 0), listening = made(SOCK_STREAM, 0, NOBODYS, 1);
  char bytes[32];
  for (int index = 0; index < 4; index++) {
    attack_try_number(send_to(own, bytes, counts[index], INADDR_LOOPBACK, NOBODYS) >= 0, "sending so much:", counts[index]);
    attack_try_number(recvfrom(own, bytes, counts[index], MSG_DONTWAIT, 0, 0) > 32, "reading so much:", counts[index]);
  }
  for (int index = 0; index < PLACES; index++) {
    void *place = (void *)places[index];
    int client = made(SOCK_STREAM, 0, 0, 0);
    connect_to(client, INADDR_LOOPBACK, NOBODYS);
    struct pollfd one = {listening, POLLIN, 0};
    attack_try_number(index && send_to(own, place, 64, INADDR_LOOPBACK, NOBODYS) >= 0, "sending from place", index);
    send_to(own, "x", 1, INADDR_LOOPBACK, NOBODYS);
    attack_try_number(recvfrom(own, place, 1, MSG_DONTWAIT, 0, 0) >= 0, "reading to place", index);
    attack_try_number(getsockname(own, place, place) == 0, "a name at place", index);
    attack_try_number(poll(&one, 1, 0) == 1 && accept(listening, place, place) >= 0, "a client's name at place", index);
    attack_try_number(index && poll(place, 4, 0) >= 0, "watching place", index);
    while (recvfrom(own, bytes, 1, MSG_DONTWAIT, 0, 0) >= 0)
      ;
    close(client);
  }
  attack_try(poll((struct pollfd *)bytes, 0x7fffffff, 0) >= 0, "watching without end");
  close(own);
  close(listening);
}

// MARK: Keeping others from it

static void fill_queues(void) {
  int own = made(SOCK_DGRAM, 0, 0, 0);
  for (int turn = 0; turn < 200; turn++) {
    send_to(own, "flood", 5, host(VICTIM), STALLED);
    if (turn % 16 == 0)
      sleep(1);
  }
}

static void flood(void) {
  int own = made(SOCK_DGRAM, 0, 0, 0);
  for (;;)
    send_to(own, "flood", 5, host(VICTIM), ECHO);
}

static void fill_backlog(void) {
  for (;;) {
    int one = made(SOCK_STREAM, 0, 0, 0);
    connect_to(one, host(VICTIM), SERVED);
    close(one);
  }
}

static void take_sockets(void) {
  for (;; sleep(1))
    for (int type = SOCK_STREAM, taken; (taken = socket(AF_INET, type, 0)) >= 0; type ^= SOCK_STREAM ^ SOCK_DGRAM)
      bind_to(taken, 0, 0);
}

// While two processes of a container do this for ever, or once, the client has to be served.
static void crowd(const char *family, void (*body)(void), int is_endless) {
  int entered[2], number = 0;
  if (pipe(entered) < 0)
    exit(2);
  int child = fork();
  if (child == 0) {
    number = getpid();
    enter(ATTACKER);
    int second = fork();
    if (second)
      write(entered[1], &number, sizeof number);
    close(entered[0]);
    close(entered[1]);
    body();
    wait(0);
    exit(0);
  }
  close(entered[1]);
  read(entered[0], &number, sizeof number);
  close(entered[0]);
  if (is_endless)
    sleep(2);
  else
    wait(0);
  attack_try(!is_served(), "keeping a client from being served");
  if (is_endless) {
    kill(child);
    wait(0);
  }
  attack_family(family);
}

int main(void) {
  attack_begin("attack_network");
  attack_from_outside();
  struct server victim = begin(be_victim), outside = begin(be_outside);
  attack_try(!is_served(), "nobody there to try it on");
  contained("addresses", 0, take_foreign);
  contained("more addresses", ATTACKER, take_addresses);
  contained("others' addresses", ATTACKER, forge);
  contained("others' lo", ATTACKER, reach_loops);
  contained("without an address", 0, reach_without);
  contained("ports", ATTACKER, take_ports);
  contained("what is closed", ATTACKER, use_closed);
  contained("memory", ATTACKER, see_memory);
  crowd("full queues", fill_queues, 0);
  crowd("a flood", flood, 1);
  crowd("a full backlog", fill_backlog, 1);
  crowd("every socket", take_sockets, 1);
  // In this order: the one outside was forked with what keeps the victim going.
  struct seen outer = end(outside), inside = end(victim);
  attack_try_number(inside.strange != 0, "reaching the victim's lo, or being somebody else:", inside.strange);
  attack_try_number(outer.strange != 0, "reaching the machine's lo:", outer.strange);
  for (int client = 0; client < clients; client++)
    attack_try_number(!(inside.letters >> client & 1), "filling a queue, against client", client);
  attack_family("what came");
  return attack_verdict();
}
