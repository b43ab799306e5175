// The heap with a lock, in place of the one without where a program has its threads.
#include "../heap.h"
#include "internal.h"

int libc_heap_lock;

void *malloc(size_t bytes) {
  libc_lock(&libc_heap_lock);
  void *block = heap_malloc(bytes);
  libc_unlock(&libc_heap_lock);
  return block;
}

void *calloc(size_t count, size_t bytes) {
  libc_lock(&libc_heap_lock);
  void *block = heap_calloc(count, bytes);
  libc_unlock(&libc_heap_lock);
  return block;
}

void *realloc(void *old, size_t bytes) {
  libc_lock(&libc_heap_lock);
  void *block = heap_realloc(old, bytes);
  libc_unlock(&libc_heap_lock);
  return block;
}

void free(void *block) {
  if (!block)
    return;
  libc_lock(&libc_heap_lock);
  heap_free(block);
  libc_unlock(&libc_heap_lock);
}

int posix_memalign(void **out, size_t alignment, size_t bytes) {
  libc_lock(&libc_heap_lock);
  int failed = heap_memalign(out, alignment, bytes);
  libc_unlock(&libc_heap_lock);
  return failed;
}
