#include "Web/connection.h"

enum { FEED = 512 };  // bytes that a pipe takes at once

// The words of a query that has no `=`, which `+` parts.
static void put_words(struct span query, char **words) {
  int count = 1;
  char *to = malloc((size_t)query.count + 1);
  for (int at = 0; to && at < query.count && count < MAXARG - 1; at++) {
    words[count++] = to;
    int is_whole = memchr(query.at, '=', (size_t)query.count) != 0;
    for (; at < query.count && (is_whole || query.at[at] != '+'); at++) {
      int byte = is_whole || query.at[at] != '%' || at + 2 >= query.count ? -1 : http_escaped(query.at + at + 1);
      *to++ = byte > 0 ? (char)byte : query.at[at];
      at += byte > 0 ? 2 : 0;
    }
    *to++ = 0;
  }
  words[count] = 0;
}

static void become(const char *place, const char *name, struct span query, int input, int output) {
  char *words[MAXARG];
  close(0);
  dup(input);
  close(1);
  dup(output);
  for (int descriptor = 3; descriptor <= site_highest; descriptor++)
    close(descriptor);
  words[0] = (char *)name;
  put_words(query, words);
  exec(place, words);
  fprintf(2, "httpd: cannot run %s\n", place);
  exit(127);
}

// Whether it is something that can be run.
static int is_program(int file) {
  char head[4];
  return read(file, head, sizeof head) == sizeof head && memcmp(head, "\177ELF", sizeof head) == 0;
}

static int two_pipes(int input[2], int output[2]) {
  if (pipe(input) < 0)
    return 0;
  if (pipe(output) == 0) {
    site_highest = output[1] > site_highest ? output[1] : site_highest;
    return 1;
  }
  close(input[0]);
  close(input[1]);
  return 0;
}

// Gives a program its input: at once, where a pipe has room for it, else by a process of its own.
static void feed(struct connection *c, int to) {
  const char *body = c->in + c->head;
  if (c->body <= FEED) {
    if (c->body)
      write(to, body, c->body);
  } else if ((c->feeder = fork()) == 0) {
    for (int descriptor = 3; descriptor <= site_highest; descriptor++)
      if (descriptor != to)
        close(descriptor);
    write(to, body, c->body);
    exit(0);
  }
}

void site_run(struct connection *c, const char *name) {
  int file, input[2], output[2];
  long size;
  char place[MAXPATH];
  int type = strchr(name, '/') || !*name ? -404 : site_open("/cgi/", name, &file, &size);
  if (type > 0) {
    int runs = type == T_FILE && is_program(file);
    close(file);
    type = runs ? 0 : -403;
  }
  if (type < 0 || !two_pipes(input, output)) {
    site_say(c, type < 0 ? -type : 503);
    return;
  }
  strcpy(place, site_place("/cgi/", name));
  c->program = fork();
  if (c->program == 0)
    become(place, name, site_asked.query, input[0], output[1]);
  close(input[0]);
  close(output[1]);
  if (c->program > 0)
    feed(c, input[1]);
  close(input[1]);
  if (c->program < 0 || c->feeder < 0) {
    close(output[0]);
    c->feeder = c->feeder < 0 ? 0 : c->feeder;
    c->program = c->program < 0 ? 0 : c->program;
    site_end_program(c);
    site_say(c, 503);
    return;
  }
  c->pipe = output[0];
  c->is_heading = 1;
  c->at = c->out.count = 0;
  c->state = RUNS;
}

// Puts a piece of a program's output down. Who knows 1.0 alone learns of the end as the connection ends.
static void add_piece(struct connection *c, const char *bytes, int length) {
  if (c->is_head || length == 0)
    return;
  if (c->is_new) {
    web_add_number(&c->out, (unsigned long)length, 16);
    web_add(&c->out, "\r\n");
  }
  web_add_bytes(&c->out, bytes, length);
  if (c->is_new)
    web_add(&c->out, "\r\n");
}

// Begins the answer with what a program has written so far: with the headers that are there, or with its own.
static void begin_output(struct connection *c, int end) {
  struct text written = c->out;
  struct span type = {"text/plain; charset=utf-8", 25}, location = {0}, name, value;
  int at = 0, status = 200;
  while (at < end) {
    struct span line = http_line(written.bytes, &at, end);
    if (!http_header(line, &name, &value))
      break;
    if (span_is(name, "content-type"))
      type = value;
    if (span_is(name, "location"))
      location = value;
    if (span_is(name, "status") && value.count >= 3)
      status = (int)span_number((struct span){value.at, 3});
  }
  c->out = (struct text){0};
  if (!c->is_new)
    c->stays = 0;
  site_begin_head(c, location.count && status == 200 ? 302 : status, 0);
  web_add(&c->out, "\r\nContent-Type: ");
  web_add_bytes(&c->out, type.at, type.count);
  if (location.count) {
    web_add(&c->out, "\r\nLocation: ");
    web_add_bytes(&c->out, location.at, location.count);
  }
  if (c->is_new)
    web_add(&c->out, "\r\nTransfer-Encoding: chunked");
  site_end_head(c, -1);
  add_piece(c, written.bytes + end, written.count - end);
  free(written.bytes);
  c->is_heading = 0;
}

// Where the headers end that a program has written, 0 if there are none; -1 if that cannot be told yet.
static int headers_end(const struct text *written, int has_ended) {
  struct span name, value;
  int at = 0;
  struct span first = http_line(written->bytes, &at, written->count);
  int end = http_head_end(written->bytes, 0, written->count);
  if (at <= written->count && !http_header(first, &name, &value))
    return 0;
  if (end)
    return end;
  return has_ended || written->count >= BUFFER ? 0 : -1;
}

void site_take_output(struct connection *c) {
  int got = read(c->pipe, site_scratch, sizeof site_scratch), has_ended = got <= 0;
  if (c->is_heading) {
    web_add_bytes(&c->out, site_scratch, has_ended ? 0 : got);
    int end = headers_end(&c->out, has_ended);
    if (end >= 0)
      begin_output(c, end);
  } else {
    c->at = c->out.count = 0;
    add_piece(c, site_scratch, has_ended ? 0 : got);
    c->state = SENDS;
  }
  if (!has_ended)
    return;
  site_end_program(c);
  if (c->is_new && !c->is_head)
    web_add(&c->out, "0\r\n\r\n");
}

void site_end_program(struct connection *c) {
  if (c->pipe >= 0)
    close(c->pipe);
  c->pipe = -1;
  int program = c->program, feeder = c->feeder;
  if (program)
    site_end_child(program);
  if (c->feeder && feeder)
    site_end_child(feeder);
  c->program = c->feeder = 0;
}
