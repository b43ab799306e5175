// Characters in UTF-8. Needs nothing of the runtime, so that a host can compile it as well.
#pragma once

#include <stdint.h>

// How many bytes the character has that begins here; 0 if it is none: cut short, in more bytes than
// it needs, half of a pair, or behind the last one (RFC 3629).
int character_length(const uint8_t *bytes, long count);
