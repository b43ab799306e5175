// What a union of five layers costs beside the disk: layers walk|first|again disk|union ROUNDS.
#include "user/user.h"

int mount(const char *source, const char *target, const char *type, int flags, const char *data);

static char bytes[1024];

static void make(const char *path, int blocks) {
  int file = open(path, 0x201);
  for (int block = 0; block < blocks; block++) write(file, bytes, sizeof bytes);
  close(file);
}

enum { files = 60 };

// The path of the file that a round of `first` takes; `again` takes one alone.
static void name(char *path, const char *top, int file) {
  strcpy(path, top);
  strcpy(path + strlen(path), "/data?");
  path[strlen(path) - 1] = 'A' + file;
}

// Four names in each of five layers, with other names beside them; the files in the lowest.
static void prepare(void) {
  static const char *const layers[] = {"/p", "/q", "/r", "/s", "/t"};
  static const char *const names[] = {"/usr", "/usr/share", "/usr/share/dict", "/usr/share/a",
                                      "/usr/lib", "/usr/bin", "/etc", "/bin"};
  char path[64];
  mkdir("/merged");
  for (int layer = 0; layer < 5; layer++) {
    mkdir(layers[layer]);
    for (int name = 0; name < 8; name++) {
      strcpy(path, layers[layer]);
      strcpy(path + 2, names[name]);
      mkdir(path);
    }
  }
  make("/t/usr/share/dict/words", 1);
  for (int file = 0; file < files; file++) {
    name(path, "/t", file);
    make(path, 200);
  }
}

int main(int argc, char *argv[]) {
  if (argc < 4) return 2;
  int walks = argv[1][0] == 'w', first = argv[1][0] == 'f', rounds = atoi(argv[3]);
  if (first && rounds > files) return 2;
  prepare();
  const char *top = "/t";
  if (argv[2][0] == 'u') {
    if (mount("x", "/merged", "overlay", 0, "lowerdir=/q:/r:/s:/t,upperdir=/p") != 0) return 1;
    top = "/merged";
  }
  char path[64];
  if (walks) {
    strcpy(path, top);
    strcpy(path + strlen(path), "/usr/share/dict/words");
    struct stat status;
    for (int round = 0; round < rounds; round++)
      if (stat(path, &status) != 0) return 1;
    return 0;
  }
  // 200 KiB read, and changed by as much: a file's first round has its copy-up.
  for (int round = 0; round < rounds; round++) {
    name(path, top, first ? round : 0);
    int file = open(path, 2);
    if (file < 0) return 1;
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
