#include "clock.h"
#include "Web/connection.h"

enum {
  FIRST = 1024,       // bytes that are kept of a request at first
  DRAINED = 2097152,  // of somebody who is not listened to any more
};
// Instructions after which somebody gives way who says nothing, and somebody who does not take what is owed.
#define STILL 300000
#define STUCK 1000000

struct http_request site_asked;
char site_scratch[BUFFER];
int site_highest;
static struct connection table[CONNECTIONS];
static int count;
static int reach;  // the highest descriptor that is known to be possible
static int is_crowded;

// MARK: Ends

void site_end_child(int pid) {
  kill(pid);
  for (int found; (found = wait(0)) > 0 && found != pid;)
    for (int index = 0; index < count; index++) {
      if (table[index].program == found)
        table[index].program = 0;
      if (table[index].feeder == found)
        table[index].feeder = 0;
    }
}

// Lets go of what was for one answer.
static void end_answer(struct connection *c) {
  site_end_program(c);
  site_let_go(c->page);
  c->page = 0;
  if (c->file >= 0)
    close(c->file);
  c->file = -1;
}

static void drop(struct connection *c) {
  end_answer(c);
  close(c->socket);
  free(c->in);
  free(c->out.bytes);
  *c = table[--count];
}

// MARK: Heads

void site_begin_head(struct connection *c, int status, const char *type) {
  c->at = c->out.count = 0;
  web_add(&c->out, "HTTP/1.1 ");
  web_add(&c->out, http_status(status));
  if (type) {
    web_add(&c->out, "\r\nContent-Type: ");
    web_add(&c->out, type);
  }
  if (!c->stays)
    web_add(&c->out, "\r\nConnection: close");
  else if (!c->is_new)
    web_add(&c->out, "\r\nConnection: keep-alive");
}

void site_end_head(struct connection *c, long length) {
  if (length >= 0) {
    web_add(&c->out, "\r\nContent-Length: ");
    web_add_number(&c->out, (unsigned long)length, 10);
  }
  web_add(&c->out, "\r\n\r\n");
  c->state = SENDS;
}

void site_say(struct connection *c, int status) {
  const char *words = http_status(status);
  site_begin_head(c, status, "text/plain; charset=utf-8");
  if (status == 405)
    web_add(&c->out, "\r\nAllow: GET, HEAD");
  site_end_head(c, (long)strlen(words) + 1);
  if (!c->is_head) {
    web_add(&c->out, words);
    web_add(&c->out, "\n");
  }
}

// The same where what comes is not understood any more: it is thrown away until it ends.
static void refuse(struct connection *c, int status) {
  c->stays = c->is_head = 0;
  c->drains = 1;
  c->head = c->count;
  c->body = 0;
  site_say(c, status);
}

void site_turn_away(int socket) {
  static const char words[] =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  sendto(socket, words, sizeof words - 1, MSG_DONTWAIT, 0, 0);
}

// MARK: Requests

static void answer(struct connection *c) {
  int runs = strncmp(site_asked.path, "/cgi/", 5) == 0, length = (int)strlen(site_asked.path);
  c->is_head = site_asked.is_head;
  c->is_new = site_asked.is_new;
  c->stays = site_asked.stays && !is_crowded;
  struct page *page;
  if (!site_asked.is_get && !site_asked.is_head && !(site_asked.is_post && runs))
    site_say(c, 405);
  else if (runs)
    site_run(c, site_asked.path + 5);
  else if ((page = site_kept(site_asked.path, length)))
    site_send_page(c, page);
  else
    site_send_path(c, site_asked.path, "");
}

// Whether what there is of a request's first line can be none.
static int is_garbage(const struct connection *c) {
  for (int at = 0; at < c->count && c->in[at] != '\n'; at++)
    if ((c->in[at] < ' ' && c->in[at] != '\r') || c->in[at] >= 0x7f)
      return 1;
  return 0;
}

// Answers the request that has come, if it is there as a whole.
static void understand(struct connection *c) {
  // Between requests there may be empty lines.
  int empty = 0;
  while (!c->head && empty < c->count && (c->in[empty] == '\r' || c->in[empty] == '\n'))
    empty++;
  c->count -= empty;
  if (empty)
    memmove(c->in, c->in + empty, (size_t)c->count);
  if (!c->head) {
    c->head = http_head_end(c->in, c->scanned, c->count);
    int line = 0, status = 0;
    while (line < c->count && c->in[line] != '\n')
      line++;
    if (c->scanned == 0 && is_garbage(c))
      status = 400;
    else if (line >= HTTP_LINE_MAX)
      status = 414;
    else if ((c->head ? c->head : c->count) >= HTTP_HEAD_MAX)
      status = 431;
    c->scanned = c->count;
    if (!status && !c->head)
      return;
    if (!status)
      status = http_parse(c->in, c->head, &site_asked);
    if (status) {
      refuse(c, status);
      return;
    }
    c->body = site_asked.body;
    if (site_asked.expects && c->count < c->head + c->body)
      sendto(c->socket, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_DONTWAIT, 0, 0);
  } else if (c->count >= c->head + c->body) {
    // Its bytes may have moved since.
    http_parse(c->in, c->head, &site_asked);
  }
  if (c->count >= c->head + c->body)
    answer(c);
}

// Sends what it can; whether everything that there is to be sent now has been, -1 if nobody takes it.
static int push(struct connection *c) {
  for (;;) {
    const char *from = c->at < c->out.count ? c->out.bytes + c->at : c->page ? c->page->bytes + c->page_at : 0;
    int length = c->at < c->out.count ? c->out.count - c->at : c->page ? c->page_end - c->page_at : 0;
    if (length > 0) {
      int sent = sendto(c->socket, from, length, MSG_DONTWAIT, 0, 0);
      if (sent < 0) {
        struct pollfd one = {c->socket, POLLOUT, 0};
        return poll(&one, 1, 0) == 1 ? -1 : 0;
      }
      if (c->at < c->out.count)
        c->at += sent;
      else
        c->page_at += sent;
      if (sent < length)
        return 0;
    } else if (c->file >= 0 && c->left > 0) {
      // A file that has become shorter leaves an answer that cannot be made good.
      int got = read(c->file, site_scratch, c->left < BUFFER ? (int)c->left : BUFFER);
      if (got <= 0)
        return -1;
      c->left -= got;
      c->at = c->out.count = 0;
      web_add_bytes(&c->out, site_scratch, got);
      if (c->out.is_cut)
        return -1;
    } else {
      return 1;
    }
  }
}

// Goes on with a connection as far as it need not wait; 0 if it is over.
static int go_on(struct connection *c) {
  for (;;) {
    if (c->state == READS) {
      if (c->count == 0)
        return 1;
      understand(c);
      if (c->state == READS)
        return 1;
    }
    if (c->state != SENDS)
      return 1;
    if (c->out.is_cut)
      return 0;
    int sent = push(c);
    if (sent < 0)
      return 0;
    if (sent == 0)
      return 1;
    if (c->pipe >= 0) {
      c->state = RUNS;
      return 1;
    }
    end_answer(c);
    c->count -= c->head + c->body;
    memmove(c->in, c->in + c->head + c->body, (size_t)c->count);
    c->head = c->body = c->scanned = 0;
    c->state = READS;
    if (c->drains) {
      shutdown(c->socket, SHUT_WR);
      c->state = DRAINS;
      return 1;
    }
    if (!c->stays)
      return 0;
  }
}

// Reads more of a request; 0 if there is no more to come, or no memory for it.
static int fill(struct connection *c) {
  if (c->count == c->capacity) {
    int wanted = 2 * c->capacity < c->head + c->body ? c->head + c->body : 2 * c->capacity;
    char *more = realloc(c->in, (size_t)wanted);
    if (!more)
      return 0;
    c->in = more;
    c->capacity = wanted;
  }
  int got = recvfrom(c->socket, c->in + c->count, c->capacity - c->count, MSG_DONTWAIT, 0, 0);
  if (got > 0)
    c->count += got;
  return got > 0;
}

// What has come to somebody who is not listened to any more is thrown away, up to a limit.
static int drain(struct connection *c) {
  int got = recvfrom(c->socket, site_scratch, sizeof site_scratch, MSG_DONTWAIT, 0, 0);
  return got > 0 && (c->drained += got) < DRAINED;
}

// MARK: All of them

int site_count(void) { return count; }

// Whether so many more descriptors can be had.
static int has_descriptors(int like, int wanted) {
  int spare[5], had = 0;
  while (had < wanted && (spare[had] = dup(like)) >= 0)
    had++;
  for (int index = 0; index < had; index++) {
    reach = spare[index] > reach ? spare[index] : reach;
    close(spare[index]);
  }
  return had == wanted;
}

// A connection takes one, a file of it one, and a program four for a moment.
int site_has_room(int listener) {
  int taken = listener + 1;
  for (int index = 0; index < count; index++)
    taken += 1 + (table[index].file >= 0) + (table[index].pipe >= 0);
  return count < CONNECTIONS && (taken + 5 <= reach + 1 || has_descriptors(listener, 5));
}

void site_take(int socket) {
  struct connection *c = &table[count];
  *c = (struct connection){.socket = socket, .moved = time_now(), .capacity = FIRST, .pipe = -1, .file = -1};
  c->in = malloc(FIRST);
  if (!c->in) {
    site_turn_away(socket);
    close(socket);
    return;
  }
  count++;
  site_highest = socket > site_highest ? socket : site_highest;
}

void site_crowd(int others_wait) { is_crowded = others_wait; }

int site_make_room(void) {
  struct connection *found = 0;
  uint64_t now = time_now();
  for (struct connection *c = table; c < table + count; c++) {
    int is_owed = c->state == SENDS || c->state == RUNS;
    if (now - c->moved < (is_owed ? STUCK : STILL))
      continue;
    if (!found || c->moved < found->moved)
      found = c;
  }
  if (found)
    drop(found);
  return found != 0;
}

int site_watch(struct pollfd *watched) {
  int at = 0;
  for (struct connection *c = table; c < table + count; c++) {
    c->watched = at;
    watched[at++] = (struct pollfd){c->socket, c->state == RUNS ? 0 : c->state == SENDS ? POLLOUT : POLLIN, 0};
    if (c->state == RUNS)
      watched[at++] = (struct pollfd){c->pipe, POLLIN, 0};
  }
  return at;
}

// Goes on with one for which something has come; 0 if it is over.
static int advance(struct connection *c, const struct pollfd *watched) {
  switch (c->state) {
  case READS:
    return fill(c) && go_on(c);
  case SENDS:
    return go_on(c);
  case DRAINS:
    return drain(c);
  case RUNS:
    // Who has gone does not wait for a program's output.
    if (watched[0].revents)
      return 0;
    site_take_output(c);
    return go_on(c);
  }
  return 0;
}

void site_go_on(const struct pollfd *watched) {
  // From the end on, for the last takes the place of one that is over.
  for (int index = count - 1; index >= 0; index--) {
    struct connection *c = &table[index];
    const struct pollfd *own = watched + c->watched;
    if (!own[0].revents && !(c->state == RUNS && own[1].revents))
      continue;
    c->moved = time_now();
    if (!advance(c, own))
      drop(c);
  }
}

// MARK: What the one who has started this process wants to know

static int told;

static void tell(int to, int state) {
  struct site_report report = {getpid(), state};
  if (state != told)
    write(to, &report, sizeof report);
  told = state;
}

void site_report(int to) { tell(to, count && (table[0].state == SENDS || table[0].state == RUNS) ? SITE_WORKS : SITE_WAITS); }
void site_report_end(int to) { tell(to, SITE_ENDS); }
