#include "address.h"

enum { LOOPBACK = 0x7f000001, FIRST = 0x0a000000, MACHINE = 0x0a000001, PORT_MAX = 65535 };

// Reads a number of at most five digits; -1 where there is none, or one beyond the most.
static int number(const char **text, int most) {
  const char *at = *text;
  int found = 0;
  for (; *at >= '0' && *at <= '9' && at - *text < 5; at++)
    found = found * 10 + (*at - '0');
  int digits = (int)(at - *text);
  *text = at;
  return digits && found <= most ? found : -1;
}

// Reads an address at the beginning of a text; 0 if there is none.
static int dotted(const char **text, uint32_t *address) {
  uint32_t found = 0;
  for (int part = 0; part < 4; part++) {
    if (part && *(*text)++ != '.')
      return 0;
    int byte = number(text, 255);
    if (byte < 0)
      return 0;
    found = found << 8 | (uint32_t)byte;
  }
  *address = found;
  return 1;
}

int address_read(const char *text, uint32_t *address) { return dotted(&text, address) && !*text; }

int address_is_for_containers(uint32_t address) {
  return address >> 24 == FIRST >> 24 && address != FIRST && address != MACHINE;
}

int publication_read(const char *text, struct publication *to) {
  const char *at = text;
  to->address = LOOPBACK;
  to->outside = number(&at, PORT_MAX);
  if (*at == '.') {
    at = text;
    if (!dotted(&at, &to->address) || *at++ != ':')
      return 0;
    to->outside = number(&at, PORT_MAX);
  }
  if (to->outside < 1 || *at++ != ':')
    return 0;
  to->inside = number(&at, PORT_MAX);
  return to->inside > 0 && !*at;
}
