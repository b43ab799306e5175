// Characters in UTF-8, as RFC 3629 has them.
#include "utf8.h"

int character_length(const uint8_t *bytes, long count) {
  static const uint32_t first_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
  if (count > 0 && bytes[0] < 0x80)
    return 1;
  if (count < 1 || bytes[0] < 0xc2 || bytes[0] > 0xf4)
    return 0;
  int length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
  if (length > count)
    return 0;
  uint32_t scalar = bytes[0] & (0x7f >> length);
  for (int index = 1; index < length; index++) {
    if ((bytes[index] & 0xc0) != 0x80)
      return 0;
    scalar = scalar << 6 | (bytes[index] & 0x3f);
  }
  int is_half = scalar >> 11 == 0xd800 >> 11;
  return scalar >= first_of_length[length] && scalar <= 0x10ffff && !is_half ? length : 0;
}
