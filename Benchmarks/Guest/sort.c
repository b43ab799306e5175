// Quicksort of 2 MiB of words, several times: loads, stores, unpredictable branches, recursion.
#include "guest.h"

enum { count = 1 << 19, rounds = 10 };
static u32 items[count];

static void quicksort(u32 *low, u32 *high) {
  while (high - low > 16) {
    u32 pivot = low[(high - low) / 2];
    u32 *i = low, *j = high;
    while (i <= j) {
      while (*i < pivot) i++;
      while (*j > pivot) j--;
      if (i <= j) {
        u32 item = *i;
        *i++ = *j;
        *j-- = item;
      }
    }
    if (j - low < high - i) {
      quicksort(low, j);
      low = i;
    } else {
      quicksort(i, high);
      high = j;
    }
  }
  for (u32 *i = low + 1; i <= high; i++) {
    u32 item = *i, *j = i;
    while (j > low && j[-1] > item) {
      *j = j[-1];
      j--;
    }
    *j = item;
  }
}

void work(void) {
  u64 state = 88172645463325252ul, sum = 0;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++) items[i] = (u32)next_random(&state);
    quicksort(items, items + count - 1);
    for (int i = 0; i < count; i++) sum = sum * 31 + items[i];
  }
  report("sort", sum);
}
