// What a program finds when it starts: argc, argv, its stack, and zeros.
#include "check.h"

// Exits with 0 if a0 = argc, a1 = sp = argv, and every other register is 0.
extern char probe[], probe_end[];
__asm__(
    ".text\n"
    ".option push\n"
    ".option norelax\n"
    ".balign 8\n"
    "probe:\n"
    "  .irp r, 1, 3, 4, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, "
    "28, 29, 30, 31\n"
    "    or x5, x5, x\\r\n"
    "  .endr\n"
    "  snez x5, x5\n"
    "  addi x6, x10, -3\n"
    "  snez x6, x6\n"
    "  slli x6, x6, 1\n"
    "  or x5, x5, x6\n"
    "  sub x6, x11, x2\n"
    "  snez x6, x6\n"
    "  slli x6, x6, 2\n"
    "  or x5, x5, x6\n"
    "  ld x6, 24(x2)\n"
    "  snez x6, x6\n"
    "  slli x6, x6, 3\n"
    "  or x10, x5, x6\n"
    "  li x17, 2\n"
    "  ecall\n"
    ".option pop\n"
    ".balign 8\n"
    "probe_end:\n");

int main(void) {
  static uint64_t image[64];
  uint64_t size = (uint64_t)(probe_end - probe);
  // An ELF header and one segment at 0, as `exec_formats` takes apart.
  memcpy(image, "\177ELF\2\1\1", 7);
  image[2] = 2 | 243 << 16 | 1ull << 32;
  image[4] = 64;
  image[6] = 64ull << 32 | 56ull << 48;
  image[7] = 1;
  image[8] = 1 | 5ull << 32;
  image[9] = 120;
  image[12] = image[13] = size;
  memcpy((char *)image + 120, probe, size);
  int file = open("made", O_CREATE | O_WRONLY);
  CHECK(120 + size <= sizeof image);
  CHECK(write(file, image, (int)(120 + size)) == (int)(120 + size));
  CHECK(close(file) == 0);

  int child = fork(), status;
  if (child == 0) {
    char *arguments[] = {"made", "with", "words", 0};
    exec("made", arguments);
    exit(99);
  }
  CHECK(wait(&status) == child);
  CHECK(status == 0);
  return 0;
}
