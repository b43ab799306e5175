// Serves whoever comes through a published port: `host_echo PORT COUNT [in NAME]` gives back what each of COUNT connections
// sends, one process for each, until it sends its end. `in NAME`: from container 1, which gets that name and the address
// 10.0.0.2. With a COUNT of 0 one process serves whoever comes, as long as it runs.
#include "net.h"

static char bytes[4096];

static void give_back(int one) {
  int count;
  while ((count = read(one, bytes, sizeof bytes)) > 0)
    if (write(one, bytes, count) != count)
      exit(0);
  exit(0);
}

static void serve(int listening, int count) {
  struct sockaddr_in from;
  for (int served = 0; served < count; served++) {
    socklen_t length = sizeof from;
    int one = accept(listening, ADDRESS(from), &length);
    CHECK(one >= 0 && ntohl(from.sin_addr.s_addr) == 0x0a000000u && from.sin_port != 0);
    if (fork() == 0) {
      close(listening);
      give_back(one);
    }
    close(one);
  }
  close(listening);
  while (wait(0) >= 0)
    continue;
}

// Gives back what any connection sends, and closes it at its end.
static void serve_together(int listening) {
  static struct pollfd watched[300];
  int count = 1;
  watched[0] = (struct pollfd){listening, POLLIN, 0};
  while (1) {
    CHECK(poll(watched, (unsigned long)count, -1) > 0);
    for (int place = count - 1; place > 0; place--) {
      if (!watched[place].revents)
        continue;
      int some = read(watched[place].fd, bytes, sizeof bytes);
      if (some > 0 && write(watched[place].fd, bytes, some) == some)
        continue;
      close(watched[place].fd);
      watched[place] = watched[--count];
    }
    if (watched[0].revents) {
      int one = accept(listening, 0, 0);
      CHECK(one >= 0 && count < 300);
      watched[count++] = (struct pollfd){one, POLLIN, 0};
    }
  }
}

// Writes a container's name where the machine finds it.
static void call_it(int container, const char *name) {
  char path[32] = "/cgroup/c";
  int length = 9;
  path[length++] = (char)('0' + container);
  const char *file = "/net.name";
  while (*file)
    path[length++] = *file++;
  int d = open(path, O_WRONLY);
  CHECK(d >= 0 && write(d, name, strlen(name)) == (int)strlen(name));
  close(d);
}

int main(int argc, char **argv) {
  CHECK(argc >= 3);
  int port = atoi(argv[1]), count = atoi(argv[2]);
  // On the host nobody knows otherwise when somebody listens.
  if (argc < 5) {
    int listening = listener(port, 16);
    printf("listening\n");
    if (count == 0)
      serve_together(listening);
    serve(listening, count);
    return 0;
  }
  struct gate made = make_gate(), named = make_gate();
  int child = fork(), status;
  if (child == 0) {
    CHECK(cm_create_and_enter() == 0 && cm_network(htonl(host(2))) == 0);
    int listening = listener(port, 16);
    tell(made, 1);
    CHECK(hear(named) == 1);
    serve(listening, count);
    exit(0);
  }
  call_it(hear(made), argv[4]);
  printf("listening\n");
  tell(named, 1);
  CHECK(wait(&status) == child && status == 0);
  return 0;
}
