// A channel: one shared page between a client and the process that serves it. Frames go down to the
// client, bytes come up from it, and the server notices when the client is dead.
//
// Down: a ring of frames, each a head (kind and length) and up to FRAME_MAX bytes, put in in one
// piece, so that several processes may send. Up: a ring of bytes from one process to one other, with
// an end.
//
// The lifeline. A process can wait for one thing at a time, and a client that dies says nothing. But
// the kernel takes a dead process's mutexes away: so the client always holds one of two, and the
// server, which has nothing else to do, waits for it. Whoever gets it looks at `knocks`: as the
// client has raised it, the client is alive, wanted attention, and already holds the other mutex,
// which is what the server waits for next; else the client is dead, or done.
//
// An end that is not the pipe's. A program that is run in a container may leave others behind that hold
// its pipes, and a process that waits to read cannot be told that nothing more is wanted. So whoever
// passes a stream on counts in `turns`, which is odd while it reads; who has seen the program end sets
// `finished` and ends those that are asleep in there, with everything passed on. channel_pass has it.
//
// Trust. Neither side believes what it finds in the page, which any process outside containers can
// attach by its name. A client whose page is spoilt says that what comes is no answer, and ends. Two
// things cannot be told without the page: if it was spoilt before the first input and the client is
// killed then, nobody knows the process that reads its input, and that one stays until its next line;
// and a client whose server's processes are killed one by one waits for an end that never comes.
#pragma once

#include "ring.h"

#define FRAME_MAX 512  // bytes in a frame
#define FRAME_HEAD 8   // what a buffer must have free in front of them

struct channel_page {
  uint32_t magic;         // from the client: it is there
  volatile int reader;    // the client's process that reads its input
  volatile uint32_t over; // from the server: no more input is wanted
  volatile uint32_t knocks;
  volatile uint32_t finished;  // from the server: the program has ended
  volatile uint32_t turns[2];  // of those who pass on its output and its errors
};

struct channel {
  char name[28];
  struct channel_page *page;
  struct ring down, up;
  int life[2];
  uint32_t knocks;  // as counted here
};

// Makes the channel of this name (25 bytes at most), or finds it made by the other side. 0, -1 if
// there is no page or mutex to be had.
int channel_open(struct channel *channel, const char *name);

// The same for who only sends frames down: with two mutexes instead of five.
int channel_open_down(struct channel *channel, const char *name);

// Lets go of it. Inherited by fork, so each process closes its own.
void channel_close(struct channel *channel);

// The client: takes hold of the lifeline; and calls the server, once, or again when it has answered.
void channel_begin(const struct channel *channel);
void channel_knock(struct channel *channel);

// The server: whether there is a client; and sleeps until it knocks (1), or is done or dead (0).
int channel_has_client(const struct channel *channel);
int channel_watch(struct channel *channel);

// Sends a frame down; the bytes begin FRAME_HEAD after `buffer`. 0, or -1.
int channel_send(const struct channel *channel, int kind, uint8_t *buffer, int count);

// Passes on, as frames, what comes through a pipe: to its end or, when the program has ended, to where
// the pipe is empty. `stream` is 0 for output and 1 for errors.
void channel_pass(const struct channel *channel, int stream, int pipe, int kind, uint8_t *buffer);

// Says that the program has ended; and returns when this process has passed on all that the program
// has written to the stream, or is dead.
void channel_finish(const struct channel *channel);
void channel_await(const struct channel *channel, int stream, int pid);

// Waits for a frame; `buffer` has room for FRAME_MAX bytes. The length, or -1 for what is no frame.
int channel_receive(const struct channel *channel, int *kind, uint8_t *buffer);
