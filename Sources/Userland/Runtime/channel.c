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

int channel_open(struct channel *channel, const char *name) {
  if (strlen(name) >= sizeof channel->name - 2)
    return -1;
  strcpy(channel->name, name);
  char *page = shm_get(name);
  int down = named(channel, 'd'), room = named(channel, 'r'), up = named(channel, 'u');
  channel->page = (struct channel_page *)page;
  channel->down = ring_at(page + DOWN_AT, DOWN_CAPACITY, down, room);
  channel->up = ring_at(page + UP_AT, UP_CAPACITY, up, up);
  channel->life[0] = named(channel, '0');
  channel->life[1] = named(channel, '1');
  channel->knocks = 0;
  if (page && down >= 0 && room >= 0 && up >= 0 && channel->life[0] >= 0 && channel->life[1] >= 0)
    return 0;
  channel_close(channel);
  return -1;
}

void channel_close(struct channel *channel) {
  mutex_delete(channel->life[0]);
  mutex_delete(channel->life[1]);
  mutex_delete(channel->up.lock);
  mutex_delete(channel->down.room);
  mutex_delete(channel->down.lock);
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
