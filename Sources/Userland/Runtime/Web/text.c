#include "Web/text.h"

enum { FIRST = 1024 };

// Grows it by a multiple, so that what is put together piece by piece is copied a few times only.
void web_add_bytes(struct text *text, const char *bytes, int length) {
  if (text->count + length > text->capacity) {
    int wanted = text->capacity ? 2 * text->capacity : FIRST;
    while (wanted < text->count + length)
      wanted *= 2;
    char *more = realloc(text->bytes, (size_t)wanted);
    if (!more) {
      text->is_cut = 1;
      return;
    }
    text->bytes = more;
    text->capacity = wanted;
  }
  memcpy(text->bytes + text->count, bytes, (size_t)length);
  text->count += length;
}
void web_add(struct text *text, const char *words) { web_add_bytes(text, words, (int)strlen(words)); }
void web_add_number(struct text *text, unsigned long number, unsigned base) {
  char digits[24];
  int at = sizeof digits;
  do
    digits[--at] = "0123456789ABCDEF"[number % base];
  while ((number /= base));
  web_add_bytes(text, digits + at, (int)sizeof digits - at);
}

void web_add_escaped(struct text *text, const char *path) {
  for (; *path; path++) {
    char byte = *path;
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || strchr("/-._~", byte)) {
      web_add_bytes(text, path, 1);
    } else {
      web_add(text, byte < 16 ? "%0" : "%");
      web_add_number(text, (unsigned char)byte, 16);
    }
  }
}

void web_add_html(struct text *text, const char *words) {
  for (; *words; words++)
    if (*words == '<' || *words == '&' || *words == '"') {
      web_add(text, *words == '<' ? "&lt;" : *words == '&' ? "&amp;" : "&quot;");
    } else {
      web_add_bytes(text, words, 1);
    }
}
