// get [-i] [-o FILE] URL: asks a server of HTTP for a file and writes it to the output or to a file; the URL is
// [http://]HOST[:PORT][/PATH]. With -i the answer's head goes to the output too, whatever the answer is. Where a server sends
// elsewhere, that is followed.
#include "Web/http.h"
#include "Web/text.h"
#include "getopt.h"
#include "resolve.h"

enum { BUFFER = 4096, LONGEST_HEAD = 16384, TURNS = 5, LONGEST_URL = 1024 };

// Where to ask.
static char url[LONGEST_URL];
static char host[HOST_NAME_MAX + 1];
static int port;
static const char *path;

// What has come and was not used up.
static int server;
static char bytes[BUFFER];
static int at, end;
static int output = 1;

static int fail(const char *what) {
  fprintf(2, "get: %s\n", what);
  return 1;
}

// Parts the URL; 0 if it is none.
static int part_url(void) {
  const char *from = url;
  int length = 0;
  if (memcmp(url, "http://", 7) == 0)
    from += 7;
  for (; from[length] && from[length] != '/' && from[length] != ':' && from[length] != '?'; length++)
    if (length == HOST_NAME_MAX)
      return 0;
  memcpy(host, from, (size_t)length);
  host[length] = 0;
  from += length;
  port = 80;
  if (*from == ':') {
    char digits[8] = "";
    for (length = 0; from[length + 1] >= '0' && from[length + 1] <= '9' && length < 7; length++)
      digits[length] = from[length + 1];
    port = port_read(digits);
    from += 1 + length;
  }
  path = from;
  return host[0] && port && (!*from || *from == '/' || *from == '?');
}

static int ask(void) {
  struct text request = {0};
  uint32_t address;
  if (name_find("get", host, &address) < 0)
    return 0;
  struct sockaddr_in endpoint = endpoint_of(address, port);
  server = socket(AF_INET, SOCK_STREAM, 0);
  if (server < 0) {
    fail("no socket left");
    return 0;
  }
  if (connect(server, (struct sockaddr *)&endpoint, sizeof endpoint) < 0) {
    fprintf(2, "get: nobody answers at %s, port %d\n", host, port);
    return 0;
  }
  web_add(&request, "GET ");
  web_add(&request, *path == '/' ? "" : "/");
  for (const char *byte = path; *byte && *byte != '#'; byte++)
    if (*byte > ' ' && *byte < 0x7f) {
      web_add_bytes(&request, byte, 1);
    } else {
      web_add(&request, (unsigned char)*byte < 16 ? "%0" : "%");
      web_add_number(&request, (unsigned char)*byte, 16);
    }
  web_add(&request, " HTTP/1.1\r\nHost: ");
  web_add(&request, host);
  if (port != 80) {
    web_add(&request, ":");
    web_add_number(&request, (unsigned long)port, 10);
  }
  web_add(&request, "\r\nConnection: close\r\n\r\n");
  if (!request.is_cut && write(server, request.bytes, request.count) == request.count)
    return 1;
  fail("the server does not listen");
  return 0;
}

static int fill(void) {
  at = 0;
  end = read(server, bytes, sizeof bytes);
  return end > 0;
}

// Reads a head; 0 if there is none.
static int take_head(struct text *head) {
  head->count = 0;
  while (at < end || fill()) {
    int before = head->count;
    web_add_bytes(head, bytes + at, end - at);
    int length = http_head_end(head->bytes, before, head->count);
    if (head->is_cut || (length ? length : head->count) > LONGEST_HEAD)
      return 0;
    if (length) {
      at += length - before;
      head->count = length;
      return 1;
    }
    at = end;
  }
  return 0;
}

// The value of a header; of no bytes if it is not there.
static struct span header(const struct text *head, const char *wanted) {
  int from = 0;
  http_line(head->bytes, &from, head->count);
  while (from < head->count) {
    struct span name, value, line = http_line(head->bytes, &from, head->count);
    if (http_header(line, &name, &value) && span_is(name, wanted))
      return value;
  }
  return (struct span){"", 0};
}

// Copies so many bytes, or, of less than 0, all; how many that were, -1 if they cannot be written.
static long copy(long length) {
  long copied = 0;
  while (length < 0 || copied < length) {
    if (at == end && !fill())
      break;
    int count = length >= 0 && end - at > length - copied ? (int)(length - copied) : end - at;
    if (write(output, bytes + at, count) != count)
      return -1;
    at += count;
    copied += count;
  }
  return copied;
}

// A line of what stands around pieces, without its end; 0 if there is none.
static int take_line(char line[32]) {
  for (int count = 0; at < end || fill();) {
    char byte = bytes[at++];
    if (byte == '\n') {
      line[count - (count && line[count - 1] == '\r')] = 0;
      return 1;
    }
    if (count < 31)
      line[count++] = byte;
  }
  return 0;
}

// Copies pieces, each of which says how long it is, up to one of no bytes; 0 if they are cut off, -1 if they cannot be written.
static int copy_pieces(void) {
  char line[32];
  while (take_line(line)) {
    long length = 0;
    char two[2] = {'0', 0};
    for (const char *digit = line; (two[1] = *digit) && http_escaped(two) >= 0 && length < 1L << 40; digit++)
      length = length << 4 | http_escaped(two);
    if (length == 0) {
      while (take_line(line) && line[0])
        ;
      return 1;
    }
    long copied = copy(length);
    if (copied < 0)
      return -1;
    if (copied < length || !take_line(line))
      return 0;
  }
  return 0;
}

static int copy_body(const struct text *head) {
  struct span length = header(head, "content-length");
  long all = span_number(length), copied;
  if (span_is(header(head, "transfer-encoding"), "chunked")) {
    int whole = copy_pieces();
    return whole > 0 ? 0 : fail(whole < 0 ? "cannot write all of it" : "the answer is cut off");
  }
  copied = copy(all);
  if (copied < 0)
    return fail("cannot write all of it");
  if (all >= 0 && copied < all) {
    fprintf(2, "get: the answer is cut off, after %ld of %ld bytes\n", copied, all);
    return 1;
  }
  return 0;
}

// Puts the place to which a server sends in place of the URL; 0 if it is none.
static int follow(struct span location) {
  struct text next = {0};
  if (location.count && location.at[0] == '/') {
    web_add(&next, host);
    web_add(&next, ":");
    web_add_number(&next, (unsigned long)port, 10);
  }
  web_add_bytes(&next, location.at, location.count);
  if (!location.count || next.is_cut || next.count >= LONGEST_URL)
    return 0;
  memcpy(url, next.bytes, (size_t)next.count);
  url[next.count] = 0;
  return part_url();
}

int main(int argc, char **argv) {
  const char *name = 0;
  int shows_head = 0, turns = 0, status;
  struct text head = {0};
  for (int letter; (letter = getopt(argc, argv, "io:")) != -1;)
    if (letter == 'i')
      shows_head = 1;
    else if (letter == 'o')
      name = optarg;
    else
      optind = argc;
  if (optind + 1 != argc || strlen(argv[optind]) >= LONGEST_URL || (strcpy(url, argv[optind]), !part_url())) {
    fprintf(2, "usage: get [-i] [-o file] [http://]host[:port][/path]\n");
    return 2;
  }
  for (;; turns++) {
    if (!ask())
      return 1;
    if (!take_head(&head) || head.count < 12 || memcmp(head.bytes, "HTTP/1.", 7))
      return fail("the answer is none of HTTP");
    status = atoi(head.bytes + 9);
    if (status == 100) {
      if (!take_head(&head))
        return fail("the answer is cut off");
      status = atoi(head.bytes + 9);
    }
    int moves = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!moves || shows_head || turns == TURNS || !follow(header(&head, "location")))
      break;
    close(server);
    at = end = 0;
  }
  if (status >= 300 && !shows_head) {
    int from = 0;
    struct span line = http_line(head.bytes, &from, head.count);
    head.bytes[line.count] = 0;
    fprintf(2, "get: %s\n", line.count > 9 ? head.bytes + 9 : "no status");
    return 1;
  }
  if (name && (output = open(name, O_CREATE | O_WRONLY | O_TRUNC)) < 0) {
    fprintf(2, "get: cannot make %s\n", name);
    return 1;
  }
  if (shows_head && write(output, head.bytes, head.count) != head.count)
    return fail("cannot write all of it");
  return copy_body(&head);
}
