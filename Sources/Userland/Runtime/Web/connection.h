// What httpd's parts know of a connection: the one that takes requests and sends answers (site.c), and those that put an answer
// together, of a file (files.c) or of what a program writes (programs.c).
#pragma once

#include "Web/http.h"
#include "Web/site.h"
#include "Web/text.h"

enum { BUFFER = 4096 };  // bytes that are sent at a time

// The answer to one path: the usual head, and what follows it.
struct page {
  char path[MAXPATH];
  int length;
  uint64_t until;
  int users;
  int head;
  int end;
  char *bytes;
  const char *type;
};

enum state { READS, SENDS, RUNS, DRAINS };

struct connection {
  int socket;
  enum state state;
  uint64_t moved;  // when it last did
  // The request, and whatever follows it.
  char *in;
  int count, capacity;
  int head;  // where its head ends, once that is there
  int body;
  int scanned;
  int drained;
  // What is to be sent: first of `out`, then of a page, then of a file.
  struct text out;
  int at;
  struct page *page;
  int page_at, page_end;
  int file;
  long left;
  // A program: what it writes, and whether that may still be headers.
  int pipe, program, feeder, is_heading;
  int stays, drains, is_new, is_head;
  int watched;  // where, of what is watched
};

// The request that is being answered: of one connection at a time.
extern struct http_request site_asked;
extern char site_scratch[BUFFER];
extern int site_highest;  // of the descriptors that were opened

// MARK: Answers (site.c)

// Begins an answer's head: the status and, if it is not 0, the type of what follows.
void site_begin_head(struct connection *c, int status, const char *type);
// Ends it, with a length if that is known.
void site_end_head(struct connection *c, long length);
// An answer that has nothing but its status to say.
void site_say(struct connection *c, int status);
// Ends a child, and waits until it is gone; so may others be.
void site_end_child(int pid);

// MARK: Files (files.c)

// The answer to a path that was asked for lately; 0 if there is none.
struct page *site_kept(const char *path, int length);
void site_send_page(struct connection *c, struct page *page);
void site_let_go(struct page *page);
// Answers with a file or a directory; `name` is nothing, or that of a directory's own page.
void site_send_path(struct connection *c, const char *path, const char *name);
// Where a path is, from the working directory.
const char *site_place(const char *path, const char *more);
// Opens a file or a directory; what it is, or less than 0: a status.
int site_open(const char *path, const char *more, int *file, long *size);

// MARK: Programs (programs.c)

// Runs what is in `cgi` by this name.
void site_run(struct connection *c, const char *name);
// Takes what a program has written.
void site_take_output(struct connection *c);
void site_end_program(struct connection *c);
