// netstat [-alritu]: the sockets of the caller's network, from /proc/net: those that are connected, with -l those that wait
// for others, with -a all; of streams (-t) or of datagrams (-u) alone. With -i its interfaces, with -r its routes.
#include "getopt.h"
#include "lines.h"
#include "resolve.h"

static struct lines file;

static int cannot_open(const char *path) {
  fprintf(2, "netstat: cannot open %s\n", path);
  return 1;
}

// Parts the line into words; how many there are, up to `most`.
static int part(char **words, int most) {
  int count = 0;
  for (char *at = file.line; count < most;) {
    while (*at == ' ' || *at == '\t')
      *at++ = 0;
    if (!*at)
      break;
    words[count++] = at;
    while (*at && *at != ' ' && *at != '\t')
      at++;
  }
  return count;
}

// A hexadecimal number, and where it ends.
static uint32_t hex(const char **at) {
  uint32_t number = 0;
  for (;; (*at)++) {
    char digit = **at;
    int value = digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
    if (value < 0)
      return number;
    number = number << 4 | (uint32_t)value;
  }
}

// An address and a port as /proc/net has them, and as people do.
static const char *endpoint(const char *word, char *text) {
  uint32_t address = hex(&word);
  word += *word == ':';
  uint32_t port = hex(&word);
  address_write(text, ntohl(address));
  char *at = text + strlen(text);
  *at++ = ':';
  if (!port) {
    *at++ = '*';
  } else {
    uint32_t size = 1;
    while (size * 10 <= port)
      size *= 10;
    for (; size; size /= 10)
      *at++ = (char)('0' + port / size % 10);
  }
  *at = 0;
  return text;
}

static const char *state_name(uint32_t state, int is_stream) {
  static const char *const names[] = {
      "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
      "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
  };
  if (!is_stream && state == 7)
    return "";
  return state < sizeof names / sizeof *names ? names[state] : "?";
}

static int show_sockets(const char *path, const char *kind, int listening, int connected) {
  int is_stream = kind[0] == 't';
  if (!lines_open(&file, path))
    return cannot_open(path);
  lines_next(&file);
  while (lines_next(&file)) {
    char *words[5], local[ADDRESS_TEXT + 8], remote[ADDRESS_TEXT + 8];
    if (part(words, 5) < 5)
      continue;
    const char *at = words[3];
    uint32_t state = hex(&at);
    int waits = state == (is_stream ? 10 : 7);
    if (waits ? !listening : !connected)
      continue;
    at = words[4];
    uint32_t sending = hex(&at);
    at += *at == ':';
    uint32_t coming = hex(&at);
    printf("%s %6u %6u %-22s %-22s %s\n", kind, coming, sending, endpoint(words[1], local), endpoint(words[2], remote),
           state_name(state, is_stream));
  }
  close(file.file);
  return 0;
}

static int show_interfaces(void) {
  if (!lines_open(&file, "/proc/net/dev"))
    return cannot_open("/proc/net/dev");
  lines_next(&file);
  lines_next(&file);
  printf("Iface    RX-pkts   RX-bytes  RX-drop   TX-pkts   TX-bytes  TX-drop\n");
  while (lines_next(&file)) {
    char *words[17], *colon = strchr(file.line, ':');
    if (colon)
      *colon = ' ';
    if (part(words, 17) == 17)
      printf("%-6s %9s %10s %8s %9s %10s %8s\n", words[0], words[2], words[1], words[4], words[10], words[9], words[12]);
  }
  close(file.file);
  return 0;
}

static int show_routes(void) {
  if (!lines_open(&file, "/proc/net/route"))
    return cannot_open("/proc/net/route");
  lines_next(&file);
  printf("Destination     Gateway         Genmask         Iface\n");
  while (lines_next(&file)) {
    char *words[8], text[3][ADDRESS_TEXT];
    if (part(words, 8) < 8)
      continue;
    for (int index = 0; index < 3; index++) {
      const char *at = words[index == 2 ? 7 : index + 1];
      address_write(text[index], ntohl(hex(&at)));
    }
    printf("%-15s %-15s %-15s %s\n", text[0], text[1], text[2], words[0]);
  }
  close(file.file);
  return 0;
}

int main(int argc, char **argv) {
  int all = 0, listening = 0, streams = 0, datagrams = 0, other = 0;
  for (int letter; (letter = getopt(argc, argv, "alnritu")) != -1;)
    switch (letter) {
    case 'a':
      all = 1;
      break;
    case 'l':
      listening = 1;
      break;
    case 't':
      streams = 1;
      break;
    case 'u':
      datagrams = 1;
      break;
    case 'i':
    case 'r':
      other = letter;
      break;
    case 'n':  // there are only numbers
      break;
    default:
      optind = argc + 1;
    }
  if (optind != argc) {
    fprintf(2, "usage: netstat [-alnritu]\n");
    return 2;
  }
  if (other)
    return other == 'i' ? show_interfaces() : show_routes();
  printf("Proto Recv-Q Send-Q Local address          Foreign address        State\n");
  int status = 0;
  if (streams || !datagrams)
    status |= show_sockets("/proc/net/tcp", "tcp  ", listening || all, !listening || all);
  if (datagrams || !streams)
    status |= show_sockets("/proc/net/udp", "udp  ", listening || all, !listening || all);
  return status;
}
