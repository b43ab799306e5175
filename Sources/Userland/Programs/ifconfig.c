// ifconfig [INTERFACE]: the interfaces of the caller's network, their addresses, and what has gone over them. An address is given
// to a container as it is made (`network` in its spec), and to nobody later.
#include "lines.h"
#include "resolve.h"

// The address that others know the caller's network by; 0 if it has none.
static uint32_t own_address(void) {
  struct sockaddr_in endpoint = endpoint_of(NAME_SERVICE, NAME_PORT);
  socklen_t length = sizeof endpoint;
  int probe = socket(AF_INET, SOCK_DGRAM, 0);
  int known = probe >= 0 && connect(probe, (struct sockaddr *)&endpoint, sizeof endpoint) == 0 &&
              getsockname(probe, (struct sockaddr *)&endpoint, &length) == 0;
  close(probe);
  return known ? ntohl(endpoint.sin_addr.s_addr) : 0;
}

static void show(const char *name, char *const *numbers) {
  int is_own = strcmp(name, "lo") == 0;
  char text[ADDRESS_TEXT];
  printf("%s: up  mtu %d\n", name, is_own ? 65536 : 1500);
  uint32_t address = is_own ? INADDR_LOOPBACK : own_address();
  if (address)
    printf("        inet %s  netmask 255.0.0.0\n", address_write(text, address));
  printf("        RX packets %s  bytes %s  errors %s  dropped %s\n", numbers[1], numbers[0], numbers[2], numbers[3]);
  printf("        TX packets %s  bytes %s  errors %s  dropped %s\n", numbers[9], numbers[8], numbers[10], numbers[11]);
}

int main(int argc, char **argv) {
  static struct lines file;
  int shown = 0;
  if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
    fprintf(2, "usage: ifconfig [interface]\n");
    return 2;
  }
  if (!lines_open(&file, "/proc/net/dev")) {
    fprintf(2, "ifconfig: cannot open /proc/net/dev\n");
    return 1;
  }
  lines_next(&file);
  lines_next(&file);
  while (lines_next(&file)) {
    char *numbers[16], *name = file.line, *at = strchr(name, ':');
    int count = 0;
    if (!at)
      continue;
    for (*at++ = 0; *at && count < 16;) {
      while (*at == ' ')
        *at++ = 0;
      numbers[count] = at;
      while (*at && *at != ' ')
        at++;
      count += at > numbers[count];
    }
    while (*name == ' ')
      name++;
    if (count < 16 || (argc == 2 && strcmp(name, argv[1])))
      continue;
    *at = 0;
    show(name, numbers);
    shown++;
  }
  if (argc == 2 && !shown) {
    fprintf(2, "ifconfig: no interface %s\n", argv[1]);
    return 1;
  }
  return 0;
}
