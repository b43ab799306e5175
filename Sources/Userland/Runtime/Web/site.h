// Connections of httpd and what becomes of them, for the files below the working directory. None of it waits: what a connection
// waits for is watched by who calls. Each has a buffer that grows with its request up to a head's and a body's limit, and one
// for what is sent; short files are kept for a while, with the head of their answer, so that many who ask for one cost little.
//
// A program in `cgi` is started with the words of the query, which `+` parts, or with the whole query where it has a `=`; its
// input is the request's body. What it writes may begin with headers, as RFC 3875 has them; else it is plain text.
#pragma once

#include "Web/http.h"

#define CONNECTIONS 250

int site_count(void);

// Whether another connection can be taken, and served: a file of it needs a descriptor as well.
int site_has_room(int listener);
// Takes an accepted connection.
void site_take(int socket);
// Whether others wait for room: connections end with their next answer then, which says so.
void site_crowd(int others_wait);
// Ends the connection that has been still for the longest, if that is three ticks or so and nothing is owed to it, or ten;
// whether there was one.
int site_make_room(void);

// What the connections wait for: at most two for each. How many.
int site_watch(struct pollfd *watched);
// Goes on with those that need not wait any more.
void site_go_on(const struct pollfd *watched);

// What the process of one connection tells the one that has started it.
#define SITE_WAITS 1
#define SITE_WORKS 2
#define SITE_ENDS 3
struct site_report {
  int pid;
  int state;
};

// Tells whether its connection waits for a request, if that has changed.
void site_report(int to);
void site_report_end(int to);

// Answers that there is no room.
void site_turn_away(int socket);
