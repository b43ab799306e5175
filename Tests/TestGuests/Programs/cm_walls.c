// What a container is: whom its processes see, what it cannot touch, and that it ends whole.
#include "contain.h"

static int outsider;  // the machine-wide pid of somebody else

static void sees_only_its_own(void) {
  static struct proc_info table[64];
  int me = getpid();
  CHECK(ps(table, 64) == 1);
  CHECK(table[0].pid == me && table[0].cid == getcid() && table[0].parent == 0);
  CHECK(me == 1 && outsider > 2);
  CHECK(kill(outsider) == -1 && kill(2) == -1);
  CHECK(prio_get(outsider) == -1 && prio_set(outsider, 15) == -1);
  CHECK(wait(0) == -1);
  int child = fork();
  if (child == 0) {
    sleep(1000000);
    exit(0);
  }
  CHECK(ps(table, 64) == 2);
  CHECK(table[1].pid == child && table[1].parent == me);
  CHECK(prio_get(child) >= 0 && prio_set(child, 12) == 0);
  CHECK(kill(child) == 0);
  int status;
  CHECK(wait(&status) == child && status == -1);
}

static void has_no_device(void) {
  CHECK(mknod("/dev", 1, 0) == -1);
  CHECK(open("/console", O_RDWR) == -1);
  CHECK(open("/console", O_RDONLY) == -1 && open("/console", O_WRONLY) == -1);
  CHECK(open("/console", O_CREATE | O_RDWR) == -1);
}

static struct gate told, stay;

// An orphan inside goes to the container's init.
static void adopts(void) {
  int me = getpid();
  int child = fork();
  if (child == 0) {
    int grandchild = fork();
    if (grandchild == 0) {
      sleep(2);
      exit(17);
    }
    exit(grandchild > 0 ? 0 : 1);
  }
  int status, orphan;
  CHECK(wait(&status) == child && status == 0);
  static struct proc_info table[64];
  CHECK(ps(table, 64) == 2 && table[1].parent == me);
  orphan = wait(&status);
  CHECK(orphan == table[1].pid && status == 17);
  CHECK(wait(0) == -1);
}

static int count_all(void) {
  static struct proc_info table[64];
  return ps(table, 64);
}

// When init exits, all of it goes: however it exits, and whatever the others are doing.
static void ends_whole(void) {
  for (int how = 0; how < 3; how++) {
    int before = count_all();
    told = make_gate();
    int init = fork();
    if (init == 0) {
      CHECK(cm_create_and_enter() == 0);
      int mutex = mutex_create("m");
      CHECK(shm_get("p") != 0);
      for (int child = 0; child < 4; child++)
        if (fork() == 0) {
          if (child == 0)
            fork();  // a grandchild as well
          if (child == 1)
            mutex_lock(mutex);
          tell(told, child);
          if (child == 2)
            for (;;)
              ;
          if (child == 3)
            exit(3);  // a zombie
          sleep(1000000);
        }
      for (int count = 0; count < 5; count++)
        hear(told);
      tell(told, 100);
      if (how == 0)
        exit(5);
      if (how == 1)
        *(volatile char *)-1 = 0;
      sleep(1000000);
    }
    if (how == 2) {
      sleep(5);
      CHECK(kill(init) == 0);
    }
    int status;
    CHECK(wait(&status) == init && status == (how == 0 ? 5 : -1));
    CHECK(wait(0) == -1);
    CHECK(count_all() == before);
    close(told.ends[0]);
    close(told.ends[1]);
  }
}

// What the dead held is free again: a hundred containers, each with pages, mutexes and files.
static void holds_everything(void) {
  char name[2] = "a";
  for (int index = 0; index < 12; index++, name[0]++) {
    CHECK(shm_get(name) != 0);
    int mutex = mutex_create(name);
    CHECK(mutex >= 0);
    CHECK(mutex_lock(mutex) == 0);
  }
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(open("/out", O_RDONLY) >= 0);
  CHECK(sbrk(1 << 20) != (char *)-1);
  for (int child = 0; child < 8; child++)
    fork();  // 2^8 would be; as many as there is room for
}
static void frees_everything(void) {
  for (int round = 0; round < 25; round++) {
    CHECK(in_container(holds_everything) == 0);
    CHECK(count_all() == 3);
  }
}

// A process outside sees all, and waits for the init that it made.
static void outside_sees_all(void) {
  static struct proc_info table[64];
  told = make_gate();
  stay = make_gate();
  int init = fork();
  if (init == 0) {
    CHECK(cm_create_and_enter() == 0);
    int child = fork();
    if (child == 0) {
      tell(told, getpid());
      sleep(1000000);
    }
    wait(0);
    exit(33);
  }
  CHECK(hear(told) == 2);
  int count = ps(table, 64), inner = 0;
  for (int index = 0; index < count; index++)
    if (table[index].cid > 0 && table[index].parent == init)
      inner = table[index].pid;
  CHECK(inner > init);
  CHECK(prio_get(inner) >= 0 && prio_set(inner, 14) == 0);
  CHECK(kill(inner) == 0);
  int status;
  CHECK(wait(&status) == init && status == 33);
}

// Two containers: each other's pids mean nothing.
static void strangers(void) {
  told = make_gate();
  stay = make_gate();
  int one = fork();
  if (one == 0) {
    CHECK(cm_create_and_enter() == 0);
    tell(told, getpid());
    await(stay);
    exit(0);
  }
  CHECK(hear(told) == 1);
  outsider = one;
  CHECK(in_container(sees_only_its_own) == 0);
  open_gate(stay);
  int status;
  CHECK(wait(&status) == one && status == 0);
}

int main(void) {
  make_file("/out", "out");
  stay = make_gate();
  outsider = fork();
  if (outsider == 0) {
    await(stay);
    exit(0);
  }
  CHECK(in_container(sees_only_its_own) == 0);
  open_gate(stay);
  CHECK(wait(0) == outsider);
  CHECK(status_of(strangers) == 0);
  CHECK(in_container(has_no_device) == 0);
  CHECK(in_container(adopts) == 0);
  CHECK(status_of(ends_whole) == 0);
  CHECK(status_of(frees_everything) == 0);
  CHECK(status_of(outside_sees_all) == 0);
  return 0;
}
