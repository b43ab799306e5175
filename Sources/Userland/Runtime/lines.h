// A file's lines, one after another.
#pragma once

#include "guest.h"

#define LINE_MAX 256

struct lines {
  int file;
  int at, count;
  char bytes[512];
  char line[LINE_MAX];
};

// Opens a file to be read; 0 if it is not there.
int lines_open(struct lines *lines, const char *path);
// The next line without its end, the beginning of one that is too long; 0 behind the last.
int lines_next(struct lines *lines);
