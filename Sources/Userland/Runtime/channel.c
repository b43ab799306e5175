// A channel between a client and the process that serves it, as channel.h describes it.
#include "channel.h"

enum {
  MAGIC = 0x6c6e6863,
  DOWN_AT = 64,
  DOWN_CAPACITY = 2048,
  UP_AT = 2560,
  UP_CAPACITY = 1024,
};

_Static_assert(sizeof(struct channel_page) <= DOWN_AT &&
                   DOWN_AT + sizeof(struct ring_page) + DOWN_CAPACITY <= UP_AT &&
                   UP_AT + sizeof(struct ring_page) + UP_CAPACITY <= PGSIZE,
               "the rings do not fit into the page");

// A mutex that is named after the channel.
static int named(struct channel *channel, char suffix) {
  char name[32];
  strcpy(name, channel->name);
  size_t length = strlen(name);
  name[length] = '.';
  name[length + 1] = suffix;
  name[length + 2] = 0;
  return mutex_create(name);
}

int channel_open_down(struct channel *channel, const char *name) {
  if (strlen(name) >= sizeof channel->name - 2)
    return -1;
  strcpy(channel->name, name);
  char *page = shm_get(name);
  if (!page)
    return -1;
  int down = named(channel, 'd'), room = named(channel, 'r');
  channel->page = (struct channel_page *)page;
  channel->down = ring_at(page + DOWN_AT, DOWN_CAPACITY, down, room);
  channel->up = ring_at(page + UP_AT, UP_CAPACITY, -1, -1);
  channel->life[0] = channel->life[1] = -1;
  channel->knocks = 0;
  if (down >= 0 && room >= 0)
    return 0;
  channel_close(channel);
  return -1;
}

int channel_open(struct channel *channel, const char *name) {
  if (channel_open_down(channel, name) < 0)
    return -1;
  channel->up.lock = channel->up.room = named(channel, 'u');
  channel->life[0] = named(channel, '0');
  channel->life[1] = named(channel, '1');
  if (channel->up.lock >= 0 && channel->life[0] >= 0 && channel->life[1] >= 0)
    return 0;
  channel_close(channel);
  return -1;
}

void channel_close(struct channel *channel) {
  int mutexes[] = {channel->life[0], channel->life[1], channel->up.lock, channel->down.room,
                   channel->down.lock};
  for (int index = 0; index < 5; index++)
    if (mutexes[index] >= 0)
      mutex_delete(mutexes[index]);
  shm_rem(channel->name);
}

void channel_begin(const struct channel *channel) {
  mutex_lock(channel->life[0]);
  channel->page->magic = MAGIC;
}

void channel_knock(struct channel *channel) {
  int held = channel->life[channel->knocks & 1];
  mutex_lock(channel->life[++channel->knocks & 1]);
  channel->page->knocks = channel->knocks;
  mutex_unlock(held);
}

int channel_has_client(const struct channel *channel) { return channel->page->magic == MAGIC; }

int channel_watch(struct channel *channel) {
  int held = channel->life[channel->knocks & 1];
  mutex_lock(held);
  int knocked = channel->page->knocks == channel->knocks + 1;
  channel->knocks++;
  mutex_unlock(held);
  return knocked;
}

int channel_send(const struct channel *channel, int kind, uint8_t *buffer, int count) {
  uint32_t head[2] = {(uint32_t)kind, (uint32_t)count};
  memcpy(buffer, head, FRAME_HEAD);
  return ring_put(&channel->down, buffer, FRAME_HEAD + (uint32_t)count);
}

int channel_receive(const struct channel *channel, int *kind, uint8_t *buffer) {
  uint32_t head[2];
  if (ring_take_all(&channel->down, head, FRAME_HEAD) < 0)
    return -1;
  *kind = (int)head[0];
  if (head[1] > FRAME_MAX || ring_take_all(&channel->down, buffer, head[1]) < 0)
    return -1;
  return (int)head[1];
}

void channel_pass(const struct channel *channel, int stream, int pipe, int kind, uint8_t *buffer) {
  // A read that takes less than this has emptied the pipe; one of more than that many bytes since the
  // end of the program has all that was inside then, however fast others write.
  enum { PAGE = PGSIZE - 64, ENOUGH = 1 << 20 };
  uint8_t *page = malloc(FRAME_HEAD + PAGE), *bytes = page ? page : buffer;
  int room = page ? PAGE : FRAME_MAX;
  for (int since = 0; since < ENOUGH;) {
    int finished = channel->page->finished != 0;
    channel->page->turns[stream]++;
    int count = read(pipe, bytes + FRAME_HEAD, room);
    channel->page->turns[stream]++;
    for (int at = 0; at < count; at += FRAME_MAX)
      channel_send(channel, kind, bytes + at, count - at < FRAME_MAX ? count - at : FRAME_MAX);
    if (count <= 0 || (finished && count < room))
      return;
    since += finished ? count : 0;
  }
}

void channel_finish(const struct channel *channel) { channel->page->finished = 1; }

void channel_await(const struct channel *channel, int stream, int pid) {
  for (;; sleep(1)) {
    uint32_t turn = channel->page->turns[stream];
    struct proc_info found;
    int seen = process_find(pid, &found);
    if (seen == 0 || (seen > 0 && found.state == P_EXITED))
      return;
    // Asleep between two counts it waits for bytes, so there are none, and it has sent what it had.
    if (seen > 0 && found.state == P_BLOCKED && (turn & 1) && turn == channel->page->turns[stream]) {
      kill(pid);
      return;
    }
  }
}
