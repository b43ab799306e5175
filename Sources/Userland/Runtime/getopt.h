// The words that a program is started with, as POSIX's getopt reads them: letters behind a `-`, several together or each by
// itself, with a value behind some of them. It says nothing about what is wrong: programs have a line on their usage.
#pragma once

#include "guest.h"

extern char *optarg;
extern int optind;

// The next letter, '?' for one that is not among `letters` or lacks its value, -1 when there are no more.
int getopt(int argc, char **argv, const char *letters);

// A number from `least` to `most`, which is the whole text; -1 if it is none.
int number_read(const char *text, int least, int most);
