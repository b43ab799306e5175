#include "Web/http.h"

// MARK: Words

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter; }

int span_is(struct span span, const char *word) {
  int at = 0;
  while (at < span.count && word[at] && lower(span.at[at]) == lower(word[at]))
    at++;
  return at == span.count && !word[at];
}

// Whether a list with commas has this word.
static int span_has(struct span span, const char *word) {
  for (int at = 0; at <= span.count; at++) {
    int start = at;
    while (at < span.count && span.at[at] != ',')
      at++;
    int end = at;
    while (start < end && (span.at[start] == ' ' || span.at[start] == '\t'))
      start++;
    while (end > start && (span.at[end - 1] == ' ' || span.at[end - 1] == '\t'))
      end--;
    if (span_is((struct span){span.at + start, end - start}, word))
      return 1;
  }
  return 0;
}

long span_number(struct span span) {
  long number = 0;
  if (span.count < 1 || span.count > 17)
    return -1;
  for (int at = 0; at < span.count; at++) {
    if (span.at[at] < '0' || span.at[at] > '9')
      return -1;
    number = number * 10 + (span.at[at] - '0');
  }
  return number;
}

// Letters, digits and some others: what names and methods are made of.
static int is_token(struct span span) {
  if (span.count == 0)
    return 0;
  for (int at = 0; at < span.count; at++) {
    char byte = span.at[at];
    if (byte <= ' ' || byte >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", byte))
      return 0;
  }
  return 1;
}

// MARK: Heads

int http_head_end(const char *bytes, int from, int count) {
  for (int at = from > 3 ? from - 3 : 0; at < count; at++) {
    if (bytes[at] != '\n')
      continue;
    if (at + 1 < count && bytes[at + 1] == '\n')
      return at + 2;
    if (at + 2 < count && bytes[at + 1] == '\r' && bytes[at + 2] == '\n')
      return at + 3;
  }
  return 0;
}

struct span http_line(const char *bytes, int *at, int end) {
  struct span line = {bytes + *at, 0};
  while (*at < end && bytes[*at] != '\n')
    (*at)++;
  line.count = (int)(bytes + *at - line.at);
  (*at)++;
  if (line.count && line.at[line.count - 1] == '\r')
    line.count--;
  return line;
}

int http_header(struct span line, struct span *name, struct span *value) {
  int at = 0;
  while (at < line.count && line.at[at] != ':')
    at++;
  *name = (struct span){line.at, at};
  if (at == line.count || !is_token(*name))
    return 0;
  int end = line.count;
  for (at++; at < end && (line.at[at] == ' ' || line.at[at] == '\t'); at++)
    ;
  while (end > at && (line.at[end - 1] == ' ' || line.at[end - 1] == '\t'))
    end--;
  *value = (struct span){line.at + at, end - at};
  for (; at < end; at++)
    if ((unsigned char)line.at[at] < ' ' && line.at[at] != '\t')
      return 0;
  return 1;
}

// MARK: Requests

static int hex(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  digit = lower(digit);
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int http_escaped(const char *at) {
  int high = hex(at[0]), low = high < 0 ? -1 : hex(at[1]);
  return low < 0 ? -1 : high << 4 | low;
}

// Ends a path's last name, which begins behind `start`, and gives where the path ends then; -1 if it leads out.
static int end_name(char *path, int start, int end) {
  int length = end - start;
  if (length == 0 || (length == 1 && path[start] == '.'))
    return start;
  if (length != 2 || path[start] != '.' || path[start + 1] != '.')
    return end;
  if (start == 1)
    return -1;
  for (end = start - 1; path[end - 1] != '/'; end--)
    ;
  return end;
}

static int decode_path(struct span target, char *path) {
  int end = 1, start = 1;
  path[0] = '/';
  for (int at = 1; at <= target.count; at++) {
    int byte = at < target.count ? (unsigned char)target.at[at] : '/';
    if (byte == '%') {
      byte = at + 2 < target.count ? http_escaped(target.at + at + 1) : -1;
      at += 2;
    }
    if (byte < ' ' || byte == 0x7f)
      return 400;
    if (byte != '/') {
      if (end >= MAXPATH - 2)
        return 404;
      path[end++] = (char)byte;
      continue;
    }
    int ended = end_name(path, start, end);
    if (ended < 0)
      return 400;
    // The slash that is meant to follow; the last one was made up.
    int is_name = ended == end && end > start;
    end = ended;
    if (is_name && at < target.count)
      path[end++] = '/';
    start = end;
  }
  path[end] = 0;
  return 0;
}

static int parse_target(struct span target, struct http_request *request) {
  // What is asked of a proxy has the server's name in front.
  if (target.count > 7 && span_is((struct span){target.at, 7}, "http://")) {
    int at = 7;
    while (at < target.count && target.at[at] != '/' && target.at[at] != '?')
      at++;
    target = (struct span){target.at + at, target.count - at};
    if (target.count == 0)
      target = (struct span){"/", 1};
  }
  if (target.count == 0 || target.at[0] != '/')
    return 400;
  int end = 0;
  while (end < target.count && target.at[end] != '?')
    end++;
  if (end < target.count)
    request->query = (struct span){target.at + end + 1, target.count - end - 1};
  target.count = end;
  return decode_path(target, request->path);
}

static int parse_first(struct span line, struct http_request *request) {
  struct span part[3];
  int at = 0;
  for (int index = 0; index < 3; index++) {
    int start = at;
    while (at < line.count && line.at[at] != ' ') {
      if (line.at[at] < ' ' || line.at[at] >= 0x7f)
        return 400;
      at++;
    }
    part[index] = (struct span){line.at + start, at - start};
    if (index < 2 && at++ == line.count)
      return 400;
  }
  if (at != line.count || !is_token(part[0]))
    return 400;
  struct span version = part[2];
  if (version.count != 8 || memcmp(version.at, "HTTP/", 5) || version.at[6] != '.')
    return 400;
  if (version.at[5] != '1')
    return version.at[5] >= '0' && version.at[5] <= '9' ? 505 : 400;
  request->is_new = request->stays = version.at[7] != '0';
  struct span method = part[0];
  request->is_get = method.count == 3 && memcmp(method.at, "GET", 3) == 0;
  request->is_head = method.count == 4 && memcmp(method.at, "HEAD", 4) == 0;
  request->is_post = method.count == 4 && memcmp(method.at, "POST", 4) == 0;
  return parse_target(part[1], request);
}

static int take_header(struct span name, struct span value, struct http_request *request, int *hosts) {
  switch (name.count) {
  case 4:
    if (span_is(name, "host"))
      ++*hosts;
    break;
  case 5:
    if (span_is(name, "range"))
      request->range = value;
    break;
  case 6:
    if (span_is(name, "expect"))
      request->expects = span_is(value, "100-continue");
    break;
  case 10:
    if (span_is(name, "connection")) {
      if (span_has(value, "close"))
        request->stays = 0;
      else if (span_has(value, "keep-alive"))
        request->stays = 1;
    }
    break;
  case 14:
    if (span_is(name, "content-length")) {
      long length = span_number(value);
      if (length < 0 || (request->body >= 0 && request->body != length))
        return 400;
      if (length > HTTP_BODY_MAX)
        return 413;
      request->body = (int)length;
    }
    break;
  case 17:
    if (span_is(name, "transfer-encoding"))
      return 501;
  }
  return 0;
}

int http_parse(const char *head, int count, struct http_request *request) {
  int at = 0, hosts = 0, status;
  memset(request, 0, offsetof(struct http_request, path));
  request->body = -1;
  if ((status = parse_first(http_line(head, &at, count), request)))
    return status;
  for (struct span line; (line = http_line(head, &at, count)).count;) {
    struct span name, value;
    if (!http_header(line, &name, &value))
      return 400;
    if ((status = take_header(name, value, request, &hosts)))
      return status;
  }
  if (hosts > 1 || (hosts == 0 && request->is_new))
    return 400;
  if (request->body < 0)
    request->body = 0;
  return 0;
}

int http_range(struct span range, long size, long *first, long *count) {
  if (range.count < 8 || !span_is((struct span){range.at, 6}, "bytes="))
    return 0;
  range.at += 6;
  range.count -= 6;
  int dash = 0;
  while (dash < range.count && range.at[dash] != '-')
    dash++;
  if (dash == range.count)
    return 0;
  struct span from = {range.at, dash}, to = {range.at + dash + 1, range.count - dash - 1};
  long start = span_number(from), last = span_number(to);
  if (from.count == 0) {
    // So many at the end.
    if (last < 0)
      return 0;
    *count = last < size ? last : size;
    *first = size - *count;
    return *count > 0 ? 1 : -1;
  }
  if (start < 0 || (to.count && last < start))
    return 0;
  if (start >= size)
    return -1;
  if (!to.count || last >= size)
    last = size - 1;
  *first = start;
  *count = last - start + 1;
  return 1;
}

// MARK: What answers say

const char *http_status(int status) {
  static const char *const all[] = {
      "200 OK",
      "206 Partial Content",
      "301 Moved Permanently",
      "302 Found",
      "400 Bad Request",
      "403 Forbidden",
      "404 Not Found",
      "405 Method Not Allowed",
      "408 Request Timeout",
      "413 Content Too Large",
      "414 URI Too Long",
      "416 Range Not Satisfiable",
      "431 Request Header Fields Too Large",
      "501 Not Implemented",
      "503 Service Unavailable",
      "505 HTTP Version Not Supported",
  };
  for (unsigned index = 0; index < sizeof all / sizeof *all; index++)
    if (atoi(all[index]) == status)
      return all[index];
  return "500 Internal Server Error";
}

const char *http_type(const char *path) {
  // Extensions, and what they stand for.
  static const char *const types[] = {
      "html htm", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js mjs", "text/javascript; charset=utf-8",
      "json", "application/json",
      "txt c h s log md swift", "text/plain; charset=utf-8",
      "csv", "text/csv; charset=utf-8",
      "xml", "application/xml",
      "svg", "image/svg+xml",
      "png", "image/png",
      "jpg jpeg", "image/jpeg",
      "gif", "image/gif",
      "webp", "image/webp",
      "ico", "image/x-icon",
      "pdf", "application/pdf",
      "wasm", "application/wasm",
      "woff2", "font/woff2",
  };
  const char *extension = 0;
  for (; *path; path++)
    if (*path == '.')
      extension = path + 1;
    else if (*path == '/')
      extension = 0;
  for (unsigned index = 0; extension && index < sizeof types / sizeof *types; index += 2)
    for (const char *at = types[index]; *at;) {
      int length = 0;
      while (at[length] && at[length] != ' ')
        length++;
      if (span_is((struct span){at, length}, extension))
        return types[index + 1];
      at += at[length] ? length + 1 : length;
    }
  return 0;
}
