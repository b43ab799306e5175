// The logs of containers: for each record of the manager's a file in /var/cm, all of which it makes
// before it is ready, so that no container can take the room. A file holds the end of what its
// container has written, output first and errors behind it; each is a ring with one writer, which
// comes to its beginning again by opening the file anew, for there is no seeking. What was written is
// counted in the record. A container gets there only if its root is `/` or `/var`.
#pragma once

#include "channel.h"
#include "manager.h"

// Makes the logs of the records from `first` to `end`. If the disk has no room for all, it makes fewer
// and leaves as much to others as it takes.
void logs_make(int first, int end);

// Writes down the spec of a record's container, for whoever makes its root: the path, or 0 if there is no
// room for it. Another record's spec stays what it is.
char *spec_keep(int index, const void *bytes, int count);

// The one who writes a stream, 0 for output and 1 for errors, into the log of a record.
struct log_writer {
  struct record *record;
  int index;
  uint32_t serial;
  int stream;
  int file;  // -1 until there is something to write
  int at;    // in the ring
};
struct log_writer log_writer_for(struct record *record, int index, int stream);

// Adds bytes, over the oldest when the ring is full. What fails is told by the record, and the stream
// goes on without its log.
void log_append(struct log_writer *writer, const void *bytes, int count);

// Writes what a ring holds to descriptor 1 or 2; 0, or -1 if it cannot be read.
int log_show(struct record *record, int index, int stream);
