// What bytes.c does not have of strings.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t strnlen(const char *text, size_t count) {
  size_t length = 0;
  while (length < count && text[length])
    length++;
  return length;
}

int strncasecmp(const char *a, const char *b, size_t count) {
  for (; count; count--, a++, b++) {
    int left = tolower((unsigned char)*a), right = tolower((unsigned char)*b);
    if (left != right || !left)
      return left - right;
  }
  return 0;
}
int strcasecmp(const char *a, const char *b) { return strncasecmp(a, b, (size_t)-1); }

char *strncpy(char *to, const char *from, size_t count) {
  size_t length = strnlen(from, count);
  memcpy(to, from, length);
  memset(to + length, 0, count - length);
  return to;
}

char *strcat(char *to, const char *from) {
  strcpy(to + strlen(to), from);
  return to;
}

char *strncat(char *to, const char *from, size_t count) {
  char *end = to + strlen(to);
  size_t length = strnlen(from, count);
  memcpy(end, from, length);
  end[length] = 0;
  return to;
}

char *strrchr(const char *text, int byte) {
  const char *found = 0;
  do
    if (*text == (char)byte)
      found = text;
  while (*text++);
  return (char *)found;
}

char *strstr(const char *text, const char *part) {
  size_t length = strlen(part);
  for (; strncmp(text, part, length); text++)
    if (!*text)
      return 0;
  return (char *)text;
}

size_t strspn(const char *text, const char *bytes) {
  size_t count = 0;
  while (text[count] && strchr(bytes, text[count]))
    count++;
  return count;
}

size_t strcspn(const char *text, const char *bytes) {
  size_t count = 0;
  while (text[count] && !strchr(bytes, text[count]))
    count++;
  return count;
}

char *strpbrk(const char *text, const char *bytes) {
  text += strcspn(text, bytes);
  return *text ? (char *)text : 0;
}

char *strtok_r(char *text, const char *delimiters, char **rest) {
  if (!text)
    text = *rest;
  text += strspn(text, delimiters);
  char *end = text + strcspn(text, delimiters);
  *rest = *end ? end + 1 : end;
  *end = 0;
  return end == text ? 0 : text;
}

char *strtok(char *text, const char *delimiters) {
  static char *rest;
  return strtok_r(text, delimiters, &rest);
}

char *strndup(const char *text, size_t count) {
  size_t length = strnlen(text, count);
  char *copy = malloc(length + 1);
  if (copy) {
    memcpy(copy, text, length);
    copy[length] = 0;
  }
  return copy;
}
char *strdup(const char *text) { return strndup(text, (size_t)-1 >> 1); }

static const struct {
  int number;
  const char *text;
} errors[] = {
  {0, "Success"},
  {EPERM, "Operation not permitted"},
  {ENOENT, "No such file or directory"},
  {ESRCH, "No such process"},
  {EIO, "Input/output error"},
  {EBADF, "Bad file descriptor"},
  {EAGAIN, "Resource temporarily unavailable"},
  {ENOMEM, "Cannot allocate memory"},
  {EACCES, "Permission denied"},
  {EBUSY, "Device or resource busy"},
  {EEXIST, "File exists"},
  {EINVAL, "Invalid argument"},
  {ERANGE, "Numerical result out of range"},
  {EDEADLK, "Resource deadlock avoided"},
  {EOVERFLOW, "Value too large for defined data type"},
  {ENOTSUP, "Operation not supported"},
  {ETIMEDOUT, "Connection timed out"},
};

char *strerror(int error) {
  for (size_t index = 0; index < sizeof errors / sizeof *errors; index++)
    if (errors[index].number == error)
      return (char *)errors[index].text;
  return "Unknown error";
}

int strerror_r(int error, char *to, size_t size) {
  const char *text = strerror(error);
  if (strlen(text) >= size)
    return ERANGE;
  strcpy(to, text);
  return 0;
}
