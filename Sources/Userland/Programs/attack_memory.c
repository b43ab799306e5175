// attack_memory: tries to read what others have written and to write what others read: pages that
// were freed, pages shared by fork, pages shared by name that are gone, addresses behind which there
// is nothing. It begins outside, where the secrets are. As `attack_memory scan` it is a new program
// that looks for secrets where no program has written yet.
#include "attack.h"

enum { SECRET = 0x53454352, PAGES = 48, WORDS = PGSIZE / 4 };

static volatile int untouched[2 * WORDS];

static void fill(volatile int *words, int count, int word) {
  for (int index = 0; index < count; index++)
    words[index] = word;
}

// How many of the words are something.
static int count_written(volatile int *words, int count) {
  int found = 0;
  for (int index = 0; index < count; index++)
    found += words[index] != 0;
  return found;
}

static void enter(void) {
  if (cm_create_and_enter() < 0)
    exit(2);
}

// A page of its own, at the end of the heap.
static volatile int *new_pages(int count) {
  uintptr_t size = (uintptr_t)sbrk(0);
  if (size % PGSIZE)
    sbrk((int)(PGSIZE - size % PGSIZE));
  char *pages = sbrk(count * PGSIZE);
  if (pages == (char *)-1)
    exit(2);
  return (volatile int *)pages;
}

// MARK: Freed pages

static void leave_secrets(void) {
  if (fork() == 0) {
    fill(new_pages(PAGES), PAGES * WORDS, SECRET);
    exit(0);
  }
  wait(0);
}

static void read_freed(void) {
  leave_secrets();
  if (attack_enter(fork())) {
    enter();
    attack_try_number(count_written(new_pages(2 * PAGES), 2 * PAGES * WORDS), "reading a heap of pages",
                      2 * PAGES);
    attack_leave();
  }
  for (int round = 0; round < 3; round++) {
    leave_secrets();
    if (attack_enter(fork())) {
      enter();
      for (int size = 1; size <= 3 * PGSIZE; size += 1000) {
        // Less and more by parts of pages: what comes back is empty.
        volatile char *part = sbrk(size);
        int found = 0;
        for (int index = 0; index < size; index++)
          found += part[index] != 0;
        attack_try_number(found, "reading bytes of a new heap", size);
        memset((void *)part, 1, (size_t)size);
        sbrk(-size);
      }
      attack_leave();
    }
    leave_secrets();
    if (attack_enter(fork())) {
      enter();
      char *page = shm_get("fresh");
      attack_try(count_written((volatile int *)page, WORDS), "reading a new shared page");
      fill((volatile int *)page, WORDS, SECRET);
      shm_rem("fresh");
      page = shm_get("fresh");
      attack_try(count_written((volatile int *)page, WORDS), "reading it when it is new again");
      attack_leave();
    }
  }
  attack_family("pages that were freed");
}

static void scan(void) {
  attack_try(count_written(untouched, 2 * WORDS), "reading the data of a new program");
  uintptr_t stack = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(PGSIZE - 1);
  // From the page's beginning to what this function uses.
  attack_try(count_written((volatile int *)stack, WORDS / 4), "reading below its stack");
  attack_leave();
}

static void read_after_exec(void) {
  for (int round = 0; round < 3; round++) {
    leave_secrets();
    if (attack_enter(fork())) {
      enter();
      exec("/attack_memory", (char *[]){"/attack_memory", "scan", 0});
      exit(2);
    }
  }
  attack_family("pages of a new program");
}

// MARK: Pages shared by fork

// Parent, child and grandchild write in turn; none sees what the others have written.
static void share_by_fork(void) {
  volatile int *page = new_pages(2);
  int ends[2];
  pipe(ends);
  fill(page, 2 * WORDS, 1);
  int child = fork();
  if (child == 0) {
    attack_enter(0);
    char byte;
    enter();
    read(ends[0], &byte, 1);
    attack_try(page[0] != 1, "seeing what the parent has written");
    page[1] = 3;
    // The kernel writes where the process could.
    write(ends[1], "abcd", 4);
    read(ends[0], (void *)(page + WORDS), 4);
    if (fork() == 0) {
      page[2] = 4;
      exit(0);
    }
    wait(0);
    attack_try(page[2] != 1, "seeing what a child has written");
    attack_leave();
  }
  page[0] = 2;
  write(ends[1], "", 1);
  attack_enter(child);
  attack_try(page[1] != 1, "writing what the parent reads");
  attack_try(page[2] != 1, "writing what the grandparent reads");
  attack_try(page[WORDS] != 1, "having the kernel write what the parent reads");
  close(ends[0]);
  close(ends[1]);
  sbrk(-2 * PGSIZE);
  attack_family("pages shared by fork");
}

// MARK: Addresses

// Each access is made by a child, which ends there if the kernel is right.
static void access(uintptr_t address, const char *load, const char *store) {
  if (attack_enter(fork())) {
    int word = *(volatile int *)address;
    attack_try_number(1, load, (long)word);
    attack_leave();
  }
  attack_try_number(!attack_was_ended(), load, (long)address);
  if (attack_enter(fork())) {
    *(volatile int *)address = SECRET;
    attack_leave();
  }
  attack_try_number(!attack_was_ended(), store, (long)address);
}

static void give_to_kernel(uintptr_t address, const char *way) {
  int ends[2];
  pipe(ends);
  attack_try_number(write(ends[1], (void *)address, 4) > 0, way, (long)address);
  write(ends[1], "abcd", 4);
  attack_try_number(read(ends[0], (void *)address, 4) >= 0, way, (long)address);
  attack_try_number(ps((struct proc_info *)address, 1) >= 0, way, (long)address);
  close(ends[0]);
  close(ends[1]);
}

static void remove_shared(void) {
  char *page = shm_get("gone");
  fill((volatile int *)page, WORDS, SECRET);
  // Another one keeps it, so that there still is something to see.
  int keeper = fork();
  if (keeper == 0) {
    sleep(1000000);
    exit(0);
  }
  shm_rem("gone");
  access((uintptr_t)page, "reading a page that was removed, at", "writing one, at");
  give_to_kernel((uintptr_t)page, "having the kernel use one, at");
  kill(keeper);
  wait(0);
  access((uintptr_t)page, "reading a page that is gone, at", "writing one, at");

  page = shm_get("kept");
  fill((volatile int *)page, WORDS, SECRET);
  if (attack_enter(fork())) {
    enter();
    access((uintptr_t)page, "reading a page from outside, at", "writing one, at");
    give_to_kernel((uintptr_t)page, "having the kernel use one, at");
    volatile int *own = (volatile int *)shm_get("kept");
    attack_try(count_written(own, WORDS), "reading the page of that name");
    fill(own, WORDS, 1);
    attack_leave();
  }
  volatile int *kept = (volatile int *)page;
  int changed = 0;
  for (int index = 0; index < WORDS; index++)
    changed += kept[index] != SECRET;
  attack_try(changed, "writing it from inside");
  shm_rem("kept");
  attack_family("shared pages that are gone");
}

static void use_addresses(void) {
  if (attack_enter(fork())) {
    enter();
    uintptr_t heap = ((uintptr_t)sbrk(0) + PGSIZE - 1) & ~(uintptr_t)(PGSIZE - 1);
    uintptr_t stack = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(PGSIZE - 1);
    const uintptr_t nowhere[] = {
        heap,         heap + PGSIZE, stack - 4,           0x3fffffe000,        0x3ffffff000,
        0x4000000000, 0x80000000,    0x8000000000000000u, 0xffffffffffffff00u,
    };
    for (int index = 0; index < 9; index++) {
      access(nowhere[index], "reading", "writing");
      give_to_kernel(nowhere[index], "having the kernel use");
    }
    attack_leave();
  }
  attack_family("addresses with nothing behind");
}

static void write_text(void) {
  volatile int *text = (volatile int *)((uintptr_t)&write_text & ~(uintptr_t)3);
  int before = *text, ends[2];
  if (attack_enter(fork())) {
    *text = SECRET;
    attack_leave();
  }
  attack_try(!attack_was_ended(), "storing");
  pipe(ends);
  write(ends[1], "abcd", 4);
  attack_try(read(ends[0], (void *)text, 4) >= 0, "reading a pipe to it");
  attack_try(pipe((int *)text) >= 0, "opening a pipe to it");
  attack_try(ps((struct proc_info *)text, 1) >= 0, "listing processes to it");
  struct stat *status = (struct stat *)(uintptr_t)text;
  int file = open("/", O_RDONLY);
  attack_try(fstat(file, status) >= 0, "describing a file to it");
  close(file);
  close(ends[0]);
  close(ends[1]);
  attack_try(*text != before, "changing it");
  attack_family("the program's own text");
}

int main(int argc, char **argv) {
  attack_begin("attack_memory");
  if (argc > 1 && strcmp(argv[1], "scan") == 0)
    scan();
  attack_from_outside();
  read_freed();
  read_after_exec();
  share_by_fork();
  remove_shared();
  use_addresses();
  write_text();
  return attack_verdict();
}
