// A ring of bytes in a shared page: what one process puts in, another takes out, in the same order,
// and whoever cannot go on sleeps until the other side has made it possible.
//
// Waiting. A mutex has one condition variable, and a signal wakes one waiter, whoever it is. So that
// a signal which means "there is room" never wakes one who waits for bytes (a wakeup stolen, and
// both sides asleep), each of the two conditions has a mutex of its own: `lock` guards the ring, and
// its condition is "there is something to take"; the condition of `room` is "there is room". With a
// single process on either side they never wait both at once, and one mutex may stand for both.
// A signal without a waiter is kept, one deep: enough, because nobody waits without having looked
// first, holding `lock`, and because whoever leaves something behind for others signals again. (A
// process that is killed between putting something in and its signal has told nobody; the next one's
// signal does.)
//
// Trust. Whoever else has the page can write anything into it, at any moment. So every number is
// read once, checked, and only then used; where bytes lie is computed so that it cannot be outside
// the ring. A page that makes no sense breaks the ring (-1), and never its reader.
#pragma once

#include "guest.h"

// What lies in the shared page. A page of zeroes is an empty ring.
struct ring_page {
  uint32_t put;    // how many bytes were ever put in, modulo 2^32
  uint32_t taken;  // how many of them were taken out
  uint32_t ended;  // not 0: nothing more will be put in
  uint32_t spare;
  uint8_t bytes[];
};

struct ring {
  volatile struct ring_page *page;
  uint32_t capacity;  // bytes in it, a power of two
  int lock;
  int room;
};

// A ring over memory that several processes share, with mutexes from `mutex_create`.
struct ring ring_at(void *memory, uint32_t capacity, int lock, int room);

// Puts all of the bytes in; sleeps while there is no room. What fits into the ring stays in one piece,
// whoever else is writing. 0; -1 if the ring has ended or is broken.
int ring_put(const struct ring *ring, const void *bytes, uint32_t count);

// Takes what there is, `most` bytes at most; sleeps while there is nothing. How many; 0 at the end of
// the input, -1 if the ring is broken.
int ring_take(const struct ring *ring, void *bytes, uint32_t most);

// Takes exactly so many bytes. 0; -1 if the ring has ended before, or is broken.
int ring_take_all(const struct ring *ring, void *bytes, uint32_t count);

// Says that nothing more will be put in, to everyone.
void ring_end(const struct ring *ring);

// Whether the ring has ended and is empty.
int ring_is_over(const struct ring *ring);

// For those who hold `lock`: how many bytes are inside, -1 if the page makes no sense; and moving
// bytes that are known to fit or to be there.
int ring_count(const struct ring *ring);
void ring_copy_in(const struct ring *ring, const void *bytes, uint32_t count);
void ring_copy_out(const struct ring *ring, void *bytes, uint32_t count);

// For those who hold `lock`: sleeps until there may be room; the caller looks again. -1 if it cannot
// be waited for.
int ring_await_room(const struct ring *ring);
