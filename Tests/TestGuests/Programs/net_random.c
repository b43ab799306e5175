// Random calls on sockets from several processes in three networks; whatever they come to, the machine goes on, and in
// the end everything is given back. The first word is a seed, 1 unless said.
#include "net.h"

static unsigned long state;
static unsigned draw(unsigned below) {
  state = state * 6364136223846793005UL + 1442695040888963407UL;
  return (unsigned)(state >> 33) % below;
}

static char bytes[5000];

static uint32_t somewhere(void) {
  static const uint32_t hosts[] = {INADDR_LOOPBACK, INADDR_ANY, 0x0a000001, 0x0a000002, 0x0a000003, 0x08080808};
  return hosts[draw(sizeof hosts / sizeof *hosts)];
}

// A few calls, most of which find something to work on, and some of which wait for ever.
static void play(int rounds) {
  while (rounds--) {
    int a = 1 + (int)draw(9), port = 80 + (int)draw(2), length = (int)draw(2) ? (int)draw(20) : (int)draw(5000);
    int flags = draw(3) ? MSG_DONTWAIT : draw(2) ? MSG_DONTWAIT | MSG_PEEK : 0;
    struct sockaddr_in endpoint = at(somewhere(), port);
    struct pollfd two[2] = {{a, POLLIN, 0}, {(int)draw(10), POLLOUT, 0}};
    switch (draw(16)) {
    case 0: socket(AF_INET, SOCK_STREAM, 0); break;
    case 1: socket(AF_INET, 1 + (int)draw(2), 0); break;
    case 2: bind(a, ADDRESS(endpoint), 16); break;
    case 3: listen(a, (int)draw(4)); break;
    case 4:
      if (poll(two, 1, 1) == 1)
        accept(a, 0, 0);
      break;
    case 5:
    case 6: connect(a, ADDRESS(endpoint), 16); break;
    case 7: sendto(a, bytes, length, MSG_DONTWAIT, draw(2) ? ADDRESS(endpoint) : 0, 16); break;
    case 8: sendto(a, bytes, length, flags, ADDRESS(endpoint), 16); break;
    case 9: recvfrom(a, bytes, length, MSG_DONTWAIT, 0, 0); break;
    case 10: recvfrom(a, bytes, length, flags, 0, 0); break;
    case 11: shutdown(a, (int)draw(3)); break;
    case 12:
      if (a > 2 && draw(3) == 0)
        close(a);
      break;
    case 13:
      if (draw(4) == 0)
        dup(a);
      break;
    case 14: poll(two, 2, (int)draw(3)); break;
    default:
      if (draw(4) == 0 && fork() == 0) {
        state += (unsigned long)getpid();
        play(rounds < 60 ? rounds : 60);
        exit(0);
      }
    }
  }
}

int main(int argc, char **argv) {
  unsigned long seed = argc > 1 ? (unsigned long)atoi(argv[1]) : 1;
  struct sockaddr_in first = at(INADDR_ANY, 80);
  int child[3], status;
  for (int network = 0; network < 3; network++) {
    child[network] = fork();
    if (child[network] == 0) {
      state = seed * 1000 + (unsigned long)network;
      // The console is for the machine outside, and nobody here reads it.
      close(0);
      if (network) {
        CHECK(cm_create_and_enter() == 0);
        CHECK(cm_network(htonl(host(network + 1))) == 0);
      }
      for (int made = 0; made < 6; made++)
        socket(AF_INET, 1 + made % 3 / 2, 0);
      bind(3, ADDRESS(first), 16);
      listen(3, 2);
      bind(5, ADDRESS(first), 16);
      play(400);
      exit(0);
    }
  }
  sleep(60);
  for (int network = 0; network < 3; network++)
    kill(child[network]);
  for (int network = 0; network < 3; network++)
    CHECK(wait(&status) > 0);
  return 0;
}
