// httpd [-e] [-l PORT] ROOT: a server of HTTP/1.1 for the files below ROOT; what is in ROOT/cgi is run. With a process for
// each connection or, with -e, one loop over poll for all of them. Both do the same with a connection (site.h).
#include "getopt.h"
#include "Web/site.h"

enum { BACKLOG = 64, CHILDREN = 32, STUCK_TICKS = 10, REPORTS = 32 };

// MARK: One loop for all

static int is_ready(int descriptor) {
  struct pollfd one = {descriptor, POLLIN, 0};
  return poll(&one, 1, 0) == 1;
}

// Serves the connections that there are and, if somebody listens, those that come; without, until none is left.
static void serve(int listener, int reports) {
  static struct pollfd watched[1 + 2 * CONNECTIONS];
  // Whether somebody waits for whom nobody gives way.
  int is_full = 0;
  while (listener >= 0 || site_count()) {
    site_crowd(is_full);
    watched[0] = (struct pollfd){is_full ? -1 : listener, POLLIN, 0};
    int count = 1 + site_watch(watched + 1);
    if (reports >= 0)
      site_report(reports);
    if (poll(watched, (unsigned long)count, is_full ? 1 : -1) < 0)
      return;
    site_go_on(watched + 1);
    if (!(is_full ? is_ready(listener) : watched[0].revents)) {
      is_full = 0;
      continue;
    }
    is_full = !site_has_room(listener) && !site_make_room();
    int socket = is_full ? -1 : accept(listener, 0, 0);
    if (socket >= 0)
      site_take(socket);
    else if (!is_full)
      is_full = !site_make_room();
  }
}

// MARK: A process for each

static struct child {
  int pid;
  int waits;  // for a request, so that it can be ended
  int since;
  uint32_t order;
} children[CHILDREN];
static int child_count;
static uint32_t latest;

static void forget(int pid) {
  for (int index = 0; index < child_count; index++)
    if (children[index].pid == pid)
      children[index] = children[--child_count];
}

// Waits for a child that ends; others that have ended are gone as well.
static void reap(int pid) {
  for (int found; (found = wait(0)) > 0;) {
    forget(found);
    if (found == pid)
      return;
  }
}

// Ends the child that has waited longest for a request, or else one that is at work for long; whether there was one.
static int make_room(void) {
  struct child *found = 0;
  for (struct child *child = children; child < children + child_count; child++)
    if (!found || (child->waits != found->waits ? child->waits : child->order < found->order))
      found = child;
  if (!found || (!found->waits && uptime() - found->since < STUCK_TICKS))
    return 0;
  int pid = found->pid;
  kill(pid);
  reap(pid);
  return 1;
}

static void take_reports(int from) {
  static struct site_report reports[REPORTS];
  int count = read(from, reports, sizeof reports) / (int)sizeof *reports;
  for (int index = 0; index < count; index++)
    for (int child = 0; child < child_count; child++)
      if (children[child].pid == reports[index].pid) {
        children[child].waits = reports[index].state == SITE_WAITS;
        children[child].order = ++latest;
        children[child].since = uptime();
        if (reports[index].state == SITE_ENDS)
          reap(reports[index].pid);
        break;
      }
}

static int begin_child(int socket, int listener, const int reports[2]) {
  int pid = fork();
  if (pid != 0)
    return pid;
  close(listener);
  close(reports[0]);
  site_take(socket);
  serve(-1, reports[1]);
  site_report_end(reports[1]);
  exit(0);
}

static void serve_each(int listener) {
  int reports[2], is_full = 0;
  if (pipe(reports) < 0) {
    fprintf(2, "httpd: no pipe left\n");
    exit(1);
  }
  for (;;) {
    struct pollfd watched[2] = {{is_full ? -1 : listener, POLLIN, 0}, {reports[0], POLLIN, 0}};
    poll(watched, 2, is_full ? STUCK_TICKS : -1);
    if (watched[1].revents)
      take_reports(reports[0]);
    if (!(is_full ? is_ready(listener) : watched[0].revents)) {
      is_full = 0;
      continue;
    }
    is_full = child_count == CHILDREN && !make_room();
    int socket = is_full ? -1 : accept(listener, 0, 0);
    if (socket < 0) {
      is_full = is_full || !make_room();
      continue;
    }
    int pid = begin_child(socket, listener, reports);
    if (pid < 0 && make_room())
      pid = begin_child(socket, listener, reports);
    if (pid < 0)
      site_turn_away(socket);
    else
      children[child_count++] = (struct child){pid, 0, uptime(), ++latest};
    close(socket);
  }
}

// MARK: The beginning

static int usage(void) {
  fprintf(2, "usage: httpd [-e] [-l port] root\n");
  return 2;
}

int main(int argc, char **argv) {
  int is_loop = 0, port = 80;
  for (int letter; (letter = getopt(argc, argv, "el:")) != -1;)
    if (letter == 'e')
      is_loop = 1;
    else if (letter == '?' || (port = number_read(optarg, 1, 65535)) < 0)
      return usage();
  if (optind + 1 != argc)
    return usage();
  if (chdir(argv[optind]) < 0) {
    fprintf(2, "httpd: cannot enter %s\n", argv[optind]);
    return 1;
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (listener < 0) {
    fprintf(2, "httpd: no socket left\n");
    return 1;
  }
  if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, BACKLOG) < 0) {
    fprintf(2, "httpd: port %d is in use\n", port);
    return 1;
  }
  printf("httpd: %s on port %d\n", argv[optind], port);
  if (is_loop)
    serve(listener, -1);
  else
    serve_each(listener);
  fprintf(2, "httpd: cannot wait for connections\n");
  return 1;
}
