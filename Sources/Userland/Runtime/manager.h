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
//
// Channels in reserve. A client makes its own channel; where the machine has no page or mutex left for
// one, it uses one of those that the manager keeps, "cm.ch1" and "cm.ch2", if it is free: if neither
// the client nor the server that `reserve` names is alive. So a container that takes all pages leaves
// the manager where it can be reached.
#pragma once

#include "ring.h"

#define REQUEST_MAX 16384  // bytes after the head
#define REQUEST_CAPACITY 2048
#define REQUEST_RING_AT 64
#define CHANNELS_IN_RESERVE 2

struct channel_use {
  volatile int client;
  volatile int server;
};

struct request_page {
  volatile uint32_t magic;  // REQUEST_MAGIC: there is a manager
  volatile int manager;     // its pid
  volatile uint32_t turn;
  volatile uint32_t held;    // which baton the manager holds: the lowest bit
  volatile uint32_t served;  // the turn of the last request that has a server
  struct channel_use reserve[CHANNELS_IN_RESERVE];
};

_Static_assert(sizeof(struct request_page) <= REQUEST_RING_AT, "the ring lies on the page's head");

#define REQUEST_MAGIC 0x6d632121

// What a client can ask for.
#define ASK_RUN 1     // a spec: a container, attached to the client
#define ASK_CREATE 2  // a spec: a container of its own
#define ASK_EXEC 3    // words, each with its NUL: which container, by its number or its name, and the
                      // program and arguments of one more process in it, attached

struct request_head {
  uint32_t magic;
  int ask;
  int client;      // pid
  int channel;     // which of those in reserve it uses, from 1; 0: its own
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
// that serve the container can write it and those that answer later can read it. A record is taken
// again when its container has ended and it is the oldest of those.
#define RECORDS_PER_PAGE 24
#define RECORD_BYTES 168
#define RECORD_PAGES 26  // at most, named "cm.a" to "cm.z"
#define RECORD_TEXT 34
#define RECORD_NAME 64

struct record {
  uint32_t serial;   // of the request that it was taken for; 0: free
  volatile int keeper;  // the process that sees to it until its end is written down
  volatile int cid;     // 0: none yet
  volatile int home;    // the first that it had: its init may have been started again in others
  int limit;
  int status;
  volatile uint8_t ended;
  volatile uint8_t cut;       // not 0: something did not get into the log
  volatile uint8_t stopped;   // not 0: somebody has ended it by hand
  volatile uint8_t restarts;  // how often its init was started again; 255 stands for more
  // How many bytes went into the log, of output and of errors; each has one writer.
  volatile uint32_t written[2];
  char init[RECORD_TEXT];
  char root[RECORD_TEXT];  // its path or, of layers, their names
  char name[RECORD_NAME];
};

_Static_assert(sizeof(struct record) <= RECORD_BYTES &&
                   RECORD_BYTES * RECORDS_PER_PAGE <= PGSIZE,
               "the records do not fit into their page");

// For programs that only look: a record's texts, which others may have spoilt, end where they must.
void record_terminate(struct record *record);
const char *record_name(struct record *record);
const char *record_init(struct record *record);
const char *record_root(struct record *record);
void record_rename(struct record *record, const char *name);
// Frees the record of a container that has ended, unless the manager has taken it for another since.
void record_forget(struct record *record, int cid, uint32_t serial);

// A record's log: a file of the disk, which the manager makes before there is any container, with the
// end of what it has written, output first and errors behind it, each a ring.
#define LOG_OUTPUT_BYTES 8192
#define LOG_ERRORS_BYTES 4096
#define LOG_BYTES (LOG_OUTPUT_BYTES + LOG_ERRORS_BYTES)

// Whether there is such a container, or somebody is about to make it, or to write down how it has ended.
int record_lives(const struct record *record);
// Whether there is such a container.
int record_runs(const struct record *record);
// Its container's number; 0 if it has none, or was removed.
int record_container(const struct record *record);
int record_is_named(struct record *record, const char *name);
// Puts down what a container is to be; a record that has just been taken is all zeros.
void record_describe(struct record *record, int limit, const char *init, const char *root,
                     const char *name);

// Runs a program that goes on by itself once its first process has ended, and waits for that.
void start_service(const char *program);

// Swift has no pointers to members that are arrays.
static inline struct channel_use *request_reserve(struct request_page *page, int number) {
  return &page->reserve[number];
}
