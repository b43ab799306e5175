// attack_args: tries to confuse the kernel by what it is given: in every argument of every call a
// pointer to nowhere, to text, to another's page, to a page's end, and numbers that are no sizes.
// What comes back is of no matter; the process, its page and its text are as they were.
#include "attack.h"

enum { CALLS = 43, ARGUMENTS = 4 };

static long call(long number, const uint64_t *arguments) {
  register uint64_t a0 __asm__("a0") = arguments[0];
  register uint64_t a1 __asm__("a1") = arguments[1];
  register uint64_t a2 __asm__("a2") = arguments[2];
  register uint64_t a3 __asm__("a3") = arguments[3];
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
  return (long)a0;
}

// Calls that would last, multiply or end the caller, whatever they are given.
static int is_left_out(long number) {
  switch (number) {
  case 1:   // fork
  case 2:   // exit
  case 13:  // sleep
    return 1;
  }
  return 0;
}

// Which arguments of a call are pointers: a bit for each.
static int pointers(long number) {
  switch (number) {
  case 3:   // wait
  case 4:   // pipe
  case 9:   // chdir
  case 15:  // open
  case 17:  // mknod
  case 18:  // unlink
  case 20:  // mkdir
  case 22:  // setroot
  case 25:  // cm_setroot
  case 28:  // shm_get
  case 29:  // shm_rem
  case 30:  // mutex_create
  case 40:  // ps
    return 1;
  case 5:   // read
  case 8:   // fstat
  case 16:  // write
  case 39:  // cm_info
    return 2;
  case 7:   // exec
  case 19:  // link
    return 3;
  }
  return 0;
}

static char page[2 * PGSIZE] __attribute__((aligned(PGSIZE)));
static uint64_t nowhere[8];
static int ends[2];  // of a pipe that holds a few bytes

static void find_places(void) {
  uint64_t heap = ((uint64_t)sbrk(0) + PGSIZE - 1) & ~(uint64_t)(PGSIZE - 1);
  nowhere[0] = heap;
  nowhere[1] = heap + 123;
  nowhere[2] = 0x3fffffe000;
  nowhere[3] = 0x4000000000;
  nowhere[4] = 0x7fffffffffffffff;
  nowhere[5] = 0x8000000000000000;
  nowhere[6] = 0xfffffffffffff000;
  nowhere[7] = 0xffffffffffffffff;
}

static void fill_pipe(void) {
  pipe(ends);
  write(ends[1], "abcdefgh", 8);
}

// Arguments that a call can make use of, so that one bad one is all that stands in the way.
static void prepare(uint64_t *arguments, long number) {
  static char path[] = "/file", name[] = "name";
  for (int index = 0; index < ARGUMENTS; index++)
    arguments[index] = 1;
  switch (number) {
  case 5:
  case 16:
    arguments[0] = (uint64_t)ends[number == 16];
    arguments[1] = (uint64_t)page;
    arguments[2] = 4;
    break;
  case 7:
  case 19:
    arguments[0] = arguments[1] = (uint64_t)path;
    break;
  case 28:
  case 29:
  case 30:
    arguments[0] = (uint64_t)name;
    break;
  }
}

static void point_nowhere(void) {
  for (long number = 1; number < CALLS; number++) {
    if (is_left_out(number) || !pointers(number))
      continue;
    if (attack_enter(fork())) {
      uint64_t arguments[ARGUMENTS];
      fill_pipe();
      if (number == 3 && fork() == 0)
        exit(0);
      for (int index = 0; index < 2; index++) {
        if (!(pointers(number) >> index & 1))
          continue;
        for (int place = 0; place < 8; place++) {
          prepare(arguments, number);
          arguments[index] = nowhere[place];
          long result = call(number, arguments);
          // A pipe takes none of the bytes that are nowhere, which is a count like any other.
          long nothing = number == 28 || (number == 16 && result == 0) ? 0 : -1;
          attack_try_number(result != nothing, "a pointer to nowhere in call", number);
        }
      }
      attack_leave();
    }
    attack_try_number(attack_was_ended(), "ending the process by call", number);
  }
  attack_family("pointers to nowhere");
}

// What the kernel would write goes to text, which may not be written.
static void point_to_text(void) {
  static const int writers[] = {3, 4, 5, 8, 39, 40};
  uint64_t text = (uint64_t)&point_to_text & ~(uint64_t)7;
  uint64_t before = *(volatile uint64_t *)text;
  for (int writer = 0; writer < 6; writer++) {
    if (attack_enter(fork())) {
      uint64_t arguments[ARGUMENTS] = {1, 1, 8, 0};
      fill_pipe();
      if (fork() == 0)
        exit(0);
      int file = open("/", O_RDONLY);
      arguments[0] = (uint64_t)(writers[writer] == 8 ? file : ends[0]);
      arguments[pointers(writers[writer]) == 2] = text;
      attack_try_number(call(writers[writer], arguments) != -1, "text in call", writers[writer]);
      attack_try_number(*(volatile uint64_t *)text != before, "writing text by call", writers[writer]);
      attack_leave();
    }
  }
  attack_family("pointers to text");
}

// The first bytes are there, the others are not.
static void point_over_the_end(void) {
  uint64_t end = nowhere[0];
  if ((uint64_t)sbrk(0) % PGSIZE)
    sbrk((int)(end - (uint64_t)sbrk(0)));
  for (long number = 1; number < CALLS; number++) {
    if (is_left_out(number) || !pointers(number) || number == 3)
      continue;
    if (attack_enter(fork())) {
      uint64_t arguments[ARGUMENTS];
      fill_pipe();
      for (int bytes = 1; bytes < 4; bytes++) {
        memset((char *)end - 4, 'x', 4);
        prepare(arguments, number);
        arguments[pointers(number) == 2] = end - (uint64_t)bytes;
        long result = call(number, arguments);
        // A pipe takes the bytes that are there.
        int worked = number == 28   ? result != 0
                     : number == 16 ? result > bytes
                                    : result != -1 && number != 5;
        attack_try_number(worked, "a page's end in call", number);
      }
      attack_leave();
    }
    attack_try_number(attack_was_ended(), "ending the process by call", number);
  }
  attack_family("pointers over the end of a page");
}

// Files that a call has made of whatever stood where its path was to be.
static void clean_up(void) {
  struct dirent entry;
  char name[DIRSIZ + 1];
  int root = open("/", O_RDONLY);
  while (read(root, &entry, sizeof entry) == sizeof entry) {
    memcpy(name, entry.name, DIRSIZ);
    name[DIRSIZ] = 0;
    if (entry.inum && strcmp(name, "file") != 0 && strcmp(name, "attack_args") != 0)
      unlink(name);
  }
  close(root);
}

static void mix_numbers(long number) {
  static const uint64_t numbers[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffffffffffff, 0x3fffffe000};
  for (int first = 0; first < 6; first++)
    for (int second = 0; second < 6; second++) {
      uint64_t arguments[ARGUMENTS] = {numbers[first], numbers[second],
                                       numbers[(first + second) % 6], 8};
      // Its input may never come; and process 1 is this attack, which would kill itself.
      if ((number != 5 || first > 0) && (number != 6 || first != 1))
        call(number, arguments);
    }
}

// Every call with every mixture of a few numbers, in processes of their own; and numbers that no
// call has.
static void mix(void) {
  memset(page, 0x5a, sizeof page);
  for (long number = 1; number < CALLS; number++) {
    if (is_left_out(number) || number == 3)
      continue;
    int child = fork();
    if (child == 0) {
      close(1);
      mix_numbers(number);
      exit(0);
    }
    while (wait(0) != child)
      ;
    int changed = 0;
    for (unsigned index = 0; index < sizeof page; index++)
      changed += page[index] != 0x5a;
    attack_try_number(changed, "another's page by call", number);
    attack_try_number(getcid() < 1 || prio_get(getpid()) < 1, "another's right by call", number);
  }
  static const long unknown[] = {0, CALLS, 0x7fffffff, -1};
  for (int index = 0; index < 4; index++)
    attack_try_number(call(unknown[index], (uint64_t[ARGUMENTS]){0}) != -1, "call", unknown[index]);
  attack_family("numbers that are no sizes, and calls that are none");
}

// A call that fails takes nothing: as many of them as there are open files leave room for all.
static void refuse(void) {
  static char *bad[] = {(char *)-8, 0};
  for (int round = 0; round < 60; round++) {
    attack_try_number(pipe((int *)-8) == 0, "a pipe to nowhere, round", round);
    attack_try_number(exec("/attack_args", bad) >= 0, "a program with bad arguments, round", round);
  }
  int file = open("/file", O_RDONLY);
  attack_try(file < 0, "using up open files");
  attack_try(pipe(ends) < 0, "using up pipes");
  close(file);
  close(ends[0]);
  close(ends[1]);
  attack_family("what refusals leave behind");
}

int main(void) {
  attack_begin("attack_args");
  close(open("/file", O_CREATE));
  find_places();
  point_nowhere();
  point_to_text();
  point_over_the_end();
  refuse();
  mix();
  clean_up();
  return attack_verdict();
}
