// The heap: a list of idle blocks in order of address, joined with their neighbours when freed.
// A block is a 16-byte header and a payload of a multiple of 16 bytes.
//
// The names that programs use are weak: the C library puts functions with a lock in their place where
// a program has its threads.
#include "guest.h"
#include "heap.h"

enum { UNIT = 16, STEP = 4096 };

typedef struct Block {
  struct Block *next;
  size_t bytes;  // of header and payload
} Block;

static Block *idle;

static char *end_of(Block *block) { return (char *)block + block->bytes; }

void heap_free(void *payload) {
  if (!payload)
    return;
  Block *block = (Block *)payload - 1, **link = &idle, *before = 0;
  while (*link && *link < block) {
    before = *link;
    link = &before->next;
  }
  block->next = *link;
  *link = block;
  if (block->next && end_of(block) == (char *)block->next) {
    block->bytes += block->next->bytes;
    block->next = block->next->next;
  }
  if (before && end_of(before) == (char *)block) {
    before->bytes += block->bytes;
    before->next = block->next;
  }
}

// Obtains a block of at least this size and puts it among the idle ones.
static int grow(size_t bytes) {
  size_t wanted = (bytes + UNIT + STEP - 1) & ~(size_t)(STEP - 1);
  if (wanted > INT32_MAX)
    return 0;
  char *at = sbrk((int)wanted);
  if (at == (char *)-1)
    return 0;
  size_t skip = -(uintptr_t)at & (UNIT - 1);
  Block *block = (Block *)(at + skip);
  block->bytes = (wanted - skip) & ~(size_t)(UNIT - 1);
  heap_free(block + 1);
  return 1;
}

void *heap_malloc(size_t count) {
  if (count > INT32_MAX)
    return 0;
  size_t bytes = (count + sizeof(Block) + UNIT - 1) & ~(size_t)(UNIT - 1);
  do {
    for (Block **link = &idle; *link; link = &(*link)->next) {
      Block *block = *link;
      if (block->bytes < bytes)
        continue;
      if (block->bytes - bytes < 2 * UNIT) {
        *link = block->next;
      } else {
        block->bytes -= bytes;
        block = (Block *)end_of(block);
        block->bytes = bytes;
      }
      return block + 1;
    }
  } while (grow(bytes));
  return 0;
}

void *heap_calloc(size_t count, size_t each) {
  size_t bytes;
  if (__builtin_mul_overflow(count, each, &bytes))
    return 0;
  void *payload = heap_malloc(bytes);
  return payload ? memset(payload, 0, bytes) : 0;
}

void *heap_realloc(void *old, size_t bytes) {
  if (!old)
    return heap_malloc(bytes);
  size_t held = ((Block *)old - 1)->bytes - sizeof(Block);
  if (bytes <= held)
    return old;
  void *payload = heap_malloc(bytes);
  if (payload) {
    memcpy(payload, old, held);
    heap_free(old);
  }
  return payload;
}

// What Embedded Swift allocates with. A block for a stricter alignment is cut from a larger one,
// and what precedes it becomes a block of its own, so that `free` needs to know nothing.
int heap_memalign(void **out, size_t alignment, size_t bytes) {
  enum { OUT_OF_MEMORY = 12 };
  if (alignment <= UNIT)
    return (*out = heap_malloc(bytes)) ? 0 : OUT_OF_MEMORY;
  char *payload = heap_malloc(bytes + alignment + 2 * UNIT);
  if (!payload)
    return OUT_OF_MEMORY;
  if ((uintptr_t)payload & (alignment - 1)) {
    Block *whole = (Block *)payload - 1;
    uintptr_t first = (uintptr_t)payload + 2 * UNIT;
    char *aligned = (char *)((first + alignment - 1) & ~(uintptr_t)(alignment - 1));
    Block *rest = (Block *)aligned - 1;
    rest->bytes = (size_t)(end_of(whole) - (char *)rest);
    whole->bytes -= rest->bytes;
    heap_free(payload);
    payload = aligned;
  }
  *out = payload;
  return 0;
}

void *malloc(size_t) __attribute__((weak, alias("heap_malloc")));
void *calloc(size_t, size_t) __attribute__((weak, alias("heap_calloc")));
void *realloc(void *, size_t) __attribute__((weak, alias("heap_realloc")));
void free(void *) __attribute__((weak, alias("heap_free")));
int posix_memalign(void **, size_t, size_t) __attribute__((weak, alias("heap_memalign")));
