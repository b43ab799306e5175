// What a union of five layers costs beside the disk: layers walk|copy disk|union ROUNDS.
#include "user/user.h"

int mount(const char *source, const char *target, const char *type, int flags, const char *data);

static char bytes[1024];

static void make(const char *path, int blocks) {
  int file = open(path, 0x201);
  for (int block = 0; block < blocks; block++) write(file, bytes, sizeof bytes);
  close(file);
}

// Four names below `top`, in each of five layers, with other names beside them; the files below.
static void prepare(void) {
  static const char *const layers[] = {"/p", "/q", "/r", "/s", "/t"};
  static const char *const names[] = {"/usr", "/usr/share", "/usr/share/dict", "/usr/share/a",
                                      "/usr/lib", "/usr/bin", "/etc", "/bin"};
  char path[64];
  mkdir("/top");
  for (int layer = 0; layer < 5; layer++) {
    mkdir(layers[layer]);
    for (int name = 0; name < 8; name++) {
      strcpy(path, layers[layer]);
      strcpy(path + 2, names[name]);
      mkdir(path);
    }
  }
  make("/t/usr/share/dict/words", 1);
  make("/t/data", 200);
}

int main(int argc, char *argv[]) {
  if (argc < 4) return 2;
  int walks = argv[1][0] == 'w', rounds = atoi(argv[3]);
  prepare();
  const char *top = "/t";
  if (argv[2][0] == 'u') {
    if (mount("x", "/top", "overlay", 0, "lowerdir=/q:/r:/s:/t,upperdir=/p") != 0) return 1;
    top = "/top";
  }
  char path[64];
  strcpy(path, top);
  if (walks) {
    strcpy(path + strlen(path), "/usr/share/dict/words");
    struct stat status;
    for (int round = 0; round < rounds; round++)
      if (stat(path, &status) != 0) return 1;
    return 0;
  }
  // 200 KiB read, and changed by as much: the copy-up is part of the first round.
  strcpy(path + strlen(path), "/data");
  for (int round = 0; round < rounds; round++) {
    int file = open(path, 2);
    for (int block = 0; block < 200; block++)
      if (read(file, bytes, sizeof bytes) != sizeof bytes) return 1;
    close(file);
    file = open(path, 2);
    for (int block = 0; block < 200; block++)
      if (write(file, bytes, sizeof bytes) != sizeof bytes) return 1;
    close(file);
  }
  return 0;
}
