// Reads the console, so many bytes at a time, and shows what each read gave, until one gives 0.
#include "check.h"

int main(int argc, char **argv) {
  static char bytes[512];
  int size = argc > 1 ? atoi(argv[1]) : 512, count;
  do {
    count = read(0, bytes, size);
    printf("<%d:", count);
    for (int index = 0; index < count; index++)
      if (bytes[index] == '\n')
        printf("\\n");
      else if (bytes[index] < ' ' || bytes[index] > '~')
        printf("\\%x", (unsigned char)bytes[index]);
      else
        printf("%c", bytes[index]);
    printf(">\n");
  } while (count > 0);
  return 0;
}
