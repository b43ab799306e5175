#pragma once

#include <stddef.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
enum { _SC_PAGESIZE = 30, _SC_PAGE_SIZE = 30 };

ssize_t read(int descriptor, void *buffer, size_t count);
ssize_t write(int descriptor, const void *buffer, size_t count);
int close(int descriptor);
int dup(int descriptor);
int pipe(int descriptors[2]);
int unlink(const char *path);
int link(const char *old, const char *new);
int chdir(const char *path);
pid_t fork(void);
pid_t getpid(void);
pid_t gettid(void);
int execv(const char *path, char *const words[]) __asm__("exec");
_Noreturn void _exit(int status);
// Under another name for the linker: by its own it is the machine's call, with ticks.
unsigned int sleep(unsigned int seconds) __asm__("libc_sleep_seconds");
int usleep(useconds_t microseconds);
long sysconf(int name);
