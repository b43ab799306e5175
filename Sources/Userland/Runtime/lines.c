#include "lines.h"

int lines_open(struct lines *lines, const char *path) {
  lines->at = lines->count = 0;
  lines->file = open(path, O_RDONLY);
  return lines->file >= 0;
}

int lines_next(struct lines *lines) {
  for (int length = 0;;) {
    if (lines->at == lines->count) {
      lines->at = 0;
      lines->count = read(lines->file, lines->bytes, sizeof lines->bytes);
      if (lines->count <= 0) {
        lines->count = 0;
        lines->line[length] = 0;
        return length > 0;
      }
    }
    char byte = lines->bytes[lines->at++];
    if (byte == '\n') {
      lines->line[length] = 0;
      return 1;
    }
    if (length < LINE_MAX - 1)
      lines->line[length++] = byte;
  }
}
