// Compresses and expands 256 KiB with a small LZ77 and checks it with a CRC: bytes, tables, hashes.
#include "guest.h"

enum { size = 1 << 18, rounds = 30, hash_bits = 13 };
static u8 text[size], packed[size * 2], unpacked[size];
static u32 heads[1 << hash_bits];
static u32 crc_table[256];

static u32 crc(const u8 *bytes, u32 n) {
  u32 value = ~0u;
  for (u32 i = 0; i < n; i++) value = value >> 8 ^ crc_table[(value ^ bytes[i]) & 255];
  return ~value;
}

static u32 compress(void) {
  u32 out = 0, at = 0;
  for (int i = 0; i < 1 << hash_bits; i++) heads[i] = 0;
  while (at + 3 < size) {
    u32 key = text[at] | text[at + 1] << 8 | text[at + 2] << 16;
    u32 slot = key * 2654435761u >> (32 - hash_bits);
    u32 candidate = heads[slot];
    heads[slot] = at;
    u32 length = 0;
    if (candidate < at && at - candidate < 65536)
      while (length < 250 && at + length < size && text[candidate + length] == text[at + length])
        length++;
    if (length >= 4) {
      packed[out++] = (u8)(length + 5);
      packed[out++] = (u8)(at - candidate);
      packed[out++] = (u8)((at - candidate) >> 8);
      at += length;
    } else {
      packed[out++] = 0;
      packed[out++] = text[at++];
    }
  }
  while (at < size) {
    packed[out++] = 0;
    packed[out++] = text[at++];
  }
  return out;
}

static u32 expand(u32 n) {
  u32 out = 0;
  for (u32 at = 0; at < n;) {
    u32 length = packed[at++];
    if (length == 0) {
      unpacked[out++] = packed[at++];
    } else {
      u32 back = packed[at] | packed[at + 1] << 8;
      at += 2;
      for (length -= 5; length > 0; length--, out++) unpacked[out] = unpacked[out - back];
    }
  }
  return out;
}

void work(void) {
  for (u32 i = 0; i < 256; i++) {
    u32 value = i;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
    crc_table[i] = value;
  }
  u64 state = 42, sum = 0;
  for (int round = 0; round < rounds; round++) {
    for (u32 at = 0; at < size;) {
      u64 random = next_random(&state);
      if (at > 1000 && random % 4 != 0) {
        u32 from = (u32)(random >> 8) % (at - 100), length = 4 + (u32)(random >> 40) % 40;
        for (; length > 0 && at < size; length--) text[at++] = text[from++];
      } else {
        text[at++] = (u8)(random >> 16) & 31;
      }
    }
    u32 n = compress();
    sum = sum * 31 + n;
    sum = sum * 31 + expand(n);
    sum = sum * 31 + crc(text, size);
    sum ^= crc(unpacked, size) - crc(text, size);
  }
  report("compress", sum);
}
