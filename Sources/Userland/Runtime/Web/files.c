#include "clock.h"
#include "Web/connection.h"

enum {
  SHORT = 16384,  // bytes of a file up to which is kept
  KEPT = 16,      // so many of them
  LISTED = 1000,  // names of a directory
};
#define FRESH 1000000  // instructions for which a file is believed to be as it was

static struct page pages[KEPT];

void site_let_go(struct page *page) {
  if (!page || --page->users)
    return;
  free(page->bytes);
  page->bytes = 0;
  if (page < pages || page >= pages + KEPT)
    free(page);
}

struct page *site_kept(const char *path, int length) {
  uint64_t now = time_now();
  for (struct page *page = pages; page < pages + KEPT; page++)
    if (page->bytes && page->length == length && page->until > now && memcmp(page->path, path, (size_t)length) == 0)
      return page;
  return 0;
}

// A place for another page, instead of the oldest that nobody is sent.
static struct page *place_for(const char *path, int length) {
  struct page *oldest = 0;
  for (struct page *page = pages; page < pages + KEPT; page++)
    if (page->users < 2 && (!oldest || page->until < oldest->until || !page->bytes))
      oldest = page;
  if (!oldest)
    return 0;
  if (oldest->bytes)
    site_let_go(oldest);
  memcpy(oldest->path, path, (size_t)length);
  oldest->length = length;
  oldest->until = time_now() + FRESH;
  oldest->users = 1;
  return oldest;
}

// MARK: Files

const char *site_place(const char *path, const char *more) {
  static char place[2 * MAXPATH];
  place[0] = '.';
  strcpy(place + 1, path);
  strcpy(place + 1 + strlen(path), more);
  return place;
}

// A name that is there is missing where no descriptor is left.
int site_open(const char *path, const char *more, int *file, long *size) {
  struct stat status;
  *file = open(site_place(path, more), O_RDONLY);
  if (*file < 0) {
    int other = dup(0);
    if (other < 0 && (other = open(".", O_RDONLY)) < 0)
      return -503;
    close(other);
    return -404;
  }
  if (*file > site_highest)
    site_highest = *file;
  if (fstat(*file, &status) == 0 && status.type != T_DEVICE) {
    *size = (long)status.size;
    return status.type;
  }
  close(*file);
  return -403;
}

// What a file is by its beginning, where its name does not tell.
static const char *type_of(const char *path, const char *bytes, int length) {
  const char *type = http_type(path);
  for (int at = 0; !type && at < length; at++)
    if ((unsigned char)bytes[at] < ' ' && !(bytes[at] >= '\t' && bytes[at] <= '\r') && bytes[at] != 27)
      type = "application/octet-stream";
  return type ? type : "text/plain; charset=utf-8";
}

// The head of a whole or of the part that is site_asked for, and which that is.
static void head_of_part(struct connection *c, const char *type, long size, long *first, long *length) {
  *first = 0;
  *length = size;
  int part = c->is_head ? 0 : http_range(site_asked.range, size, first, length);
  site_begin_head(c, part < 0 ? 416 : part > 0 ? 206 : 200, part < 0 ? 0 : type);
  if (part < 0) {
    *length = 0;
    web_add(&c->out, "\r\nContent-Range: bytes */");
    web_add_number(&c->out, (unsigned long)size, 10);
  } else if (part > 0) {
    web_add(&c->out, "\r\nContent-Range: bytes ");
    web_add_number(&c->out, (unsigned long)*first, 10);
    web_add(&c->out, "-");
    web_add_number(&c->out, (unsigned long)(*first + *length - 1), 10);
    web_add(&c->out, "/");
    web_add_number(&c->out, (unsigned long)size, 10);
  } else {
    web_add(&c->out, "\r\nAccept-Ranges: bytes");
  }
  site_end_head(c, *length);
  if (c->is_head)
    *length = 0;
}

// Puts the usual head in front of a page's bytes; 0 if there is no memory for it.
static int put_head(struct connection *c, struct page *page, struct text *body, const char *type) {
  int stays = c->stays, is_new = c->is_new;
  struct text whole = {0};
  c->stays = c->is_new = 1;
  site_begin_head(c, 200, type);
  web_add(&c->out, "\r\nAccept-Ranges: bytes");
  site_end_head(c, body->count);
  c->stays = stays;
  c->is_new = is_new;
  web_add_bytes(&whole, c->out.bytes, c->out.count);
  web_add_bytes(&whole, body->bytes, body->count);
  free(body->bytes);
  page->head = c->out.count;
  page->end = whole.count;
  page->bytes = whole.bytes;
  page->type = type;
  c->out.count = 0;
  if (whole.is_cut || body->is_cut || c->out.is_cut) {
    free(page->bytes);
    page->bytes = 0;
  }
  return page->bytes != 0;
}

void site_send_page(struct connection *c, struct page *page) {
  page->users++;
  c->page = page;
  c->at = c->out.count = 0;
  c->state = SENDS;
  c->page_at = 0;
  c->page_end = c->is_head ? page->head : page->end;
  if (c->is_new && c->stays && !site_asked.range.count)
    return;
  long first, length;
  head_of_part(c, page->type, page->end - page->head, &first, &length);
  c->page_at = page->head + (int)first;
  c->page_end = c->page_at + (int)length;
}

// Sends a short file, which is kept.
static void send_short(struct connection *c, const char *path, const char *name, int file) {
  struct text body = {0};
  int got;
  while ((got = read(file, site_scratch, sizeof site_scratch)) > 0 && body.count <= 2 * SHORT)
    web_add_bytes(&body, site_scratch, got);
  close(file);
  struct page *page = place_for(path, (int)strlen(path));
  if (!page || !put_head(c, page, &body, type_of(site_place(path, name), body.bytes, body.count)))
    site_say(c, 503);
  else
    site_send_page(c, page);
}

static void send_file(struct connection *c, const char *path, const char *name, int file, long size) {
  const char *type = http_type(site_place(path, name));
  if (!type) {
    // Only a new descriptor begins at the file's beginning.
    type = type_of(path, site_scratch, read(file, site_scratch, sizeof site_scratch));
    close(file);
    file = open(site_place(path, name), O_RDONLY);
    if (file < 0) {
      site_say(c, 503);
      return;
    }
  }
  long first;
  head_of_part(c, type, size, &first, &c->left);
  for (int got; first > 0 && (got = read(file, site_scratch, first < BUFFER ? (int)first : BUFFER)) > 0;)
    first -= got;
  c->file = file;
}

// MARK: Directories

static void list(struct connection *c, const char *path, int folder) {
  struct text body = {0};
  struct dirent entry;
  int names = 0;
  web_add(&body, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>");
  web_add_html(&body, path);
  web_add(&body, "</title>\n<h1>");
  web_add_html(&body, path);
  web_add(&body, "</h1>\n<ul>\n");
  while (read(folder, &entry, sizeof entry) == sizeof entry && names < LISTED) {
    char name[DIRSIZ + 1] = "";
    struct stat status;
    memcpy(name, entry.name, DIRSIZ);
    if (!entry.inum || strcmp(name, ".") == 0 || (strcmp(name, "..") == 0 && !path[1]))
      continue;
    if (stat(site_place(path, name), &status) < 0)
      continue;
    names++;
    web_add(&body, "<li><a href=\"");
    web_add_escaped(&body, name);
    web_add(&body, status.type == T_DIR ? "/\">" : "\">");
    web_add_html(&body, name);
    web_add(&body, status.type == T_DIR ? "/</a>\n" : "</a> ");
    if (status.type == T_DIR)
      continue;
    web_add_number(&body, status.size, 10);
    web_add(&body, "\n");
  }
  web_add(&body, names == LISTED ? "</ul>\n<p>and more\n" : "</ul>\n");
  close(folder);
  struct page *page = calloc(1, sizeof *page);
  if (!page || !put_head(c, page, &body, http_type(".html"))) {
    free(page);
    site_say(c, 503);
  } else {
    site_send_page(c, page);
  }
}

void site_send_path(struct connection *c, const char *path, const char *name) {
  int file, length = (int)strlen(path);
  long size = 0;
  int type = site_open(path, name, &file, &size);
  if (*name && type != T_FILE) {
    if (type > 0)
      close(file);
    type = site_open(path, name = "", &file, &size);
  } else if (type == T_DIR && path[length - 1] == '/') {
    close(file);
    site_send_path(c, path, "index.html");
    return;
  }
  if (type < 0) {
    site_say(c, -type);
  } else if (type == T_DIR && path[length - 1] == '/') {
    list(c, path, file);
  } else if (type == T_DIR) {
    close(file);
    site_begin_head(c, 301, 0);
    web_add(&c->out, "\r\nLocation: ");
    web_add_escaped(&c->out, path);
    web_add(&c->out, "/");
    site_end_head(c, 0);
  } else if (path[length - 1] == '/' && !*name) {
    close(file);
    site_say(c, 404);
  } else if (size <= SHORT) {
    send_short(c, path, name, file);
  } else {
    send_file(c, path, name, file, size);
  }
}
