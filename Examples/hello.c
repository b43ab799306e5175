// A program of your own for the machine. How it is compiled and brought in: README.md.
#include "guest.h"

int main(int argc, char **argv) {
  printf("hello from process %d at tick %d\n", getpid(), uptime());
  for (int index = 1; index < argc; index++)
    printf("argument %d: %s\n", index, argv[index]);

  int child = fork();
  if (child == 0)
    exit(42);
  int status;
  wait(&status);
  printf("child %d ended with %d\n", child, status);
  return status == 42 ? 0 : 1;
}
