// Containers on one image of 100 files, each on a union of its own, alive at the same time: stacks COUNT.
// Prints what starting the first and the last took, in virtual time, and the blocks of an upper layer.
#include "user/user.h"

int mount(const char *source, const char *target, const char *type, int flags, const char *data);
int cm_create_and_enter(void);
int cm_setroot(const char *path, int length);

static char bytes[1024];

static unsigned long now(void) {
  unsigned long time;
  __asm__ volatile("rdtime %0" : "=r"(time));
  return time;
}

static void number(char *to, int value) {
  to[0] = (char)('0' + value / 10 % 10);
  to[1] = (char)('0' + value % 10);
}

int main(int argc, char *argv[]) {
  int count = argc > 1 ? atoi(argv[1]) : 1;
  char path[] = "/image/f00", upper[] = "/up00", root[] = "/rt00";
  char layers[] = "lowerdir=/image,upperdir=/up00";
  unsigned long first = 0, last = 0;
  int gate[2], ready[2];
  if (pipe(gate) != 0 || pipe(ready) != 0) return 1;
  mkdir("/image");
  for (int file = 0; file < 100; file++) {
    number(path + 8, file);
    int made = open(path, 0x201);
    write(made, bytes, sizeof bytes);
    close(made);
  }
  for (int container = 0; container < count; container++) {
    number(upper + 3, container);
    number(root + 3, container);
    number(layers + 28, container);
    mkdir(upper);
    mkdir(root);
    unsigned long begin = now();
    if (fork() == 0) {
      char byte;
      close(gate[1]);
      if (cm_create_and_enter() != 0 || mount("x", root, "overlay", 0, layers) != 0 ||
          cm_setroot(root, 5) != 0)
        exit(1);
      int file = open("/f42", 2);
      if (read(file, bytes, sizeof bytes) != sizeof bytes) exit(1);
      close(file);
      file = open("/own", 0x201);
      if (write(file, bytes, 16) != 16) exit(1);
      close(file);
      write(ready[1], bytes, 1);
      read(gate[0], &byte, 1);
      exit(0);
    }
    if (read(ready[0], bytes, 1) != 1) return 1;
    last = now() - begin;
    if (container == 0) first = last;
  }
  printf("%d %d\n", (int)first, (int)last);
  return 0;
}
