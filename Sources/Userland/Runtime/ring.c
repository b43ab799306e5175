// A ring of bytes in a shared page; ring.h says how it waits and what it trusts.
#include "ring.h"

struct ring ring_at(void *memory, uint32_t capacity, int lock, int room) {
  return (struct ring){memory, capacity, lock, room};
}

int ring_count(const struct ring *ring) {
  uint32_t count = ring->page->put - ring->page->taken;
  return count <= ring->capacity ? (int)count : -1;
}

// Where a byte lies: inside the ring, whatever the number.
static volatile uint8_t *place(const struct ring *ring, uint32_t number) {
  return ring->page->bytes + (number & (ring->capacity - 1));
}

// How many of the bytes from a number on lie next to each other.
static uint32_t together(const struct ring *ring, uint32_t number, uint32_t count) {
  uint32_t straight = ring->capacity - (number & (ring->capacity - 1));
  return count < straight ? count : straight;
}

void ring_copy_in(const struct ring *ring, const void *bytes, uint32_t count) {
  uint32_t put = ring->page->put, first = together(ring, put, count);
  memcpy((void *)place(ring, put), bytes, first);
  memcpy((void *)place(ring, put + first), (const char *)bytes + first, count - first);
  ring->page->put = put + count;
}

void ring_copy_out(const struct ring *ring, void *bytes, uint32_t count) {
  uint32_t taken = ring->page->taken, first = together(ring, taken, count);
  memcpy(bytes, (const void *)place(ring, taken), first);
  memcpy((char *)bytes + first, (const void *)place(ring, taken + first), count - first);
  ring->page->taken = taken + count;
}

int ring_await_room(const struct ring *ring) {
  if (ring->room == ring->lock)
    return cv_wait(ring->lock);
  if (mutex_lock(ring->room) < 0)
    return -1;
  mutex_unlock(ring->lock);
  int waited = cv_wait(ring->room);  // a signal that came since is kept, and lets it through
  mutex_unlock(ring->room);
  mutex_lock(ring->lock);
  return waited;
}

// Puts in, in one piece, what fits into the ring.
static int put_piece(const struct ring *ring, const void *bytes, uint32_t count) {
  if (mutex_lock(ring->lock) < 0)
    return -1;
  int inside, fits;
  do {
    inside = ring_count(ring);
    fits = inside >= 0 && !ring->page->ended;
  } while (fits && ring->capacity - (uint32_t)inside < count && (fits = !ring_await_room(ring)));
  if (fits)
    ring_copy_in(ring, bytes, count);
  int others = !fits || (uint32_t)inside + count < ring->capacity;
  mutex_unlock(ring->lock);
  cv_signal(ring->lock);
  if (others && ring->room != ring->lock)
    cv_signal(ring->room);  // another writer may fit as well
  return fits ? 0 : -1;
}

int ring_put(const struct ring *ring, const void *bytes, uint32_t count) {
  const char *from = bytes;
  while (count > ring->capacity) {
    if (put_piece(ring, from, ring->capacity / 2) < 0)
      return -1;
    from += ring->capacity / 2;
    count -= ring->capacity / 2;
  }
  return put_piece(ring, from, count);
}

int ring_take(const struct ring *ring, void *bytes, uint32_t most) {
  if (mutex_lock(ring->lock) < 0)
    return -1;
  int inside;
  while ((inside = ring_count(ring)) == 0 && !ring->page->ended)
    if (cv_wait(ring->lock) < 0)
      return -1;
  int count = inside > (int)most ? (int)most : inside;
  if (count > 0)
    ring_copy_out(ring, bytes, (uint32_t)count);
  mutex_unlock(ring->lock);
  if (ring->room == ring->lock || inside > count || inside <= 0)
    cv_signal(ring->lock);  // another reader may find something as well
  if (ring->room != ring->lock)
    cv_signal(ring->room);
  return count;
}

int ring_take_all(const struct ring *ring, void *bytes, uint32_t count) {
  for (uint32_t done = 0; done < count;) {
    int more = ring_take(ring, (char *)bytes + done, count - done);
    if (more <= 0)
      return -1;
    done += (uint32_t)more;
  }
  return 0;
}

void ring_end(const struct ring *ring) {
  mutex_lock(ring->lock);
  ring->page->ended = 1;
  mutex_unlock(ring->lock);
  cv_signal(ring->lock);
  if (ring->room != ring->lock)
    cv_signal(ring->room);
}

int ring_is_over(const struct ring *ring) {
  mutex_lock(ring->lock);
  int over = ring->page->ended && ring_count(ring) <= 0;
  mutex_unlock(ring->lock);
  return over;
}
