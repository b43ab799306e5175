// races: two processes that use one word of a shared page, in the order that the first argument names. What keeps them
// apart there, and whether it does, is what the tests of the race detector know.
//
// `races mutex|pipe|wait|socket|condition|atomic|flag|plain|flag-plain|spin|bytes|orders|gate|circle`
#include "guest.h"

struct page {
  int number;
  int flag;
  char bytes[8];
};

static struct page *page;
static int first, second, third;

static void take_both(int one, int other) {
  mutex_lock(one);
  mutex_lock(other);
  mutex_unlock(other);
  mutex_unlock(one);
}

// One process after the other: no run of these can end in a deadlock.
static int one_by_one(void (*bodies[])(void), int count) {
  for (int index = 0; index < count; index++) {
    if (fork() == 0) {
      bodies[index]();
      exit(0);
    }
    // Not waited for before all are there, or they would be kept apart.
    sleep(2);
  }
  for (int index = 0; index < count; index++)
    wait(0);
  return 0;
}

static void up(void) { take_both(first, second); }
static void down(void) { take_both(second, first); }
static void gated_up(void) {
  mutex_lock(third);
  up();
  mutex_unlock(third);
}
static void gated_down(void) {
  mutex_lock(third);
  down();
  mutex_unlock(third);
}
static void second_third(void) { take_both(second, third); }
static void third_first(void) { take_both(third, first); }

// A lock in one byte of the eight that it guards: an `sc` to them fails when the hart was lost between it and its `lr`.
static void spin(void) {
  for (int round = 0; round < 400; round++) {
    while (__atomic_test_and_set(&page->flag, __ATOMIC_ACQUIRE))
      ;
    page->number++;
    __atomic_clear((char *)&page->flag, __ATOMIC_RELEASE);
  }
}

static int is(const char *word, const char *other) { return !strcmp(word, other); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  page = (struct page *)shm_get("races");
  first = mutex_create("first");
  second = mutex_create("second");
  third = mutex_create("third");
  int ends[2], pair = -1;
  if (!page || pipe(ends) < 0)
    return 1;
  if (is(how, "orders"))
    return one_by_one((void (*[])(void)){up, down}, 2);
  if (is(how, "gate"))
    return one_by_one((void (*[])(void)){gated_up, gated_down}, 2);
  if (is(how, "circle"))
    return one_by_one((void (*[])(void)){up, second_third, third_first}, 3);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(7000)};
  if (is(how, "socket")) {
    pair = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(pair, (struct sockaddr *)&here, sizeof here) < 0 || listen(pair, 1) < 0)
      return 1;
  }
  page->number = 1;
  int child = fork();
  if (child == 0) {
    char byte;
    if (is(how, "pipe"))
      read(ends[0], &byte, 1);
    if (is(how, "socket")) {
      here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      int end = socket(AF_INET, SOCK_STREAM, 0);
      if (connect(end, (struct sockaddr *)&here, sizeof here) < 0 || read(end, &byte, 1) != 1)
        exit(1);
    }
    if (is(how, "atomic"))
      while (__atomic_fetch_add(&page->flag, 0, __ATOMIC_SEQ_CST) == 0)
        ;
    if (is(how, "flag"))
      while (__atomic_load_n(&page->flag, __ATOMIC_ACQUIRE) == 0)
        ;
    if (is(how, "flag-plain"))
      while (*(volatile int *)&page->flag == 0)
        ;
    if (is(how, "condition")) {
      mutex_lock(first);
      cv_wait(first);
      mutex_unlock(first);
    }
    if (is(how, "mutex"))
      mutex_lock(first);
    if (is(how, "bytes"))
      page->bytes[1] = 1;
    else if (is(how, "spin"))
      spin();
    else
      page->number += 1;
    if (is(how, "mutex"))
      mutex_unlock(first);
    exit(0);
  }
  if (is(how, "wait"))
    wait(0);
  if (is(how, "mutex"))
    mutex_lock(first);
  if (is(how, "bytes"))
    page->bytes[2] = 1;
  else if (is(how, "spin"))
    spin();
  else
    page->number += 1;
  if (is(how, "mutex"))
    mutex_unlock(first);
  if (is(how, "pipe"))
    write(ends[1], "x", 1);
  if (is(how, "socket"))
    write(accept(pair, 0, 0), "x", 1);
  if (is(how, "atomic"))
    __atomic_fetch_add(&page->flag, 1, __ATOMIC_SEQ_CST);
  if (is(how, "flag"))
    __atomic_store_n(&page->flag, 1, __ATOMIC_RELEASE);
  if (is(how, "flag-plain"))
    *(volatile int *)&page->flag = 1;
  if (is(how, "condition")) {
    sleep(2);
    cv_signal(first);
  }
  wait(0);
  return 0;
}
