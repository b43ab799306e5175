// The limits that a container can be given: by what names specs and `dockv6 update` have them, what each
// may be, and what the files of the container's group have to say for the kernel to hold it to that.
// OCI's names are other names for the same limits: its microseconds are instructions here, its seconds
// ticks. Needs nothing of the runtime, so that a host can compile it as well.
#pragma once

// Those that have a file of the group, in the order of their names; then two that go into cpu.max.
enum {
  LIMIT_NPROC,
  LIMIT_WEIGHT,
  LIMIT_PROCESSOR,
  LIMIT_MEMORY,
  LIMIT_DISK,
  LIMIT_INODES,
  LIMIT_READ,
  LIMIT_WRITE,
  LIMIT_TABLES,  // this one and all behind it are lines of misc.max
  LIMITS_WITH_FILE = 13,
  LIMIT_PERIOD = LIMITS_WITH_FILE,
  LIMIT_HARTS,
  LIMITS
};

// Places in the list of names: limits come first, those of OCI behind the others.
#define LIMIT_NAMES_OCI 13
#define LIMIT_NAMES 21
enum {
  NAME_INIT = LIMIT_NAMES,
  NAME_ARGUMENTS,
  NAME_FS,
  NAME_ROOT_PATH,
  NAME_PRIORITY,
  NAME_NAME,
  NAME_HOSTNAME,
  NAME_RESTART,
};
// No name, but the beginning of one, up to a dot; and neither.
#define NAME_INSIDE (-1)
#define NAME_UNKNOWN (-2)

struct limits {
  long values[LIMITS];  // -1: no limit
  int places[LIMITS];   // where it stands in the spec; 0: it has not been given
};

// Where a name is in the list of all that a spec can hold; a dot stands between the names of objects.
int name_place(const char *name);

// Whether a word is one of these, each of which a blank ends.
int is_one(const char *word, const char *words);

// Says where the limit of a name stands; 0 if it has been given before.
int limit_begin(struct limits *limits, int name, int place);

// Takes a number that a spec has for a name, or a text: `max`, digits, bytes as `8M`, `20000 100000`.
// 0 if it cannot be that.
int limit_take_number(struct limits *limits, int name, long number);
int limit_take_text(struct limits *limits, int name, const char *text);

// What it can be, for messages.
const char *limit_expected(int name);

// Makes one limit of all that says how much time.
void limits_settle(struct limits *limits);

// The file of a limit, and what is to be written to it: at most 64 bytes.
const char *limit_file(int limit);
void limit_text(const struct limits *limits, int limit, char *text);

// The next limit that has been given and has a file of its own, behind this one; 0 if there is none.
// How many processes there may be is not among them: the container's init says that itself.
int limits_next(const struct limits *limits, int limit);

// Where a limit stands in the spec; 0 if it has not been given.
static inline int limit_place(const struct limits *limits, int limit) {
  return limits->places[limit];
}
static inline long limit_value(const struct limits *limits, int limit) {
  return limits->values[limit];
}

// How often an init is started again, by a policy's text: `no`, `on-failure:N`; `on-failure` and `always`
// are as often as it has to be, and RESTARTS_ALWAYS also when it has ended well. -1 for what is none.
#define RESTARTS_ALWAYS 0x80000000
long restarts_most(const char *policy);
