// httpd, by a process for each connection and by one loop: answers and statuses, connections that stay, parts, directories,
// programs; and those who send too much, nonsense, half a line or nothing, while others are served.
#include "net.h"

enum { PORT = 8080, BIG = 20000 };

static char answer[32768];
static int length, server;

static char pattern(int index) { return (char)('a' + (index * 7 + index / 256) % 26); }

static void make_big(const char *path) {
  static char bytes[BIG];
  int file = open(path, O_CREATE | O_WRONLY);
  for (int index = 0; index < BIG; index++)
    bytes[index] = pattern(index);
  CHECK(file >= 0 && write(file, bytes, BIG) == BIG && close(file) == 0);
}

static void make_site(void) {
  CHECK(mkdir("/www") == 0 && mkdir("/www/sub") == 0 && mkdir("/www/dir") == 0 && mkdir("/www/cgi") == 0);
  make_file("/secret", "secret\n");
  make_file("/www/a.txt", "hello\n");
  make_file("/www/none", "");
  make_file("/www/plain", "no extension\n");
  make_file("/www/noise", "\1\2\3\4");
  make_file("/www/dir/a<b", "odd");
  make_file("/www/sub/index.html", "<p>sub\n");
  make_file("/www/cgi/text", "no program\n");
  make_file("/www/head", "Status: 404 Not Found\nContent-Type: text/html\n\n<p>gone\n");
  make_big("/www/big");
  CHECK(link("/echo", "/www/cgi/echo") == 0 && link("/cat", "/www/cgi/cat") == 0);
}

static void begin(const char *mode) {
  server = fork();
  CHECK(server >= 0);
  if (server == 0) {
    char *words[] = {"httpd", "-l", "8080", "/www", 0, 0};
    if (mode) {
      words[3] = (char *)mode;
      words[4] = "/www";
    }
    exec("/httpd", words);
    exit(1);
  }
  for (int socket = stream(); ; sleep(1))
    if (try_connect(socket, INADDR_LOOPBACK, PORT) == 0) {
      CHECK(close(socket) == 0);
      return;
    }
}

static int call(void) { return connected(INADDR_LOOPBACK, PORT); }

static void send_text(int socket, const char *text) { CHECK(write(socket, text, (int)strlen(text)) == (int)strlen(text)); }

// Where the answer has this in it.
static const char *find(const char *what) {
  int count = (int)strlen(what);
  for (int at = 0; at + count <= length; at++)
    if (memcmp(answer + at, what, (size_t)count) == 0)
      return answer + at;
  return 0;
}
static int has(const char *what) { return find(what) != 0; }

// Takes all that comes, up to the end.
static void take_all(int socket) {
  int count;
  length = 0;
  while ((count = read(socket, answer + length, (int)sizeof answer - 1 - length)) > 0)
    length += count;
  CHECK(count == 0);
  answer[length] = 0;
}

static int status(void) { return memcmp(answer, "HTTP/1.1 ", 9) ? -1 : atoi(answer + 9); }

// What is behind the head.
static const char *body(void) {
  const char *end = find("\r\n\r\n");
  CHECK(end);
  return end + 4;
}

// Asks, as it stands, on a connection of its own, and says with which status the answer comes.
static int ask(const char *request) {
  int socket = call();
  send_text(socket, request);
  take_all(socket);
  CHECK(close(socket) == 0);
  return status();
}

static int get_with(const char *method, const char *path, const char *headers) {
  static char request[6000];
  request[0] = 0;
  const char *parts[] = {method, " ", path, " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n", headers, "\r\n"};
  char *at = request;
  for (int part = 0; part < 6; part++) {
    strcpy(at, parts[part]);
    at += strlen(at);
  }
  return ask(request);
}
static int get(const char *path) { return get_with("GET", path, ""); }

static void files(void) {
  CHECK(get("/a.txt") == 200 && has("Content-Type: text/plain") && has("Content-Length: 6\r\n") && has("Accept-Ranges: bytes"));
  CHECK(strcmp(body(), "hello\n") == 0);
  CHECK(get("/none") == 200 && has("Content-Length: 0\r\n") && *body() == 0);
  CHECK(get("/plain") == 200 && has("text/plain") && get("/noise") == 200 && has("application/octet-stream"));
  CHECK(get("/a.txt?x=%zz") == 200 && get("http://else/a.txt") == 200 && get("/./sub/..//%61.txt") == 200);
  CHECK(get("/big") == 200 && has("Content-Length: 20000\r\n") && length - (body() - answer) == BIG);
  for (int index = 0; index < BIG; index++)
    CHECK(body()[index] == pattern(index));
  CHECK(get_with("HEAD", "/big", "") == 200 && has("Content-Length: 20000\r\n") && *body() == 0);
  CHECK(get_with("HEAD", "/a.txt", "") == 200 && has("Content-Length: 6\r\n") && *body() == 0);
  CHECK(ask("GET /a.txt HTTP/1.0\r\n\r\n") == 200 && has("Connection: close") && has("\r\n\r\nhello\n"));
  CHECK(ask("\r\n\nGET /a.txt HTTP/1.1\nHost: x\nConnection: close\n\n") == 200);
}

static void parts(void) {
  CHECK(get_with("GET", "/a.txt", "Range: bytes=1-3\r\n") == 206 && has("Content-Range: bytes 1-3/6\r\n") && strcmp(body(), "ell") == 0);
  CHECK(get_with("GET", "/a.txt", "Range: bytes=-2\r\n") == 206 && strcmp(body(), "o\n") == 0);
  CHECK(get_with("GET", "/a.txt", "Range: bytes=4-99\r\n") == 206 && has("bytes 4-5/6") && strcmp(body(), "o\n") == 0);
  CHECK(get_with("GET", "/a.txt", "Range: bytes=6-\r\n") == 416 && has("Content-Range: bytes */6\r\n"));
  CHECK(get_with("GET", "/a.txt", "Range: bytes=3-1\r\n") == 200 && get_with("GET", "/a.txt", "Range: lines=1-2\r\n") == 200);
  CHECK(get_with("GET", "/a.txt", "Range: bytes=0-1,3-4\r\n") == 200 && get_with("HEAD", "/a.txt", "Range: bytes=0-1\r\n") == 200);
  CHECK(get_with("GET", "/big", "Range: bytes=19990-\r\n") == 206 && has("Content-Length: 10\r\n") && has("bytes 19990-19999/20000"));
  for (int index = 0; index < 10; index++)
    CHECK(body()[index] == pattern(19990 + index));
}

static void directories(void) {
  CHECK(get("/sub") == 301 && has("Location: /sub/\r\n") && get("/sub/") == 200 && has("text/html") && has("<p>sub\n"));
  CHECK(get("/") == 200 && has("<a href=\"a.txt\">a.txt</a> 6\n") && has("<a href=\"sub/\">sub/</a>") && !has("\"../\""));
  CHECK(get("/dir/") == 200 && has("<a href=\"a%3Cb\">a&lt;b</a> 3\n") && has("<a href=\"../\">") && get("/dir/a%3Cb") == 200);
  CHECK(get("/a.txt/") == 404 && get("/nosuch") == 404 && get("/nosuch/") == 404 && get("/cgi") == 301);
}

// Nothing leads out.
static void walls(void) {
  const char *ways[] = {
      "/../secret", "/%2e%2e/secret", "/sub/../../secret", "/sub/%2e%2e%2f%2e%2e%2fsecret", "/..", "/sub/../..",
      "/%2E./secret", "/./../secret", "//../secret", "/sub/..%2f../secret", "/cgi/../../cat?secret",
  };
  for (unsigned index = 0; index < sizeof ways / sizeof *ways; index++)
    CHECK(get(ways[index]) == 400 && !has("secret\n"));
  CHECK(get("/cgi/%2e%2e%2f%2e%2e%2fcat?/secret") == 400 && get("/cgi/..%2fa.txt") == 200 && get("/...") == 404);
}

static void refused(void) {
  const char *bad[] = {
      "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / FTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n",
      "GET a.txt HTTP/1.1\r\nHost: x\r\n\r\n", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a%0ab HTTP/1.1\r\nHost: x\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "G\1T / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
  };
  for (unsigned index = 0; index < sizeof bad / sizeof *bad; index++)
    CHECK(ask(bad[index]) == 400 && has("\r\nConnection: close\r\n"));
  CHECK(ask("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == 505);
  CHECK(get_with("POST", "/a.txt", "Content-Length: 3\r\n\r\nabc") == 405 && has("Allow: GET, HEAD\r\n"));
  CHECK(get_with("DELETE", "/a.txt", "") == 405 && get_with("get", "/a.txt", "") == 405);
  CHECK(get_with("POST", "/cgi/cat", "Transfer-Encoding: chunked\r\n") == 501);
  CHECK(get_with("POST", "/cgi/cat", "Content-Length: 99999999\r\n") == 413);
  static char long_path[5000];
  memset(long_path, 'x', sizeof long_path - 1);
  long_path[0] = '/';
  CHECK(get(long_path) == 414);
  long_path[1000] = 0;
  CHECK(get(long_path) == 404);
}

// Takes an answer with the body of a.txt, on a connection that may stay.
static void take_hello(int socket) {
  for (length = 0; !has("\r\n\r\nhello\n");) {
    int count = read(socket, answer + length, 1000);
    CHECK(count > 0);
    length += count;
  }
}

static void staying(void) {
  int socket = call();
  for (int turn = 0; turn < 20; turn++) {
    send_text(socket, "GET /a.txt HTTP/1.1\r\nHost: here\r\n\r\n");
    take_hello(socket);
    CHECK(status() == 200 && !has("close") && memcmp(answer + length - 10, "\r\n\r\nhello\n", 10) == 0);
  }
  // Several at once are answered in order; what comes behind the last is not.
  send_text(socket, "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\nHEAD /big HTTP/1.1\r\nHost: x\r\n\r\nPOST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                    "GET /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n");
  take_all(socket);
  const char *first = find("hello\n"), *second = find("20000"), *third = find("405"), *fourth = find("<p>sub\n");
  CHECK(first && second > first && third > second && fourth > third && fourth + 7 == answer + length && close(socket) == 0);
  // A byte at a time, and with the other direction closed at once.
  socket = call();
  for (const char *at = "GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"; *at; at++)
    CHECK(write(socket, at, 1) == 1);
  CHECK(shutdown(socket, SHUT_WR) == 0);
  take_all(socket);
  CHECK(status() == 200 && has("Connection: keep-alive") && has("hello\n") && close(socket) == 0);
}

static void programs(void) {
  CHECK(get("/cgi/echo?a+b%20c+d%2B") == 200 && has("Transfer-Encoding: chunked") && has("text/plain") && has("\r\n\r\n9\r\na b c d+\n\r\n0\r\n\r\n"));
  CHECK(get("/cgi/echo?x=1&y=a+b") == 200 && has("\r\nx=1&y=a+b\n\r\n") && get("/cgi/echo") == 200 && has("\r\n\r\n0\r\n\r\n"));
  CHECK(get("/cgi/cat?head") == 404 && has("Content-Type: text/html\r\n") && has("\r\n\r\n8\r\n<p>gone\n\r\n0\r\n\r\n"));
  CHECK(get_with("HEAD", "/cgi/echo?x", "") == 200 && *body() == 0);
  CHECK(get("/cgi/nosuch") == 404 && get("/cgi/text") == 403 && get("/cgi/echo/more") == 404 && get("/cgi/") == 404);
  CHECK(ask("GET /cgi/echo?old HTTP/1.0\r\n\r\n") == 200 && !has("chunked") && strcmp(body(), "old\n") == 0);
  CHECK(get_with("POST", "/cgi/cat", "Content-Length: 3\r\n\r\nabc") == 200 && has("\r\n3\r\nabc\r\n0\r\n\r\n"));
  // More than a pipe has room for, asked for with patience.
  int socket = call(), total = 0;
  send_text(socket, "POST /cgi/cat HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  CHECK(read(socket, answer, 25) == 25 && memcmp(answer, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0);
  static char sent[5000];
  for (int index = 0; index < 5000; index++)
    sent[index] = '#';
  CHECK(write(socket, sent, 5000) == 5000);
  take_all(socket);
  for (int index = 0; index < length; index++)
    total += answer[index] == '#';
  CHECK(status() == 200 && total == 5000 && close(socket) == 0);
  // A program whose reader goes is ended: it holds nothing then.
  for (int turn = 0; turn < 12; turn++) {
    socket = call();
    send_text(socket, "GET /cgi/cat?big HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(read(socket, answer, 100) > 0 && close(socket) == 0);
  }
}

// Sends bytes until nobody takes them any more, and then all that comes is read.
static int flood(const char *begins, char byte, int most) {
  static char bytes[1000];
  int socket = call(), sent = 0;
  send_text(socket, begins);
  memset(bytes, byte, sizeof bytes);
  while (sent < most && write(socket, bytes, sizeof bytes) == sizeof bytes)
    sent += (int)sizeof bytes;
  shutdown(socket, SHUT_WR);
  take_all(socket);
  CHECK(close(socket) == 0);
  return status();
}

static void floods(int most) {
  CHECK(flood("GET / HTTP/1.1\r\nHost: x\r\nX: ", 'x', most) == 431);
  CHECK(flood("", '\1', most) == 400 && flood("", 'x', most) == 414 && flood("GET / HTTP/1.1\r\n", '\xff', most) == 431);
}

// Those who say nothing, half a line, or ask for much and take nothing; more than there are descriptors.
static void silence(void) {
  struct gate ready = make_gate(), done = make_gate();
  int children[3], found;
  for (int child = 0; child < 3; child++)
    if ((children[child] = fork()) == 0) {
      for (int count = 0; count < 8; count++) {
        int socket = stream();
        if (try_connect(socket, INADDR_LOOPBACK, PORT) == 0 && count % 4 != 3)
          write(socket, count % 4 == 1 ? "GET /a.t" : "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", count % 4 == 1 ? 8 : 31);
        sleep(1);
      }
      tell(ready, 1);
      hear(done);
      exit(0);
    }
  for (int child = 0; child < 3; child++)
    CHECK(hear(ready) == 1);
  for (int turn = 0; turn < 3; turn++)
    CHECK(get("/a.txt") == 200);
  for (int child = 0; child < 3; child++)
    tell(done, 1);
  for (int child = 0; child < 3; child++)
    CHECK(wait(&found) > 0 && found == 0);
  close(ready.ends[0]);
  close(ready.ends[1]);
  close(done.ends[0]);
  close(done.ends[1]);
}

// Who has asked just now and may ask again is not closed without a word because somebody else waits for its place: its next
// answer says so. There are eight places with sixteen descriptors.
static void crowd(void) {
  const char *request = "GET /a.txt HTTP/1.1\r\nHost: here\r\n\r\n";
  int sockets[8], status_found;
  for (int index = 0; index < 8; index++)
    sockets[index] = call();
  for (int index = 0; index < 8; index++) {
    send_text(sockets[index], request);
    take_hello(sockets[index]);
    CHECK(!has("close"));
  }
  int child = fork();
  if (child == 0) {
    int socket = call();
    send_text(socket, request);
    take_hello(socket);
    exit(0);
  }
  // Until it waits, answers are as they were.
  for (int turn = 0, closed = 0; !closed; turn++) {
    CHECK(turn < 1000);
    send_text(sockets[turn % 8], request);
    take_hello(sockets[turn % 8]);
    closed = has("\r\nConnection: close\r\n");
  }
  CHECK(wait(&status_found) == child && status_found == 0);
  for (int index = 0; index < 8; index++)
    CHECK(close(sockets[index]) == 0);
}

// How many kilobytes the server takes.
static int server_size(void) {
  char path[24] = "/proc/", text[512], digits[12];
  int at = 6, used = 0;
  for (int pid = server; pid; pid /= 10)
    digits[used++] = (char)('0' + pid % 10);
  while (used)
    path[at++] = digits[--used];
  strcpy(path + at, "/status");
  int file = open(path, O_RDONLY), count = read(file, text, sizeof text - 1);
  CHECK(count > 0 && close(file) == 0);
  text[count] = 0;
  for (char *line = text; *line; line++)
    if (memcmp(line, "VmSize:", 7) == 0) {
      for (line += 7; *line == ' ' || *line == '\t'; line++)
        ;
      return atoi(line);
    }
  return -1;
}

static void site(const char *mode, int most) {
  int ended;
  begin(mode);
  int size = server_size();
  files();
  parts();
  directories();
  walls();
  refused();
  staying();
  programs();
  floods(most);
  silence();
  if (mode)
    crowd();
  CHECK(get("/a.txt") == 200);
  // All that has not cost it more than what is kept of files and of eight requests.
  CHECK(size > 0 && server_size() < size + 400);
  CHECK(kill(server) == 0 && wait(&ended) == server);
}

int main(void) {
  make_site();
  site("-e", 1000000);
  sleep(2);
  site(0, 100000);
  return 0;
}
