// Counting what an attack has tried; attack.h says how.
#include "attack.h"

#include "swift.h"

enum { WORKED_BITS = 12, WORKED_MOST = (1 << WORKED_BITS) - 1 };

struct count {
  int tried, worked;
};

static const char *name;
static struct count family, all;
static int was_ended;

static void begin_line(void) {
  text_begin();
  text_string(name, 0);
  text_string(": ", 0);
}

static void end_line(void) {
  text_bytes((const uint8_t *)"\n", 1);
  text_write(1);
}

void attack_begin(const char *program) { name = program; }

static int counts(int worked) {
  family.tried++;
  family.worked += worked != 0;
  return worked;
}

void attack_try_text(int worked, const char *way, const char *text) {
  if (!counts(worked))
    return;
  begin_line();
  text_string(way, 0);
  text_string(text, 0);
  text_string(" worked", 0);
  end_line();
}

void attack_try(int worked, const char *way) { attack_try_text(worked, way, ""); }

void attack_try_number(int worked, const char *way, long number) {
  if (!counts(worked))
    return;
  begin_line();
  text_string(way, 0);
  text_string(" ", 0);
  text_number(number, 0);
  text_string(" worked", 0);
  end_line();
}

static void tell(struct count count) {
  text_number(count.tried, 0);
  text_string(" ways tried, ", 0);
  text_number(count.worked, 0);
  text_string(" worked", 0);
  end_line();
}

void attack_family(const char *what) {
  begin_line();
  text_string(what, 0);
  text_string(": ", 0);
  tell(family);
  all.tried += family.tried;
  all.worked += family.worked;
  family = (struct count){0, 0};
}

int attack_verdict(void) {
  begin_line();
  tell(all);
  return all.worked > 0;
}

// MARK: Children

int attack_enter(int child) {
  if (child == 0) {
    family = (struct count){0, 0};
    return 1;
  }
  // Orphans that are the caller's by adoption may end first.
  int status, ended;
  do
    ended = wait(&status);
  while (child > 0 && ended != child && ended >= 0);
  if (child < 0 || ended < 0) {
    begin_line();
    text_string("no process to try it in", 0);
    end_line();
    exit(2);
  }
  was_ended = status < 0;
  if (!was_ended) {
    family.tried += status >> WORKED_BITS;
    family.worked += status & WORKED_MOST;
  }
  return 0;
}

void attack_leave(void) {
  int worked = family.worked < WORKED_MOST ? family.worked : WORKED_MOST;
  exit(family.tried << WORKED_BITS | worked);
}

int attack_was_ended(void) { return was_ended; }

void attack_from_outside(void) {
  int ends[2], status = 2;
  if (pipe(ends) < 0)
    exit(2);
  int child = fork();
  if (child == 0) {
    close(1);
    dup(ends[1]);
    close(ends[0]);
    close(ends[1]);
    return;
  }
  close(ends[1]);
  char bytes[128];
  int count;
  while ((count = read(ends[0], bytes, sizeof bytes)) > 0)
    write(1, bytes, count);
  wait(&status);
  exit(status);
}
