// resolve NAME…: the address of each name, in a line with it.
#include "resolve.h"

int main(int argc, char **argv) {
  int status = 0;
  if (argc < 2) {
    fprintf(2, "usage: resolve name ...\n");
    return 2;
  }
  for (int index = 1; index < argc; index++) {
    uint32_t address;
    char text[ADDRESS_TEXT];
    if (name_find("resolve", argv[index], &address) < 0)
      status = 1;
    else
      printf("%s %s\n", address_write(text, address), argv[index]);
  }
  return status;
}
