// chat [-p PORT] [-w TICKS] NAME HOST…: talks with the same program on other hosts, by datagrams: each line of its input goes to
// all of them with NAME in front, and what comes from any of them is shown. It ends when its input has ended and nothing came
// for so many ticks. What is lost on the way is lost.
#include "getopt.h"
#include "resolve.h"

enum { LINE = 256, HOSTS = 32 };

static uint32_t hosts[HOSTS];
static int host_count, port = 5000;
static char line[LINE + 64];
static int begin, end;

// Tells everybody what has been typed so far.
static void tell(int socket) {
  for (int index = 0; index < host_count; index++) {
    struct sockaddr_in endpoint = endpoint_of(hosts[index], port);
    if (sendto(socket, line, end, 0, (struct sockaddr *)&endpoint, sizeof endpoint) < 0) {
      char text[ADDRESS_TEXT];
      fprintf(2, "chat: %s is unreachable\n", address_write(text, hosts[index]));
    }
  }
  end = begin;
}

// Takes a piece of the input; 0 at its end.
static int hear_input(int socket) {
  char bytes[LINE];
  int count = read(0, bytes, sizeof bytes);
  for (int index = 0; index < count; index++) {
    line[end++] = bytes[index];
    if (bytes[index] == '\n' || end == (int)sizeof line)
      tell(socket);
  }
  if (count <= 0 && end > begin)
    tell(socket);
  return count > 0;
}

static int usage(void) {
  fprintf(2, "usage: chat [-p port] [-w ticks] name host ...\n");
  return 2;
}

int main(int argc, char **argv) {
  int patience = 30, here = socket(AF_INET, SOCK_DGRAM, 0), has_input = 1;
  for (int letter; (letter = getopt(argc, argv, "p:w:")) != -1;) {
    int *number = letter == 'p' ? &port : &patience;
    if (letter == '?' || (*number = number_read(optarg, 1, letter == 'p' ? 65535 : 1000000000)) < 0)
      return usage();
  }
  if (argc - optind < 2 || argc - optind - 1 > HOSTS || strlen(argv[optind]) > 32)
    return usage();
  const char *name = argv[optind];
  struct sockaddr_in own = endpoint_of(INADDR_ANY, port);
  if (here < 0 || bind(here, (struct sockaddr *)&own, sizeof own) < 0) {
    fprintf(2, here < 0 ? "chat: no socket left\n" : "chat: port %d is in use\n", port);
    return 1;
  }
  // Who is not there yet will be.
  while (++optind < argc) {
    for (int tries = 0; name_resolve(argv[optind], &hosts[host_count]); sleep(1))
      if (++tries == 20) {
        fprintf(2, "chat: nobody is called %s\n", argv[optind]);
        return 1;
      }
    host_count++;
  }
  strcpy(line, name);
  strcpy(line + strlen(name), ": ");
  begin = end = (int)strlen(line);
  for (;;) {
    struct pollfd watched[2] = {{has_input ? 0 : -1, POLLIN, 0}, {here, POLLIN, 0}};
    if (poll(watched, 2, has_input ? -1 : patience) <= 0)
      return 0;
    if (watched[1].revents) {
      char heard[sizeof line];
      int count = read(here, heard, sizeof heard);
      if (count > 0 && write(1, heard, count) != count)
        return 1;
    }
    if (watched[0].revents)
      has_input = hear_input(here);
  }
}
