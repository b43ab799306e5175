// Reading, and files by their names.
#include "file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int libc_next_byte(FILE *file) {
  if (file->back >= 0) {
    int byte = file->back;
    file->back = -1;
    return byte;
  }
  if (file->at == file->count) {
    file->at = file->count = 0;
    long count = libc_call(5, file->descriptor, (long)file->bytes, sizeof file->bytes, 0);
    if (count <= 0) {
      file->is_at_end |= count == 0;
      if (count < 0)
        __atomic_store_n(&file->has_failed, 1, __ATOMIC_RELEASE);
      return EOF;
    }
    file->count = (int)count;
  }
  return file->bytes[file->at++];
}

int fgetc(FILE *file) {
  libc_lock(&file->lock);
  int byte = libc_next_byte(file);
  libc_unlock(&file->lock);
  return byte;
}
int getc(FILE *file) { return fgetc(file); }
int getchar(void) { return fgetc(stdin); }

int ungetc(int byte, FILE *file) {
  libc_lock(&file->lock);
  int is_possible = byte >= 0 && file->back < 0;
  if (is_possible) {
    file->back = (unsigned char)byte;
    file->is_at_end = 0;
  }
  libc_unlock(&file->lock);
  return is_possible ? (unsigned char)byte : EOF;
}

char *fgets(char *to, int size, FILE *file) {
  int count = 0, byte = 0;
  libc_lock(&file->lock);
  while (count + 1 < size && byte != '\n' && (byte = libc_next_byte(file)) != EOF)
    to[count++] = (char)byte;
  libc_unlock(&file->lock);
  if (count == 0)
    return 0;
  to[count] = 0;
  return to;
}

size_t fread(void *to, size_t size, size_t count, FILE *file) {
  char *at = to;
  size_t wanted = size * count, got = 0;
  libc_lock(&file->lock);
  for (int byte; got < wanted && (byte = libc_next_byte(file)) != EOF; got++)
    at[got] = (char)byte;
  libc_unlock(&file->lock);
  return size ? got / size : 0;
}

int feof(FILE *file) {
  libc_lock(&file->lock);
  int is_at_end = file->is_at_end;
  libc_unlock(&file->lock);
  return is_at_end;
}

void clearerr(FILE *file) {
  libc_lock(&file->lock);
  file->is_at_end = 0;
  __atomic_store_n(&file->has_failed, 0, __ATOMIC_RELEASE);
  libc_unlock(&file->lock);
}

FILE *fdopen(int descriptor, const char *mode) {
  FILE *file = *mode == 'r' || *mode == 'w' ? calloc(1, sizeof *file) : 0;
  if (!file) {
    errno = *mode == 'r' || *mode == 'w' ? ENOMEM : EINVAL;
    return 0;
  }
  file->descriptor = descriptor;
  file->back = -1;
  return file;
}

// The kernel cannot append, and does not say why it refuses.
FILE *fopen(const char *path, const char *mode) {
  int is_both = mode[0] && (mode[1] == '+' || (mode[1] == 'b' && mode[2] == '+'));
  int flags = *mode == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
  if (is_both)
    flags = *mode == 'r' ? O_RDWR : O_RDWR | O_CREAT | O_TRUNC;
  if (*mode != 'r' && *mode != 'w') {
    errno = EINVAL;
    return 0;
  }
  int descriptor = open(path, flags);
  if (descriptor < 0) {
    errno = *mode == 'r' ? ENOENT : EACCES;
    return 0;
  }
  FILE *file = fdopen(descriptor, mode);
  if (!file)
    close(descriptor);
  return file;
}

int fclose(FILE *file) {
  int failed = close(file->descriptor);
  if (file != stdin && file != stdout && file != stderr)
    free(file);
  return failed ? EOF : 0;
}

int remove(const char *path) { return unlink(path); }

static int next_of_file(struct libc_source *source) { return libc_next_byte(source->from); }

int vfscanf(FILE *file, const char *format, va_list arguments) {
  struct libc_source source = {.next = next_of_file, .from = file, .back = -2};
  libc_lock(&file->lock);
  int found = libc_scan(&source, format, arguments);
  if (source.back >= 0)
    file->back = source.back;
  libc_unlock(&file->lock);
  return found;
}

static int next_of_text(struct libc_source *source) {
  const unsigned char *at = source->from;
  if (!*at)
    return -1;
  source->from = (void *)(at + 1);
  return *at;
}

int vsscanf(const char *text, const char *format, va_list arguments) {
  struct libc_source source = {.next = next_of_text, .from = (void *)text, .back = -2};
  return libc_scan(&source, format, arguments);
}

#define SCAN(call)                                                                                 \
  va_list arguments;                                                                               \
  va_start(arguments, format);                                                                     \
  int found = call;                                                                                \
  va_end(arguments);                                                                               \
  return found
int scanf(const char *format, ...) { SCAN(vfscanf(stdin, format, arguments)); }
int fscanf(FILE *file, const char *format, ...) { SCAN(vfscanf(file, format, arguments)); }
int sscanf(const char *text, const char *format, ...) { SCAN(vsscanf(text, format, arguments)); }

// What glibc's headers make of these.
int __isoc99_scanf(const char *format, ...) { SCAN(vfscanf(stdin, format, arguments)); }
int __isoc99_fscanf(FILE *file, const char *format, ...) { SCAN(vfscanf(file, format, arguments)); }
int __isoc99_sscanf(const char *text, const char *format, ...) { SCAN(vsscanf(text, format, arguments)); }
int __isoc23_scanf(const char *format, ...) { SCAN(vfscanf(stdin, format, arguments)); }
int __isoc23_fscanf(FILE *file, const char *format, ...) { SCAN(vfscanf(file, format, arguments)); }
int __isoc23_sscanf(const char *text, const char *format, ...) { SCAN(vsscanf(text, format, arguments)); }
int _IO_getc(FILE *file) { return fgetc(file); }
int _IO_putc(int byte, FILE *file) { return fputc(byte, file); }
