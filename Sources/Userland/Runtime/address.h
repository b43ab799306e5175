// Addresses of the network and published ports as texts: what a spec has of them. Addresses are in the machine's order.
// Needs nothing of the runtime, so that a host can compile it as well.
#pragma once

#include <stdint.h>

// Reads "10.0.0.2", which is the whole text; 0 if it is none.
int address_read(const char *text, uint32_t *address);

// Whether a container can be given an address: one of 10.0.0.0/8, but neither the first nor the machine's own.
int address_is_for_containers(uint32_t address);

// A port of a container that is one of the host as well: "8080:80", or "127.0.0.1:8080:80".
struct publication {
  uint32_t address;  // of the host's; 127.0.0.1 if the text has none
  int outside;       // the host's port
  int inside;        // the container's
};

// Reads one, which is the whole text; 0 if it is none.
int publication_read(const char *text, struct publication *publication);
