// What the container manager (`cm`) and its clients (`dockv6`) tell each other, and where.
//
// The request region. The manager makes a page and a mutex, both named "cm", and sleeps on the
// mutex's condition. A client that has something to ask takes its turn (the mutex "cm.turn"), empties
// the ring, raises `turn`, and puts in a `request_head` and the bytes that it announces, a ring full
// at a time; when the request has a server, the next may have its turn. So a message begins where
// `turn` rises and nowhere else: a client that dies in the middle, or sends garbage, spoils its own
// turn only. The manager never waits for one client alone: whatever it waits for, a rise of `turn`
// ends the wait.
//
// The batons. A manager that dies says nothing, but the kernel takes a dead process's mutexes away: so
// the manager always holds one of two, "cm.0" and "cm.1", and whoever waits for it waits for the one
// that it holds. When it has emptied the ring and more is to come, or when the request has a server
// (`served` is its turn then), it takes the other one and lets this one go. Who gets a baton and finds
// neither has outlived the manager.
//
// The answer comes through a channel (channel.h) that the client makes before it asks, named after
// its pid, as frames of the kinds below. The manager leaves that to a process of its own for each
// request, and turns to the next one.
#pragma once

#include "ring.h"

#define REQUEST_MAX 16384  // bytes after the head
#define REQUEST_CAPACITY 2048
#define REQUEST_RING_AT 64

struct request_page {
  volatile uint32_t magic;  // REQUEST_MAGIC: there is a manager
  volatile int manager;     // its pid
  volatile uint32_t turn;
  volatile uint32_t held;    // which baton the manager holds: the lowest bit
  volatile uint32_t served;  // the turn of the last request that has a server
};

#define REQUEST_MAGIC 0x6d632121

// What a client can ask for.
#define ASK_RUN 1     // a spec: a container, attached to the client
#define ASK_CREATE 2  // a spec: a container of its own
#define ASK_LIST 3
#define ASK_EXEC 4  // program and arguments, each with its NUL: one more process, attached
#define ASK_KILL 5
#define ASK_LOGS 6

struct request_head {
  uint32_t magic;
  int ask;
  int client;     // pid
  int container;  // id, where it is about one
  uint32_t count;  // bytes that follow
};

// What a frame says.
#define TELL_STARTED 1  // id: there is a container (or a process more in it); input may come
#define TELL_OUTPUT 2   // bytes for descriptor 1
#define TELL_ERRORS 3   // bytes for descriptor 2
#define TELL_ERRORS_END 4
#define TELL_ENDED 5  // status: all output has been told, errors have an end of their own
#define TELL_INPUT 6  // from the client's own reader: there is input now
#define TELL_INPUT_END 7

// What the manager remembers of a container that it made, in a shared page, so that the processes
// that serve the container can write it and those that answer later can read it. Each tail has one
// writer and needs no lock.
#define RECORDS 16
#define RECORD_BYTES 2048
#define RECORD_TEXT 40
#define TAIL_BYTES 840

struct tail {
  uint32_t total;
  char bytes[TAIL_BYTES];
};

struct record {
  uint32_t serial;  // of the request that made it
  int cid;          // 0: none was made
  int limit;
  int ended;
  int status;
  char init[RECORD_TEXT];
  char root[RECORD_TEXT];
  struct tail output;
  struct tail errors;
};

_Static_assert(sizeof(struct record) <= RECORD_BYTES, "a record does not fit into its place");

// Swift has no pointers to members.
static inline struct tail *output_tail(struct record *record) { return &record->output; }
static inline struct tail *errors_tail(struct record *record) { return &record->errors; }
