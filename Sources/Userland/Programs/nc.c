// nc [-u] [-w TICKS] HOST PORT, nc -l [-u] [-w TICKS] PORT: connects to a port, or waits at one for somebody who does, sends its
// input there and writes what comes to its output. When its input ends it sends no more; it ends when nothing comes any more
// either, or nobody is there. When nothing comes any more it waits for its input so many ticks (10), and for datagrams (-u),
// which have no end, when its input has ended.
#include "getopt.h"
#include "resolve.h"

enum { BUFFER = 4096, PIECE = 1024, PATIENCE = 10 };

static int is_datagram, far;
static char out[BUFFER];
static int at, end;

static int usage(void) {
  fprintf(2, "usage: nc [-u] [-w ticks] host port\n       nc -l [-u] [-w ticks] port\n");
  return 2;
}

static int fail(const char *what, int port) {
  fprintf(2, what, port);
  return 1;
}

// Waits at a port for the first who connects, or who sends a datagram.
static int wait_at(int port) {
  int here = socket(AF_INET, is_datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
  struct sockaddr_in endpoint = endpoint_of(INADDR_ANY, port);
  socklen_t length = sizeof endpoint;
  if (here < 0)
    return fail("nc: no socket left\n", 0);
  if (bind(here, (struct sockaddr *)&endpoint, sizeof endpoint) < 0)
    return fail("nc: port %d is in use\n", port);
  far = here;
  if (is_datagram) {
    char byte;
    if (recvfrom(here, &byte, 1, MSG_PEEK, (struct sockaddr *)&endpoint, &length) < 0 ||
        connect(here, (struct sockaddr *)&endpoint, sizeof endpoint) < 0)
      return fail("nc: cannot wait at port %d\n", port);
    return 0;
  }
  if (listen(here, 1) < 0 || (far = accept(here, 0, 0)) < 0)
    return fail("nc: cannot wait at port %d\n", port);
  close(here);
  return 0;
}

static int connect_to(const char *name, int port) {
  uint32_t address;
  if (name_find("nc", name, &address) < 0)
    return 1;
  far = socket(AF_INET, is_datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
  struct sockaddr_in endpoint = endpoint_of(address, port);
  if (far < 0)
    return fail("nc: no socket left\n", 0);
  if (connect(far, (struct sockaddr *)&endpoint, sizeof endpoint) == 0)
    return 0;
  fprintf(2, is_datagram ? "nc: %s is unreachable\n" : "nc: nobody answers at %s, port %d\n", name, port);
  return 1;
}

// Sends what there is room for; 0 if nobody takes it any more.
static int push(void) {
  int sent = sendto(far, out + at, end - at, MSG_DONTWAIT, 0, 0);
  if (sent > 0)
    at += sent;
  return sent >= 0;
}

static int relay(int patience) {
  static char in[BUFFER];
  int has_input = 1, comes = 1, status = 0;
  while (comes || has_input || at < end) {
    struct pollfd watched[2] = {
        {has_input && at == end ? 0 : -1, POLLIN, 0},
        {far, (short)((comes ? POLLIN : 0) | (at < end ? POLLOUT : 0)), 0},
    };
    int is_half = comes ? !has_input && is_datagram : has_input;
    int ready = poll(watched, 2, is_half && patience < 0 ? PATIENCE : patience);
    if (ready <= 0)
      break;
    if (watched[0].revents) {
      at = 0;
      end = read(0, out, PIECE);
      if (end <= 0) {
        end = has_input = 0;
        if (!is_datagram)
          shutdown(far, SHUT_WR);
      }
    }
    if (at < end && watched[1].revents & (POLLOUT | POLLERR | POLLHUP) && !push()) {
      // What was meant for somebody who is gone is lost.
      status = 1;
      at = end;
    }
    if (watched[1].revents & (POLLERR | POLLHUP))
      has_input = 0;
    if (watched[1].revents & (POLLIN | POLLERR | POLLHUP) && comes) {
      // Who only sends, and takes nothing, is waited for.
      int flags = watched[1].revents & POLLIN ? MSG_DONTWAIT : 0;
      int count = recvfrom(far, in, sizeof in, flags, 0, 0);
      if (count > 0 && write(1, in, count) != count)
        return 1;
      comes = count > 0 || is_datagram;
    }
  }
  return status;
}

int main(int argc, char **argv) {
  int listens = 0, patience = -1;
  for (int letter; (letter = getopt(argc, argv, "luw:")) != -1;)
    if (letter == 'l')
      listens = 1;
    else if (letter == 'u')
      is_datagram = 1;
    else if (letter == '?' || (patience = number_read(optarg, 1, 1000000000)) < 0)
      return usage();
  int words = argc - optind, port = words ? port_read(argv[argc - 1]) : 0;
  if (words != (listens ? 1 : 2) || !port)
    return usage();
  int status = listens ? wait_at(port) : connect_to(argv[optind], port);
  return status ? status : relay(patience);
}
