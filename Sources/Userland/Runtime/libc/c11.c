// C11's threads by POSIX's.
#include <errno.h>
#include <stdint.h>
#include <threads.h>

static int result(int error) {
  switch (error) {
  case 0:
    return thrd_success;
  case EBUSY:
    return thrd_busy;
  case ETIMEDOUT:
    return thrd_timedout;
  case ENOMEM:
    return thrd_nomem;
  default:
    return thrd_error;
  }
}

int thrd_create(thrd_t *thread, thrd_start_t start, void *argument) {
  // An int and a pointer come back in the same register.
  return result(pthread_create(thread, 0, (void *(*)(void *))(void *)start, argument));
}
int thrd_join(thrd_t thread, int *status) {
  void *found;
  int error = pthread_join(thread, &found);
  if (!error && status)
    *status = (int)(intptr_t)found;
  return result(error);
}
int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }
void thrd_exit(int status) { pthread_exit((void *)(intptr_t)status); }
thrd_t thrd_current(void) { return pthread_self(); }
int thrd_equal(thrd_t a, thrd_t b) { return a == b; }
int thrd_sleep(const struct timespec *duration, struct timespec *left) { return nanosleep(duration, left); }
void thrd_yield(void) { sched_yield(); }

int mtx_init(mtx_t *mutex, int kind) {
  *mutex = (mtx_t){.self = {.kind = kind & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL}};
  return thrd_success;
}
void mtx_destroy(mtx_t *mutex) { pthread_mutex_destroy(mutex); }
int mtx_lock(mtx_t *mutex) { return result(pthread_mutex_lock(mutex)); }
int mtx_trylock(mtx_t *mutex) { return result(pthread_mutex_trylock(mutex)); }
int mtx_timedlock(mtx_t *mutex, const struct timespec *until) {
  return result(pthread_mutex_timedlock(mutex, until));
}
int mtx_unlock(mtx_t *mutex) { return result(pthread_mutex_unlock(mutex)); }

int cnd_init(cnd_t *cond) { return result(pthread_cond_init(cond, 0)); }
void cnd_destroy(cnd_t *cond) { pthread_cond_destroy(cond); }
int cnd_wait(cnd_t *cond, mtx_t *mutex) { return result(pthread_cond_wait(cond, mutex)); }
int cnd_timedwait(cnd_t *cond, mtx_t *mutex, const struct timespec *until) {
  return result(pthread_cond_timedwait(cond, mutex, until));
}
int cnd_signal(cnd_t *cond) { return result(pthread_cond_signal(cond)); }
int cnd_broadcast(cnd_t *cond) { return result(pthread_cond_broadcast(cond)); }

int tss_create(tss_t *key, tss_dtor_t destructor) { return result(pthread_key_create(key, destructor)); }
void tss_delete(tss_t key) { pthread_key_delete(key); }
void *tss_get(tss_t key) { return pthread_getspecific(key); }
int tss_set(tss_t key, void *value) { return result(pthread_setspecific(key, value)); }
void call_once(once_flag *once, void (*function)(void)) { pthread_once(once, function); }
