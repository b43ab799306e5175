#include "getopt.h"

char *optarg;
int optind = 1;

int getopt(int argc, char **argv, const char *letters) {
  static const char *rest = "";
  if (!*rest) {
    if (optind >= argc || argv[optind][0] != '-' || !argv[optind][1])
      return -1;
    rest = argv[optind++] + 1;
    if (rest[0] == '-' && !rest[1]) {
      rest = "";
      return -1;
    }
  }
  char letter = *rest++;
  const char *found = letter == ':' ? 0 : strchr(letters, letter);
  if (!found)
    return '?';
  if (found[1] != ':')
    return letter;
  optarg = *rest ? (char *)rest : optind < argc ? argv[optind++] : 0;
  rest = "";
  return optarg ? letter : '?';
}

int number_read(const char *text, int least, int most) {
  long number = 0;
  const char *at = text;
  for (; *at >= '0' && *at <= '9' && number <= most; at++)
    number = number * 10 + (*at - '0');
  return at == text || *at || number < least || number > most ? -1 : (int)number;
}
