// The limits of containers, as limit.h describes them.
#include "limit.h"

enum {
  SHARES = LIMIT_NAMES_OCI + 1,
  USUAL_PERIOD = 1000000,
  // With a quota that says none.
  USUAL_PERIOD_OCI = 100000,
  HARTS_MOST = 1024,
  DIGITS_MOST = 18,
};

#define OCI "linux.resources."

static const char names[] =
    "nproc\0cpu.weight\0cpu.max\0memory\0disk\0inodes\0io.read\0io.write\0files\0pipes\0mutexes\0"
    "shared_pages\0sockets\0" OCI "pids.limit\0" OCI "cpu.shares\0" OCI "cpu.quota\0" OCI
    "cpu.period\0" OCI "cpu.cpus\0" OCI "memory.limit\0" OCI "blockIO.throttleReadBpsDevice.rate\0" OCI
    "blockIO.throttleWriteBpsDevice.rate\0"
    "init\0process.args\0fs\0root.path\0priority\0name\0hostname\0restart\0";

static const char files[] =
    "pids.max\0cpu.weight\0cpu.max\0memory.max\0disk.max\0inodes.max\0io.max\0io.max\0misc.max";

// For each name a letter: which limit it is, from A, and which of the phrases says what it can be.
static const char limit_letters[] = "ABCDEFGHIJKLMABCNODGH";
static const char phrase_letters[] = "ABCDDEFFEEEEEAGHIJKLL";

static const char phrases[] =
    "a number from 1 to 2147483647\0"
    "a weight from 1 to 10000\0"
    "max or instructions, or \"MAX PERIOD\" with a period from 1000 to 1000000000\0"
    "bytes, also as \"8K\", \"8M\" or \"8G\", or max\0"
    "a number from 0 to 2147483647, or max\0"
    "bytes in a tick, at least 1, also as \"8K\", or max\0"
    "shares from 2 to 262144\0"
    "microseconds, at least 1, or -1\0"
    "microseconds from 1000 to 1000000000\0"
    "harts as in \"0-2,4\"\0"
    "bytes, at least 1, or -1\0"
    "bytes in a second, at least 1";

static const char *word(const char *words, int number) {
  for (; number > 0; number--)
    while (*words++)
      ;
  return words;
}

int name_place(const char *name) {
  int place = 0;
  for (const char *at = names; *at; at = word(at, 1), place++) {
    int length = 0;
    while (name[length] && name[length] == at[length])
      length++;
    if (length && !name[length] && (!at[length] || at[length] == '.'))
      return at[length] ? NAME_INSIDE : place;
  }
  return NAME_UNKNOWN;
}

int is_one(const char *word, const char *words) {
  while (*words) {
    const char *at = word;
    for (; *words != ' ' && *at == *words; at++)
      words++;
    if (!*at && *words == ' ')
      return 1;
    while (*words++ != ' ')
      ;
  }
  return 0;
}

static int limit_of(int name) { return limit_letters[name] - 'A'; }

const char *limit_expected(int name) { return word(phrases, phrase_letters[name] - 'A'); }

const char *limit_file(int limit) { return word(files, limit < LIMIT_TABLES ? limit : LIMIT_TABLES); }

int limit_begin(struct limits *limits, int name, int place) {
  int *old = &limits->places[limit_of(name)];
  if (*old)
    return 0;
  *old = place;
  return 1;
}

static int is_bytes(int limit) {
  return limit >= LIMIT_MEMORY && limit <= LIMIT_WRITE && limit != LIMIT_INODES;
}

static int set(struct limits *limits, int limit, long value) {
  int from0 = limit >= LIMIT_TABLES || (limit >= LIMIT_MEMORY && limit <= LIMIT_INODES);
  long least = limit == LIMIT_PERIOD ? 1000 : !from0;
  long most = limit == LIMIT_WEIGHT                          ? 10000
              : limit == LIMIT_PERIOD                        ? 1000000000
              : is_bytes(limit) || limit == LIMIT_PROCESSOR ? 1L << 60
                                                             : 0x7fffffff;
  if (value < least || value > most)
    return 0;
  limits->values[limit] = value;
  return 1;
}

int limit_take_number(struct limits *limits, int name, long number) {
  int limit = limit_of(name), oci = name >= LIMIT_NAMES_OCI;
  if (limit == LIMIT_HARTS || (oci && number == 0))
    return 0;
  if (name == SHARES) {
    if (number < 2 || number > 262144)
      return 0;
    // 1024 shares are the usual, which is 100 here.
    number = number * 100 / 1024;
    number = number < 1 ? 1 : number > 10000 ? 10000 : number;
  }
  if (limit == LIMIT_PROCESSOR && !limits->values[LIMIT_PERIOD])
    limits->values[LIMIT_PERIOD] = oci ? USUAL_PERIOD_OCI : USUAL_PERIOD;
  if (oci && number == -1 && (limit == LIMIT_PROCESSOR || limit == LIMIT_MEMORY)) {
    limits->values[limit] = -1;
    return 1;
  }
  return set(limits, limit, number);
}

// Goes over digits; -1 if there are none, or too many.
static long digits(const char **text) {
  const char *at = *text;
  long number = 0;
  for (; *at >= '0' && *at <= '9' && at - *text <= DIGITS_MOST; at++)
    number = number * 10 + *at - '0';
  long length = at - *text;
  *text = at;
  return length > 0 && length <= DIGITS_MOST ? number : -1;
}

// A list of harts stands for how many they are.
static int take_harts(struct limits *limits, const char *at) {
  long next = 0, count = 0;
  for (;; at++) {
    long first = digits(&at), last = first;
    if (*at == '-') {
      at++;
      last = digits(&at);
    }
    if (first < next || last < first || last >= HARTS_MOST)
      return 0;
    count += last - first + 1;
    next = last + 1;
    if (*at != ',')
      break;
  }
  limits->values[LIMIT_HARTS] = count;
  return *at == 0;
}

int limit_take_text(struct limits *limits, int name, const char *at) {
  int limit = limit_of(name);
  if (limit == LIMIT_HARTS)
    return take_harts(limits, at);
  if (name >= LIMIT_NAMES_OCI)
    return 0;
  if (at[0] == 'm' && at[1] == 'a' && at[2] == 'x' && limit != LIMIT_WEIGHT) {
    at += 3;
    limits->values[limit] = -1;
  } else {
    long number = digits(&at);
    if (is_bytes(limit) && *at && number < 1L << 30) {
      int letter = *at++ | 0x20;
      number = letter == 'k'   ? number << 10
               : letter == 'm' ? number << 20
               : letter == 'g' ? number << 30
                               : -1;
    }
    if (!set(limits, limit, number))
      return 0;
  }
  if (limit == LIMIT_PROCESSOR && (*at == ' ' || *at == '/')) {
    at++;
    if (!set(limits, LIMIT_PERIOD, digits(&at)))
      return 0;
  }
  return *at == 0;
}

void limits_settle(struct limits *limits) {
  long *quota = &limits->values[LIMIT_PROCESSOR], *period = &limits->values[LIMIT_PERIOD];
  if (!limits->places[LIMIT_PROCESSOR])
    *quota = -1;
  if (!*period)
    *period = USUAL_PERIOD;
  // So many harts are as much as they have, whichever they are.
  long most = *period * limits->values[LIMIT_HARTS];
  if (limits->places[LIMIT_HARTS] && (*quota < 0 || *quota > most))
    *quota = most;
  int *places = limits->places;
  if (!places[LIMIT_PROCESSOR])
    places[LIMIT_PROCESSOR] = places[LIMIT_HARTS] ? places[LIMIT_HARTS] : places[LIMIT_PERIOD];
}

int limits_next(const struct limits *limits, int limit) {
  while (++limit < LIMITS_WITH_FILE)
    if (limits->places[limit])
      return limit;
  return 0;
}

static char *put(char *to, const char *text) {
  while ((*to = *text++))
    to++;
  return to;
}

static char *put_number(char *to, long number) {
  if (number < 0)
    return put(to, "max");
  char text[24], *at = text + sizeof text;
  *--at = 0;
  do
    *--at = (char)('0' + number % 10);
  while (number /= 10);
  return put(to, at);
}

void limit_text(const struct limits *limits, int limit, char *to) {
  if (limit >= LIMIT_READ)
    to = put(to, limit == LIMIT_READ ? "rbps" : limit == LIMIT_WRITE ? "wbps" : word(names, limit));
  if (limit >= LIMIT_READ)
    *to++ = limit < LIMIT_TABLES ? '=' : ' ';
  to = put_number(to, limits->values[limit]);
  // A group keeps its period where none is given.
  if (limit != LIMIT_PROCESSOR || !limits->values[LIMIT_PERIOD])
    return;
  *to++ = ' ';
  put_number(to, limits->values[LIMIT_PERIOD]);
}

long restarts_most(const char *policy) {
  static const char policies[] = "no\0always\0on-failure\0";
  const char *at = policies;
  int number = 0;
  for (; *at; at = word(at, 1), number++) {
    int length = 0;
    while (at[length] && policy[length] == at[length])
      length++;
    if (at[length])
      continue;
    policy += length;
    if (!*policy)
      return number == 0 ? 0 : number == 1 ? RESTARTS_ALWAYS : 0x7fffffff;
    long most = number == 2 && *policy++ == ':' ? digits(&policy) : -1;
    return most > 0 && most < 1000 && !*policy ? most : -1;
  }
  return -1;
}
