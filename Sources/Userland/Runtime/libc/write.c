// Writing: a text is put together on the stack and written at once, as far as it has room there, so that those of
// several threads do not mix.
#include "file.h"
#include "format.h"
#include <errno.h>
#include <string.h>

// What these begin with is what has been read: nothing.
static FILE input = {.descriptor = 0, .back = -1}, output = {.descriptor = 1, .back = -1},
            errors = {.descriptor = 2, .back = -1};
FILE *(stdin) = &input;
FILE *(stdout) = &output;
FILE *(stderr) = &errors;

static int write_all(int descriptor, const char *bytes, size_t count) {
  while (count) {
    size_t part = count > INT32_MAX ? INT32_MAX : count;
    long written = libc_write(descriptor, bytes, (long)part);
    if (written <= 0) {
      errno = EIO;
      return 0;
    }
    bytes += written;
    count -= (size_t)written;
  }
  return 1;
}

struct line {
  struct libc_sink sink;
  int descriptor, has_failed;
  size_t count;
  char bytes[BUFSIZ];
};

static void flush(struct line *line) {
  if (!write_all(line->descriptor, line->bytes, line->count))
    line->has_failed = 1;
  line->count = 0;
}

static void put_line(struct libc_sink *sink, const char *bytes, size_t count) {
  struct line *line = (struct line *)sink;
  for (; count; count--) {
    if (line->count == sizeof line->bytes)
      flush(line);
    line->bytes[line->count++] = *bytes++;
  }
}

static int print(int descriptor, const char *format, va_list arguments) {
  struct line line = {.sink = {.put = put_line}, .descriptor = descriptor};
  libc_format(&line.sink, format, arguments);
  flush(&line);
  return line.has_failed ? -1 : (int)line.sink.total;
}

static int note(FILE *file, int result) {
  if (result < 0)
    __atomic_store_n(&file->has_failed, 1, __ATOMIC_RELEASE);
  return result;
}

int vfprintf(FILE *file, const char *format, va_list arguments) {
  // A program with declarations of its own may mean a descriptor, as xv6's does. No file is at such an address.
  if ((uintptr_t)file < BUFSIZ)
    return print((int)(uintptr_t)file, format, arguments);
  return note(file, print(file->descriptor, format, arguments));
}
int vprintf(const char *format, va_list arguments) { return vfprintf(stdout, format, arguments); }

#define PRINT(call)                                                                                \
  va_list arguments;                                                                               \
  va_start(arguments, format);                                                                     \
  int total = call;                                                                                \
  va_end(arguments);                                                                               \
  return total
int fprintf(FILE *file, const char *format, ...) { PRINT(vfprintf(file, format, arguments)); }
int printf(const char *format, ...) { PRINT(vfprintf(stdout, format, arguments)); }
int dprintf(int descriptor, const char *format, ...) { PRINT(print(descriptor, format, arguments)); }

struct text {
  struct libc_sink sink;
  char *to;
  size_t size;
};

static void put_in_text(struct libc_sink *sink, const char *bytes, size_t count) {
  struct text *text = (struct text *)sink;
  for (size_t index = 0; index < count && sink->total + index + 1 < text->size; index++)
    text->to[sink->total + index] = bytes[index];
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments) {
  struct text text = {.sink = {.put = put_in_text}, .to = to, .size = size};
  libc_format(&text.sink, format, arguments);
  if (size)
    to[text.sink.total < size ? text.sink.total : size - 1] = 0;
  return (int)text.sink.total;
}
int vsprintf(char *to, const char *format, va_list arguments) {
  return vsnprintf(to, INT32_MAX, format, arguments);
}
int snprintf(char *to, size_t size, const char *format, ...) {
  PRINT(vsnprintf(to, size, format, arguments));
}
int sprintf(char *to, const char *format, ...) { PRINT(vsnprintf(to, INT32_MAX, format, arguments)); }

int fputc(int byte, FILE *file) {
  char one = (char)byte;
  return note(file, write_all(file->descriptor, &one, 1) ? (unsigned char)byte : EOF);
}
int putc(int byte, FILE *file) { return fputc(byte, file); }
int putchar(int byte) { return fputc(byte, stdout); }
int fputs(const char *text, FILE *file) {
  return note(file, write_all(file->descriptor, text, strlen(text)) ? 1 : EOF);
}
int puts(const char *text) { return fprintf(stdout, "%s\n", text) < 0 ? EOF : 1; }
void perror(const char *text) {
  const char *what = strerror(errno);
  if (text && *text)
    fprintf(stderr, "%s: %s\n", text, what);
  else
    fprintf(stderr, "%s\n", what);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *file) {
  if (size == 0 || note(file, write_all(file->descriptor, from, size * count) ? 0 : -1) < 0)
    return 0;
  return count;
}

int fflush(FILE *file) { return file && ferror(file) ? EOF : 0; }
int ferror(FILE *file) { return __atomic_load_n(&file->has_failed, __ATOMIC_ACQUIRE); }
// Nothing is ever kept back.
int setvbuf(FILE *file, char *buffer, int mode, size_t size) {
  (void)file, (void)buffer, (void)size;
  return mode >= _IOFBF && mode <= _IONBF ? 0 : -1;
}
void setbuf(FILE *file, char *buffer) { (void)file, (void)buffer; }
int fileno(FILE *file) { return file->descriptor; }
