// poll: sockets, pipes, files and the console; readiness, ends, bad descriptors, and how long it waits.
#include "net.h"

static char bytes[5000];

static void check_sockets(void) {
  int a = stream(), d = bound(datagrams(), INADDR_ANY, 53);
  CHECK(ready(a, POLLIN | POLLOUT) == POLLHUP && ready(d, POLLIN | POLLOUT) == POLLOUT && ready(d, POLLIN) == 0);
  CHECK(send_to(d, "x", 1, INADDR_LOOPBACK, 53) == 1 && ready(d, POLLIN | POLLOUT) == (POLLIN | POLLOUT));
  int l = listener(80, 1);
  CHECK(ready(l, POLLIN | POLLOUT) == 0 && try_connect(a, INADDR_LOOPBACK, 80) == 0 && ready(l, POLLIN) == POLLIN);
  int s = accepted(l);
  CHECK(ready(l, POLLIN) == 0 && ready(a, POLLIN | POLLOUT) == POLLOUT && ready(s, POLLIN) == 0);
  CHECK(write(a, bytes, 4096) == 4096 && ready(a, POLLOUT) == 0 && ready(s, POLLIN) == POLLIN && ready(s, 0) == 0);
  CHECK(read(s, bytes, 1) == 1 && ready(a, POLLOUT) == POLLOUT && read(s, bytes, 5000) == 4095);
  // The end can be read; where both have ended it is a hang-up; and who is not read writes in vain.
  CHECK(shutdown(a, SHUT_WR) == 0 && ready(s, POLLIN | POLLOUT) == (POLLIN | POLLOUT));
  CHECK(shutdown(s, SHUT_WR) == 0 && ready(s, POLLIN) == (POLLIN | POLLHUP) && ready(a, 0) == POLLHUP);
  CHECK(close(a) == 0 && close(s) == 0);
  a = connected(INADDR_LOOPBACK, 80);
  s = accepted(l);
  CHECK(shutdown(s, SHUT_RD) == 0 && ready(a, POLLOUT) == POLLERR && close(s) == 0);
  CHECK(ready(a, POLLIN | POLLOUT) == (POLLIN | POLLHUP));
  CHECK(close(a) == 0 && close(l) == 0 && close(d) == 0);
}

static void check_others(void) {
  int ends[2], file = open("/README", O_RDONLY);
  CHECK(pipe(ends) == 0 && file >= 0);
  CHECK(ready(file, POLLIN) == POLLIN && ready(file, POLLOUT) == POLLOUT && ready(1, POLLIN | POLLOUT) == POLLOUT);
  CHECK(ready(ends[0], POLLIN) == 0 && ready(ends[1], POLLOUT) == POLLOUT);
  CHECK(write(ends[1], bytes, 512) == 512 && ready(ends[0], POLLIN) == POLLIN && ready(ends[1], POLLOUT) == 0);
  CHECK(close(ends[1]) == 0 && ready(ends[0], POLLIN) == (POLLIN | POLLHUP) && read(ends[0], bytes, 512) == 512);
  CHECK(ready(ends[0], POLLIN) == POLLHUP && close(ends[0]) == 0);
  CHECK(pipe(ends) == 0 && close(ends[0]) == 0 && ready(ends[1], POLLOUT) == POLLERR && close(ends[1]) == 0);
  CHECK(ready(99, POLLIN) == POLLNVAL && ready(ends[1], 0) == POLLNVAL && ready(-1, POLLIN) == 0);
  CHECK(close(file) == 0);
  struct pollfd many[3] = {{-5, POLLIN, 7}, {99, POLLIN, 7}, {1, POLLOUT, 7}};
  CHECK(poll(many, 3, -1) == 2 && many[0].revents == 0 && many[1].revents == POLLNVAL && many[2].revents == POLLOUT);
  CHECK(poll(NOWHERE, 1, 0) == -1 && poll(many, (unsigned long)-1, 0) == -1 && poll(many, 2000, 0) == -1);
  CHECK(poll(0, 0, 0) == 0);
}

static void check_time(void) {
  int d = bound(datagrams(), INADDR_ANY, 53), start = uptime();
  struct pollfd one = {d, POLLIN, 0};
  CHECK(poll(&one, 1, 5) == 0 && one.revents == 0 && uptime() - start >= 5 && uptime() - start <= 7);
  start = uptime();
  CHECK(poll(0, 0, 3) == 0 && uptime() - start >= 3);
  // Whatever comes first wakes it, and it waits no longer.
  int ends[2], child, status;
  CHECK(pipe(ends) == 0);
  for (int way = 0; way < 3; way++) {
    child = fork();
    if (child == 0) {
      sleep(2);
      if (way == 0)
        CHECK(send_to(d, "x", 1, INADDR_LOOPBACK, 53) == 1);
      if (way == 1)
        CHECK(write(ends[1], "x", 1) == 1);
      exit(0);
    }
    struct pollfd two[2] = {{d, POLLIN, 0}, {ends[0], POLLIN, 0}};
    start = uptime();
    int count = poll(two, 2, way == 2 ? 4 : 100);
    CHECK(count == (way < 2) && uptime() - start < 10);
    CHECK(two[0].revents == (way == 0 ? POLLIN : 0) && two[1].revents == (way == 1 ? POLLIN : 0));
    if (way < 2)
      CHECK(read(way ? ends[0] : d, bytes, 10) == 1);
    CHECK(wait(&status) == child && status == 0);
  }
  // Killed while it waits for ever, it is in no queue any more.
  child = fork();
  if (child == 0) {
    struct pollfd two[3] = {{d, POLLIN, 0}, {ends[0], POLLIN, 0}, {ends[0], POLLIN, 0}};
    poll(two, 3, -1);
    exit(0);
  }
  sleep(2);
  CHECK(kill(child) == 0 && wait(&status) == child && status == -1);
  CHECK(send_to(d, "x", 1, INADDR_LOOPBACK, 53) == 1 && write(ends[1], "x", 1) == 1);
  CHECK(close(d) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
}

// One loop that serves several connections.
static void check_loop(void) {
  int l = listener(80, 8), status;
  for (int client = 0; client < 4; client++)
    if (fork() == 0) {
      close(l);
      int s = connected(INADDR_LOOPBACK, 80);
      for (int round = 0; round < 5; round++) {
        char byte = (char)(client * 10 + round), back = 0;
        CHECK(write(s, &byte, 1) == 1 && read(s, &back, 1) == 1 && back == byte);
      }
      exit(0);
    }
  struct pollfd open[5] = {{l, POLLIN, 0}};
  int count = 1, served = 0;
  while (served < 4) {
    CHECK(poll(open, (unsigned long)count, -1) > 0);
    int known = count;
    if (open[0].revents) {
      open[count] = (struct pollfd){accepted(l), POLLIN, 0};
      count++;
    }
    for (int place = known - 1; place > 0; place--) {
      if (!open[place].revents)
        continue;
      char byte;
      if (read(open[place].fd, &byte, 1) == 1)
        CHECK(write(open[place].fd, &byte, 1) == 1);
      else {
        close(open[place].fd);
        open[place].fd = -1;
        served++;
      }
    }
  }
  for (int client = 0; client < 4; client++)
    CHECK(wait(&status) > 0 && status == 0);
  CHECK(close(l) == 0);
}

int main(void) {
  int before = free_descriptors();
  check_sockets();
  check_others();
  check_time();
  check_loop();
  CHECK(free_descriptors() == before);
  return 0;
}
