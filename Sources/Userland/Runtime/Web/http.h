// What httpd and get know of HTTP/1.1 (RFC 9110 and 9112): heads, and what is in them.
#pragma once

#include "guest.h"

#define HTTP_LINE_MAX 4096   // bytes of a request's first line
#define HTTP_HEAD_MAX 8192   // of the whole head
#define HTTP_BODY_MAX 16384  // of what follows it

// Bytes of a head.
struct span {
  const char *at;
  int count;
};

// Whether these are a word, in which capital letters are as small ones.
int span_is(struct span span, const char *word);
// A number without a sign that is all of it; -1 if it is none.
long span_number(struct span span);

// Where the head ends that these bytes begin with, its empty line included; 0 if it goes on. Of the bytes before `from`
// it is known that there is no end in them.
int http_head_end(const char *bytes, int from, int count);

// Takes a head's next line from `at` on, up to `end`, without the line's end.
struct span http_line(const char *bytes, int *at, int end);
// Parts a line into a header's name and value; 0 if it is none.
int http_header(struct span line, struct span *name, struct span *value);

struct http_request {
  int is_get, is_head, is_post;
  int is_new;   // 1.1, and not 1.0
  int stays;    // the connection does, for another request
  int expects;  // waits to be told to go on
  int body;     // bytes that follow
  struct span query;
  struct span range;
  char path[MAXPATH];  // decoded; without `.` and `..`, which lead nowhere above the root
};

// Understands a request's head; 0, or the status of the answer that it gets.
int http_parse(const char *head, int count, struct http_request *request);

// Takes a part of something that has `size` bytes: 1 if there is one, -1 if it lies beyond, 0 for what is none.
int http_range(struct span range, long size, long *first, long *count);

// The two digits behind a `%`, or -1.
int http_escaped(const char *at);

// A status and its words, "404 Not Found".
const char *http_status(int status);

// What a file's name says about what is in it; 0 if nothing.
const char *http_type(const char *path);
