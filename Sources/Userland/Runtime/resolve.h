// Addresses of the network as texts, and names as addresses. Addresses are in the machine's order.
//
// A name is looked for in /etc/hosts, whose lines are an address and its names, as on Unix; and then the name service is
// asked, by a query for an A record as RFC 1035 has it, in a datagram to port 53 of the machine outside. `localhost` is
// 127.0.0.1 whatever either says.
#pragma once

#include "address.h"
#include "guest.h"

#define NAME_SERVICE 0x0a000001u
#define NAME_PORT 53
#define HOST_NAME_MAX 253  // bytes of a name

// What name_resolve gives besides 0.
#define RESOLVE_UNKNOWN (-1)
#define RESOLVE_NO_ANSWER (-2)

#define ADDRESS_TEXT 16
// Writes an address with its NUL, and gives the text.
char *address_write(char text[ADDRESS_TEXT], uint32_t address);

// Reads a port, 1 to 65535, which is the whole text; 0 if it is none.
int port_read(const char *text);

// An address and a port as the calls of sockets want them.
struct sockaddr_in endpoint_of(uint32_t address, int port);

// The address of a name, or of an address's text. 0; RESOLVE_UNKNOWN where there is no such name; RESOLVE_NO_ANSWER where the
// name service was asked three times, ten ticks each, and said nothing.
int name_resolve(const char *name, uint32_t *address);

// The same for a program that says why not, and gives -1 then.
int name_find(const char *program, const char *name, uint32_t *address);
