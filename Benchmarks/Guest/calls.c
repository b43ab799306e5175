// Rounds of small system calls: calls ROUNDS.
#include "user/user.h"

int main(int argc, char *argv[]) {
  int ends[2];
  char byte = 'x', bytes[64];
  char *nothing[] = {"nothing", 0};
  if (pipe(ends) != 0) return 1;
  for (int rounds = argc > 1 ? atoi(argv[1]) : 1; rounds > 0; rounds--) {
    for (int i = 0; i < 20; i++) getpid();
    for (int i = 0; i < 10; i++) sbrk(16);
    for (int i = 0; i < 20; i++) write(ends[1], &byte, 1);
    if (read(ends[0], bytes, sizeof bytes) != 20) return 1;
    for (int i = 0; i < 5; i++) exec("/nothing", nothing);
    for (int i = 0; i < 5; i++) close(open("/README", 0));
    int child = fork();
    if (child == 0) exit(0);
    if (child < 0 || wait(0) != child) return 1;
    sleep(0);
  }
  return 0;
}
