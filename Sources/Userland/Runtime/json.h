// Texts of JSON in UTF-8 (RFC 8259), for JsonReader. Needs nothing of the runtime, so that a host can
// compile it as well.
#pragma once

#include "utf8.h"

// Reads a text from behind its first quote to behind its last, with its escapes resolved, to where there
// is room for `capacity` bytes; cut to that, a NUL at the end; 0 to skip it. Says how long all of it is.
// 0, or what was expected, at `index` then.
const char *json_text(const uint8_t *text, long count, long *index, char *to, long capacity, long *length);

// Reads a number of any form, from its first byte to behind its last: NO_NUMBER if it has a fraction or an
// exponent, or is beyond 18 digits. 0, or what was expected, at `index` then.
#define NO_NUMBER (-__LONG_MAX__ - 1)
const char *json_number(const uint8_t *text, long count, long *index, long *value);

// The line and the column of a place, both from 1. A column is a character.
void json_position(const uint8_t *text, long index, long *line, long *column);

// What stands at a place, for a message: a word, a text in quotes or a character, cut to 24 bytes, where
// there is room for 32.
void json_found(const uint8_t *text, long count, long index, char *found);
