// What a guest program can call: the kernel's calls, and a small C library.
//
// Numbers, layouts and the meaning of every call are the machine's ABI; calls 1 to 21 are
// xv6-riscv's. Every failure is -1, or 0 from what returns a pointer.
//
// What has another meaning in C's own headers (libc/include) has another name for the linker.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

// Flags of open.
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREATE 0x200
#define O_TRUNC 0x400

// Flags of mount.
#define MS_RDONLY 1
#define MS_REMOUNT 32

// Sockets, with Linux's numbers.
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define INADDR_ANY 0u
#define INADDR_LOOPBACK 0x7f000001u
#define MSG_PEEK 2
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2
#define POLLIN 1
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 0x10
#define POLLNVAL 0x20

// Types of growth by sys_sbrk.
#define SBRK_EAGER 1
#define SBRK_LAZY 2

// Types of files.
#define T_DIR 1
#define T_FILE 2
#define T_DEVICE 3

// States of processes.
#define P_RUNNABLE 1
#define P_RUNNING 2
#define P_BLOCKED 3
#define P_EXITED 4

#define DIRSIZ 14    // longest name of a file
#define MAXPATH 128  // longest path, its NUL included
#define MAXARG 31    // most arguments of exec
#define PGSIZE 4096
#define CONSOLE 1  // major number of the console

struct stat {
  int dev;
  unsigned int ino;
  short type;
  short nlink;
  uint64_t size;
};

struct dirent {
  unsigned short inum;  // 0: the entry is free
  char name[DIRSIZ];    // ends with a NUL only where it is shorter
};

struct cm_info {
  int cid;
  int init;
  int processes;
  int limit;  // 0: none
  char root[16];
};

struct proc_info {
  int pid;
  int parent;  // 0: not in sight
  int cid;     // 0: outside any container
  int priority;
  int state;
  int zero;
  uint64_t instructions;
  char name[16];
};

typedef unsigned int socklen_t;

struct in_addr {
  uint32_t s_addr;  // in network order
};

// An address and a port, both in network order.
struct sockaddr_in {
  uint16_t sin_family;
  uint16_t sin_port;
  struct in_addr sin_addr;
  unsigned char sin_zero[8];
};

// What programs cast a `struct sockaddr_in *` to.
struct sockaddr {
  uint16_t sa_family;
  char sa_data[14];
};

struct pollfd {
  int fd;
  short events;
  short revents;
};

// Calls 1 to 21.
int fork(void);
_Noreturn void exit(int status) __asm__("guest_exit");
int wait(int *status);
int pipe(int descriptors[2]);
int read(int descriptor, void *buffer, int count);
int kill(int pid);
int exec(const char *path, char **argv);
int fstat(int descriptor, struct stat *status);
int chdir(const char *path);
int dup(int descriptor);
int getpid(void);
char *sbrk(int bytes);
// As sbrk, but pages come when they are first touched.
char *sbrklazy(int bytes);
char *sys_sbrk(int bytes, int type);
int sleep(int ticks);
// Another name of sleep.
int pause(int ticks);
int uptime(void);
int open(const char *path, int flags);
int write(int descriptor, const void *buffer, int count);
int mknod(const char *path, short major, short minor);
int unlink(const char *path);
int link(const char *old, const char *new);
int mkdir(const char *path);
int close(int descriptor);

// Calls 22 to 54.
int setroot(const char *path);
int chroot(const char *path);
int maxproc(int limit);
int cm_create_and_enter(void);
int cm_setroot(const char *path, int length);
int cm_maxproc(int limit);
int getcid(void);
char *shm_get(const char *name);
int shm_rem(const char *name);
int mutex_create(const char *name);
int mutex_delete(int mutex);
int mutex_lock(int mutex);
int mutex_unlock(int mutex);
int cv_wait(int mutex);
int cv_signal(int mutex);
int prio_set(int pid, int priority);
int prio_get(int pid);
int cm_join(int cid);
int cm_info(int cid, struct cm_info *info);
int ps(struct proc_info *table, int count);
int mount(const char *source, const char *target, const char *type, int flags, const char *options);
int umount(const char *target);
int socket(int family, int type, int protocol);
int bind(int descriptor, const struct sockaddr *address, socklen_t length);
int listen(int descriptor, int backlog);
int accept(int descriptor, struct sockaddr *address, socklen_t *length);
int connect(int descriptor, const struct sockaddr *address, socklen_t length);
int sendto(int descriptor, const void *buffer, int count, int flags, const struct sockaddr *address,
           socklen_t length);
int recvfrom(int descriptor, void *buffer, int count, int flags, struct sockaddr *address, socklen_t *length);
int shutdown(int descriptor, int how);
int getsockname(int descriptor, struct sockaddr *address, socklen_t *length);
int getpeername(int descriptor, struct sockaddr *address, socklen_t *length);
int poll(struct pollfd *descriptors, unsigned long count, int ticks);
// An address for the caller's container, in network order.
int cm_network(uint32_t address);

// Between the machine's order of bytes and the network's.
static inline uint16_t htons(uint16_t number) { return (uint16_t)(number << 8 | number >> 8); }
static inline uint16_t ntohs(uint16_t number) { return htons(number); }
static inline uint32_t htonl(uint32_t number) { return __builtin_bswap32(number); }
static inline uint32_t ntohl(uint32_t number) { return __builtin_bswap32(number); }

// Bytes and strings.
void *memset(void *to, int byte, size_t count);
void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
int memcmp(const void *a, const void *b, size_t count);
void *memchr(const void *from, int byte, size_t count);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t count);
char *strcpy(char *to, const char *from);
char *strchr(const char *text, int byte);
int atoi(const char *text);

// The heap grows by sbrk and never shrinks.
void *malloc(size_t bytes);
void *calloc(size_t count, size_t bytes);
void *realloc(void *old, size_t bytes);
void free(void *block);

// Texts: %d %i %u %x %p %c %s %%, with l, a width, - and 0. One write for each 128 bytes.
int printf(const char *format, ...) __asm__("guest_printf") __attribute__((format(printf, 1, 2)));
int fprintf(int descriptor, const char *format, ...) __asm__("guest_fprintf")
  __attribute__((format(printf, 2, 3)));
int vfprintf(int descriptor, const char *format, va_list arguments) __asm__("guest_vfprintf");
int putchar(int byte) __asm__("guest_putchar");

// The status of a file by its path.
int stat(const char *path, struct stat *status);
// Describes the process of this pid, as `ps` does: 1; 0 if it is not in sight, -1 if there is no memory
// to look with.
int process_find(int pid, struct proc_info *found);
// Kills the process of this pid if it is an orphan outside containers and of this program.
void process_end_orphan(int pid, const char *program);
// One line from descriptor 0, its newline included, cut to `size` - 1 bytes; empty at the end.
char *gets(char *line, int size);
