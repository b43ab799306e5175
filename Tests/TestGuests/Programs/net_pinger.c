// ping from the machine outside to a container that does nothing; the scenario says what the switch does meanwhile.
#include "net.h"

int main(void) {
  struct gate ready = make_gate();
  int child = fork(), status;
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0 && cm_network(htonl(host(2))) == 0);
    tell(ready, 1);
    sleep(100000);
  }
  CHECK(hear(ready) == 1);
  int other = fork();
  if (other == 0) {
    char *words[] = {"ping", "-c", "20", "10.0.0.2", 0};
    exec("/ping", words);
  }
  CHECK(wait(&status) == other && status == 0 && kill(child) == 0 && wait(&status) == child);
  return 0;
}
