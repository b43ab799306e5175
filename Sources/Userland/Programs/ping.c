// ping [-c COUNT] [-i TICKS] [-W TICKS] ADDRESS|NAME: sends datagrams to the echo service of an address, one in so many ticks,
// and says how long each took to come back, in instructions. Behind the last it waits for those that are missing.
#include "clock.h"
#include "getopt.h"
#include "resolve.h"

enum { ECHO_PORT = 7, BYTES = 56, KEPT = 256 };

// What was sent, by its number: the latest of them.
static struct {
  uint64_t time;
  int number;
  int has_come;
} sent[KEPT];
static int last = -1, received, repeated;
static uint64_t least = UINT64_MAX, most, sum;
static char text[ADDRESS_TEXT];

static void send_one(int socket) {
  unsigned char bytes[BYTES];
  int number = ++last;
  for (int index = 0; index < BYTES; index++)
    bytes[index] = (unsigned char)index;
  memcpy(bytes, &number, sizeof number);
  sent[number % KEPT].number = number;
  sent[number % KEPT].has_come = 0;
  sent[number % KEPT].time = time_now();
  if (write(socket, bytes, BYTES) != BYTES)
    printf("seq=%d cannot be sent\n", number);
}

static void take_one(int socket) {
  unsigned char bytes[BYTES];
  int count = read(socket, bytes, BYTES), number;
  uint64_t now = time_now();
  memcpy(&number, bytes, sizeof number);
  if (count != BYTES || number < 0 || number > last || sent[number % KEPT].number != number)
    return;
  uint64_t took = now - sent[number % KEPT].time;
  int again = sent[number % KEPT].has_come++;
  printf("%d bytes from %s: seq=%d time=%lu%s\n", count, text, number, took, again ? " (again)" : "");
  if (again) {
    repeated++;
    return;
  }
  received++;
  sum += took;
  least = took < least ? took : least;
  most = took > most ? took : most;
}

// Takes what comes for so many ticks, or until everything that was sent has come.
static void listen_for(int socket, int ticks, int until_all) {
  struct pollfd one = {socket, POLLIN, 0};
  int end = uptime() + ticks;
  for (int left = ticks; left > 0 && !(until_all && received > last); left = end - uptime())
    if (poll(&one, 1, left) == 1)
      take_one(socket);
}

static int usage(void) {
  fprintf(2, "usage: ping [-c count] [-i ticks] [-W ticks] address|name\n");
  return 2;
}

int main(int argc, char **argv) {
  int count = 4, interval = 1, wait_for = 10;
  for (int letter; (letter = getopt(argc, argv, "c:i:W:")) != -1;) {
    int *number = letter == 'c' ? &count : letter == 'i' ? &interval : &wait_for;
    if (letter == '?' || (*number = number_read(optarg, letter == 'W' ? 0 : 1, 1000000000)) < 0)
      return usage();
  }
  if (optind + 1 != argc)
    return usage();
  uint32_t address;
  if (name_find("ping", argv[optind], &address) < 0)
    return 2;
  int service = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in endpoint = endpoint_of(address, ECHO_PORT);
  if (service < 0 || connect(service, (struct sockaddr *)&endpoint, sizeof endpoint) < 0) {
    fprintf(2, service < 0 ? "ping: no socket left\n" : "ping: %s is unreachable\n", address_write(text, address));
    return 2;
  }
  address_write(text, address);
  printf("PING %s (%s): %d bytes\n", argv[optind], text, BYTES);
  for (int number = 0; number < count; number++) {
    send_one(service);
    listen_for(service, number + 1 < count ? interval : wait_for, number + 1 == count);
  }
  printf("%d sent, %d received, %d%% lost", count, received, (int)((long)(count - received) * 100 / count));
  if (repeated)
    printf(", %d again", repeated);
  if (received)
    printf("\ninstructions min/avg/max = %lu/%lu/%lu", least, sum / (uint64_t)received, most);
  printf("\n");
  return received ? 0 : 1;
}
