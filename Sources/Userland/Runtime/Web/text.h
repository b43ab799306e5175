// Texts that are put together piece by piece.
#pragma once

#include "guest.h"

// Its bytes; cut off where there was no memory for more.
struct text {
  char *bytes;
  int count, capacity, is_cut;
};

void web_add_bytes(struct text *text, const char *bytes, int length);
void web_add(struct text *text, const char *words);
void web_add_number(struct text *text, unsigned long number, unsigned base);
// What would mean something else in a URL is escaped, a path's slashes apart.
void web_add_escaped(struct text *text, const char *path);
// What would mean something else in HTML is.
void web_add_html(struct text *text, const char *words);
