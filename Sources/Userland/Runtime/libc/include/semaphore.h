// Semaphores without a name. One in a page that processes share (`shm_get`) is good for all of them.
#pragma once

#include <sys/types.h>
#include <time.h>

typedef union {
  struct {
    int value, waiters;
  } self;
  char size[32];
  long align;
} sem_t;

#define SEM_VALUE_MAX 0x7fffffff

int sem_init(sem_t *sem, int shared, unsigned int value);
int sem_destroy(sem_t *sem);
int sem_wait(sem_t *sem);
int sem_trywait(sem_t *sem);
int sem_timedwait(sem_t *sem, const struct timespec *until);
int sem_post(sem_t *sem);
int sem_getvalue(sem_t *sem, int *value);
