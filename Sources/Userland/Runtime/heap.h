// The heap without a lock.
#pragma once

#include <stddef.h>

void *heap_malloc(size_t bytes);
void *heap_calloc(size_t count, size_t bytes);
void *heap_realloc(void *old, size_t bytes);
void heap_free(void *block);
int heap_memalign(void **out, size_t alignment, size_t bytes);
