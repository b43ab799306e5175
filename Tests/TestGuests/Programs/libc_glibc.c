// What a source is that was preprocessed with glibc's headers: its types and declarations, and no header.
typedef unsigned long size_t;
typedef unsigned long pthread_t;
typedef union {
  struct {
    int lock;
    unsigned int count;
    int owner;
    unsigned int users;
    int kind;
    short spins, elision;
    struct {
      void *previous, *next;
    } list;
  } data;
  char size[40];
  long align;
} pthread_mutex_t;
typedef union {
  char size[48];
  long long align;
} pthread_cond_t;
struct _IO_FILE;
extern struct _IO_FILE *stdout;

extern int fprintf(struct _IO_FILE *file, const char *format, ...);
extern int sscanf(const char *text, const char *format, ...) __asm__("__isoc99_sscanf");
extern long strtol(const char *text, char **end, int base) __asm__("__isoc23_strtol");
extern void exit(int status) __attribute__((__noreturn__));
extern int *__errno_location(void) __attribute__((__const__));
extern void __assert_fail(const char *condition, const char *file, unsigned int line, const char *function)
  __attribute__((__noreturn__));
extern int pthread_create(pthread_t *thread, const void *attr, void *(*start)(void *), void *argument);
extern int pthread_join(pthread_t thread, void **result);
extern int pthread_mutex_init(pthread_mutex_t *mutex, const void *attr);
extern int pthread_mutex_lock(pthread_mutex_t *mutex);
extern int pthread_mutex_unlock(pthread_mutex_t *mutex);
extern int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
extern int pthread_cond_signal(pthread_cond_t *cond);

// PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP and PTHREAD_COND_INITIALIZER.
static pthread_mutex_t twice = {{0, 0, 0, 0, 1, 0, 0, {0, 0}}}, mutex;
static pthread_cond_t cond = {{0}};
static int number, is_ready;

static void *work(void *argument) {
  pthread_mutex_lock(&twice);
  pthread_mutex_lock(&twice);
  number += *(int *)argument;
  pthread_mutex_unlock(&twice);
  pthread_mutex_unlock(&twice);
  *__errno_location() = 5;
  pthread_mutex_lock(&mutex);
  is_ready++;
  pthread_cond_signal(&cond);
  pthread_mutex_unlock(&mutex);
  if (*(int *)argument == 40)
    exit(0);
  return argument;
}

int main(void) {
  pthread_t threads[2];
  int values[2] = {1, 2};
  char *end;
  if (sscanf("40 2", "%d %d", &values[0], &values[1]) != 2 || strtol("12x", &end, 10) != 12 || *end != 'x')
    __assert_fail("scans", __FILE__, __LINE__, "main");
  values[0] -= 39;
  pthread_mutex_init(&mutex, 0);
  for (int index = 0; index < 2; index++)
    pthread_create(&threads[index], 0, work, &values[index]);
  pthread_mutex_lock(&mutex);
  while (is_ready < 2)
    pthread_cond_wait(&cond, &mutex);
  pthread_mutex_unlock(&mutex);
  for (int index = 0; index < 2; index++)
    pthread_join(threads[index], 0);
  fprintf(stdout, "%d of 3, %d\n", number, *__errno_location());
  values[0] = 40;
  pthread_create(&threads[0], 0, work, &values[0]);
  pthread_join(threads[0], 0);
  __assert_fail("exit ends the process", __FILE__, __LINE__, "main");
}
