#include "resolve.h"

enum { TRIES = 3, TICKS = 10, HEAD = 12, TYPE_A = 1, CLASS_IN = 1, MESSAGE = 512 };

// MARK: Texts

char *address_write(char text[ADDRESS_TEXT], uint32_t address) {
  char *at = text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    int part = (int)(address >> shift & 255);
    if (part > 99)
      *at++ = (char)('0' + part / 100);
    if (part > 9)
      *at++ = (char)('0' + part / 10 % 10);
    *at++ = (char)('0' + part % 10);
    *at++ = shift ? '.' : 0;
  }
  return text;
}

int port_read(const char *text) {
  int port = 0;
  for (; *text >= '0' && *text <= '9' && port < 65536; text++)
    port = port * 10 + (*text - '0');
  return *text || port > 65535 ? 0 : port;
}

struct sockaddr_in endpoint_of(uint32_t address, int port) {
  struct sockaddr_in endpoint = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  endpoint.sin_addr.s_addr = htonl(address);
  return endpoint;
}

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter; }

static int is_same(const char *a, const char *b) {
  for (; *a && lower(*a) == lower(*b); a++, b++)
    ;
  return lower(*a) == lower(*b);
}

// MARK: /etc/hosts

// The words of a line, of which the first is an address.
struct line {
  char word[HOST_NAME_MAX + 2];  // of one that is longer, the beginning: it is no name
  int length;
  int words;
  int is_comment;
  uint32_t address;
};

// Ends a word; whether it is the name, behind an address.
static int end_word(struct line *line, const char *name) {
  int length = line->length;
  line->word[length] = line->length = 0;
  if (!length || line->is_comment)
    return 0;
  if (line->words++ == 0) {
    line->is_comment = !address_read(line->word, &line->address);
    return 0;
  }
  return is_same(line->word, name);
}

static int find_in_hosts(const char *name, uint32_t *address) {
  static struct line line;
  static char bytes[512];
  int file = open("/etc/hosts", O_RDONLY), count, found = 0;
  memset(&line, 0, sizeof line);
  while (!found && file >= 0 && (count = read(file, bytes, sizeof bytes)) > 0)
    for (int index = 0; index < count && !found; index++)
      switch (bytes[index]) {
      case '\n':
        found = end_word(&line, name);
        line.words = line.is_comment = 0;
        break;
      case ' ':
      case '\t':
      case '\r':
        found = end_word(&line, name);
        break;
      case '#':
        found = end_word(&line, name);
        line.is_comment = 1;
        break;
      default:
        if (line.length < HOST_NAME_MAX + 1)
          line.word[line.length++] = bytes[index];
      }
  found = found || end_word(&line, name);
  if (file >= 0)
    close(file);
  if (found)
    *address = line.address;
  return found;
}

// MARK: The name service

static uint16_t number_at(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

// Puts a name's labels down; where they end, or 0 if it is no name.
static int put_name(uint8_t *message, int at, const char *name) {
  if (strlen(name) > HOST_NAME_MAX)
    return 0;
  for (;;) {
    int length = 0;
    for (; name[length] && name[length] != '.'; length++)
      message[at + 1 + length] = (uint8_t)name[length];
    if (length < 1 || length > 63)
      return 0;
    message[at] = (uint8_t)length;
    at += 1 + length;
    name += length;
    if (!*name++)
      break;
  }
  message[at] = 0;
  return at + 1;
}

// Passes over a name; where it ends, or beyond `count`.
static int skip_name(const uint8_t *message, int at, int count) {
  while (at < count && message[at])
    if (message[at] >= 192)
      return at + 2;
    else
      at += 1 + message[at];
  return at + 1;
}

// What an answer says: 0, RESOLVE_UNKNOWN, or RESOLVE_NO_ANSWER for what is none to this question.
static int understand(const uint8_t *answer, int count, const uint8_t *query, int asked, uint32_t *address) {
  if (count < asked || memcmp(answer, query, 2) || !(answer[2] & 0x80) || memcmp(answer + HEAD, query + HEAD, (size_t)(asked - HEAD)))
    return RESOLVE_NO_ANSWER;
  if (answer[3] & 15)
    return RESOLVE_UNKNOWN;
  int at = asked;
  for (int left = number_at(answer + 6); left > 0; left--) {
    at = skip_name(answer, at, count);
    if (at + 10 > count)
      break;
    int length = number_at(answer + at + 8);
    if (number_at(answer + at) == TYPE_A && number_at(answer + at + 2) == CLASS_IN && length == 4 && at + 14 <= count) {
      *address = (uint32_t)number_at(answer + at + 10) << 16 | number_at(answer + at + 12);
      return 0;
    }
    at += 10 + length;
  }
  return RESOLVE_UNKNOWN;
}

static int ask(int service, const char *name, uint32_t *address) {
  static uint8_t query[HEAD + HOST_NAME_MAX + 6], answer[MESSAGE];
  static uint16_t number;
  memset(query, 0, sizeof query);
  number = (uint16_t)(number + 1 + getpid());
  query[0] = (uint8_t)(number >> 8);
  query[1] = (uint8_t)number;
  query[2] = 1;  // recursion desired
  query[5] = 1;  // one question
  int end = put_name(query, HEAD, name);
  if (!end)
    return RESOLVE_UNKNOWN;
  query[end + 1] = TYPE_A;
  query[end + 3] = CLASS_IN;
  end += 4;
  for (int attempt = 0; attempt < TRIES; attempt++) {
    if (write(service, query, end) != end)
      return RESOLVE_NO_ANSWER;
    struct pollfd one = {service, POLLIN, 0};
    for (int until = uptime() + TICKS, left = TICKS; left >= 0 && poll(&one, 1, left) == 1; left = until - uptime()) {
      int found = understand(answer, read(service, answer, sizeof answer), query, end, address);
      if (found != RESOLVE_NO_ANSWER)
        return found;
    }
  }
  return RESOLVE_NO_ANSWER;
}

int name_resolve(const char *name, uint32_t *address) {
  if (address_read(name, address))
    return 0;
  if (is_same(name, "localhost")) {
    *address = INADDR_LOOPBACK;
    return 0;
  }
  if (find_in_hosts(name, address))
    return 0;
  int service = socket(AF_INET, SOCK_DGRAM, 0), found = RESOLVE_NO_ANSWER;
  if (service < 0)
    return found;
  struct sockaddr_in endpoint = endpoint_of(NAME_SERVICE, NAME_PORT);
  if (connect(service, (struct sockaddr *)&endpoint, sizeof endpoint) == 0)
    found = ask(service, name, address);
  close(service);
  return found;
}

int name_find(const char *program, const char *name, uint32_t *address) {
  int found = name_resolve(name, address);
  if (found)
    fprintf(2, found == RESOLVE_UNKNOWN ? "%s: nobody is called %s\n" : "%s: no name service says who %s is\n", program, name);
  return found ? -1 : 0;
}
