// Rounds of what programs compute with, without a call: mix ROUNDS. A sieve, hashing and copying of
// bytes, recursion over bit sets, multiplied matrices, a sort, counters in memory.
#include "user/user.h"

enum { LIMIT = 4000, BYTES = 4096, ORDER = 12, BOARD = 6 };
static char composite[LIMIT];
static uint8 text[BYTES], copy[BYTES];
static uint32 heads[256];
static uint64 left[ORDER][ORDER], right[ORDER][ORDER], product[ORDER][ORDER];
static uint32 items[512];

static uint64 sieve(void) {
  uint64 primes = 0;
  memset(composite, 0, LIMIT);
  for (int i = 2; i < LIMIT; i++) {
    if (composite[i]) continue;
    primes++;
    for (int j = 2 * i; j < LIMIT; j += i) composite[j] = 1;
  }
  return primes;
}

static uint64 hash(uint64 state) {
  uint32 crc = ~0u;
  for (int i = 0; i < BYTES; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text[i] = (uint8)(state >> 60);
  }
  for (int i = 0; i + 3 < BYTES; i++) {
    uint32 key = text[i] | text[i + 1] << 8 | text[i + 2] << 16;
    uint32 slot = key * 2654435761u >> 24;
    int length = 0;
    for (uint32 from = heads[slot]; length < 8 && text[from] == text[i + length % 3]; from++)
      length++;
    heads[slot] = i / 2;
    copy[i] = (uint8)(text[i] ^ length);
    crc = crc >> 8 ^ (crc ^ copy[i]) * 2654435761u;
  }
  return crc;
}

static uint64 queens(uint32 columns, uint32 up, uint32 down) {
  uint32 all = (1u << BOARD) - 1;
  if (columns == all) return 1;
  uint64 solutions = 0;
  for (uint32 open = all & ~(columns | up | down); open != 0; open &= open - 1) {
    uint32 queen = open & -open;
    solutions += queens(columns | queen, (up | queen) << 1, (down | queen) >> 1);
  }
  return solutions;
}

static uint64 multiply(uint64 seed) {
  uint64 sum = 0;
  for (int i = 0; i < ORDER; i++)
    for (int j = 0; j < ORDER; j++) left[i][j] = seed * i + j, right[i][j] = seed ^ (i - j);
  for (int i = 0; i < ORDER; i++)
    for (int j = 0; j < ORDER; j++) {
      product[i][j] = 0;
      for (int k = 0; k < ORDER; k++) product[i][j] += left[i][k] * right[k][j];
      sum += product[i][j] / (seed | 1);
    }
  return sum;
}

static uint64 sort(uint64 state) {
  for (int i = 0; i < 512; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    items[i] = (uint32)(state >> 32);
  }
  for (int gap = 256; gap > 0; gap /= 2)
    for (int i = gap; i < 512; i++) {
      uint32 item = items[i];
      int j = i;
      for (; j >= gap && items[j - gap] > item; j -= gap) items[j] = items[j - gap];
      items[j] = item;
    }
  return items[256];
}

static uint64 count(void) {
  volatile int up = 0;
  for (volatile int down = 4000; down > 0; down--) up += 2;
  return up;
}

int main(int argc, char *argv[]) {
  uint64 sum = 0;
  for (int rounds = argc > 1 ? atoi(argv[1]) : 1; rounds > 0; rounds--) {
    sum = sum * 31 + sieve();
    sum = sum * 31 + hash(sum);
    sum = sum * 31 + queens(0, 0, 0);
    sum = sum * 31 + multiply(sum);
    sum = sum * 31 + sort(sum);
    sum = sum * 31 + count();
  }
  return sum == 0;
}
