// The logs of containers, in files of the disk; log.h says what they look like.
#include "log.h"

#include "swift.h"

#define LOG "/var/cm/log."

static const int places[] = {0, LOG_OUTPUT_BYTES};
static const int capacities[] = {LOG_OUTPUT_BYTES, LOG_ERRORS_BYTES};

// The path of what a record has on the disk: its log, `/var/cm/log.7`, or its spec.
static const char *path_of(const char *what, int index, char *path) {
  strcpy(path, what);
  char *end = path + strlen(path);
  for (int unit = 100; unit > 0; unit /= 10)
    if (unit == 1 || index >= unit)
      *end++ = (char)('0' + index / unit % 10);
  *end = 0;
  return path;
}

// Opens a log at a place in a ring; -1 if there is no such file, or it has been cut.
static int open_ring(int index, int stream, int at, int flags) {
  char path[20];
  int file = open(path_of(LOG, index, path), flags), place = places[stream] + at;
  if (file < 0 || place == 0)
    return file;
  // What is in front has to be read to get behind it.
  char *skipped = malloc((size_t)place);
  int got = skipped ? read(file, skipped, place) : -1;
  free(skipped);
  if (got == place)
    return file;
  close(file);
  return -1;
}

static int make(const char *path, const char *zeros) {
  struct stat status;
  int file = open(path, O_CREATE | O_RDWR);
  if (file < 0)
    return 0;
  // A manager before this one may have made it, and servers of that one may be at work.
  int made = fstat(file, &status) == 0 && status.type == T_FILE &&
             (status.size == LOG_BYTES || write(file, zeros, LOG_BYTES) == LOG_BYTES);
  close(file);
  return made;
}

void logs_make(int first, int end) {
  char path[20], *zeros = calloc(1, LOG_BYTES);
  mkdir("/var");
  mkdir("/var/cm");
  for (int index = first; zeros && index < end; index++)
    if (!make(path_of(LOG, index, path), zeros)) {
      for (int spare = first + (index - first) / 2; spare <= index; spare++)
        unlink(path_of(LOG, spare, path));
      break;
    }
  free(zeros);
}

char *spec_keep(int index, const void *bytes, int count) {
  static char path[20];
  // One of a container that was made before may still have another name.
  unlink(path_of("/var/cm/spec.", index, path));
  int file = open(path, O_CREATE | O_WRONLY);
  int kept = file >= 0 && write(file, bytes, count) == count;
  close(file);
  return kept ? path : 0;
}

struct log_writer log_writer_for(struct record *record, int index, int stream) {
  // Behind what it has from before its init was started again.
  int at = (int)record->written[stream] % capacities[stream];
  return (struct log_writer){record, index, record->serial, stream, -1, at ? at : capacities[stream]};
}

void log_append(struct log_writer *writer, const void *bytes, int count) {
  struct record *record = writer->record;
  int capacity = capacities[writer->stream];
  if (record->serial != writer->serial)
    return;
  for (int done = 0, part; done < count && !record->cut; done += part) {
    if (writer->at == capacity) {
      if (writer->file >= 0)
        close(writer->file);
      writer->file = -1;
      writer->at = 0;
    }
    if (writer->file < 0)
      writer->file = open_ring(writer->index, writer->stream, writer->at, O_RDWR);
    part = count - done < capacity - writer->at ? count - done : capacity - writer->at;
    if (writer->file < 0 || write(writer->file, (const char *)bytes + done, part) != part) {
      record->cut = 1;
      return;
    }
    writer->at += part;
    uint32_t written = record->written[writer->stream] + (uint32_t)part;
    // Kept below what a number holds, at the same place in the ring.
    record->written[writer->stream] = written < 1u << 30 ? written : written - (1u << 29);
  }
}

int log_show(struct record *record, int index, int stream) {
  int capacity = capacities[stream], total = (int)record->written[stream];
  if (total <= 0)
    return 0;
  int file = open_ring(index, stream, 0, O_RDONLY);
  char *ring = malloc((size_t)capacity);
  int whole = file >= 0 && ring && read(file, ring, capacity) == capacity;
  close(file);
  for (int from = total < capacity ? 0 : total - capacity, part; whole && from < total; from += part) {
    int at = from % capacity;
    part = total - from < capacity - at ? total - from : capacity - at;
    output_write(stream + 1, ring + at, part);
  }
  free(ring);
  return whole ? 0 : -1;
}
