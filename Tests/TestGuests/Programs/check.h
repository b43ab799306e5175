// What the test programs check with. A program runs as a child of init in `/`, with the console on
// descriptors 0 to 2, and exits with 0 if all that it checks holds.
#pragma once

#include "guest.h"

// Ends the program, with status 1, if the condition does not hold.
#define CHECK(condition) ((condition) ? (void)0 : failed(__FILE_NAME__, __LINE__, #condition))

// An address above everything that a process can have mapped.
#define NOWHERE ((void *)0x3ffffff000)

// An address in the program's own text, which may not be written.
#define TEXT ((void *)16)

static inline _Noreturn void failed(const char *file, int line, const char *condition) {
  fprintf(2, "FAILED %s:%d: %s\n", file, line, condition);
  exit(1);
}

// Runs a body in a child and returns the status that it ended with: 0 if it came back.
static inline int status_of(void (*body)(void)) {
  int child = fork(), status = 12345;
  CHECK(child >= 0);
  if (child == 0) {
    body();
    exit(0);
  }
  CHECK(wait(&status) == child);
  return status;
}

// Makes a file with this text.
static inline void make_file(const char *path, const char *text) {
  int file = open(path, O_CREATE | O_WRONLY | O_TRUNC);
  CHECK(file >= 0);
  CHECK(write(file, text, (int)strlen(text)) == (int)strlen(text));
  CHECK(close(file) == 0);
}

// How many descriptors are free.
static inline int free_descriptors(void) {
  int taken[64], count = 0;
  while (count < 64 && (taken[count] = dup(0)) >= 0)
    count++;
  for (int index = 0; index < count; index++)
    CHECK(close(taken[index]) == 0);
  return count;
}

// A page that nothing is mapped behind, at the end of the heap.
static inline char *last_page(void) {
  uintptr_t size = (uintptr_t)sbrk(0);
  if (size % PGSIZE)
    CHECK(sbrk((int)(PGSIZE - size % PGSIZE)) != (char *)-1);
  char *page = sbrk(PGSIZE);
  CHECK(page != (char *)-1);
  return page;
}

// Whether the file at this path begins with this text.
static inline int begins_with(const char *path, const char *text) {
  char bytes[64];
  int length = (int)strlen(text);
  int file = open(path, O_RDONLY);
  if (file < 0)
    return 0;
  int count = read(file, bytes, length);
  close(file);
  return count == length && memcmp(bytes, text, (size_t)length) == 0;
}
