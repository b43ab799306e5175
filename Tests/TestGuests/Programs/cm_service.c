// The container manager against clients of every kind: in a row, killed at any moment, dead with the
// lock in their hands, and sending garbage. It serves the next one as if nothing had been, and in
// the end nothing is missing.
#include "channel.h"
#include "contain.h"
#include "manager.h"

// Starts a client that has no input.
static int start(const char *first, const char *second) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(0);
    CHECK(open("/nothing", O_RDONLY) == 0);
    exec("/dockv6", (char *[]){"/dockv6", (char *)first, (char *)second, 0});
    exit(126);
  }
  return child;
}

static int dockv6(const char *first, const char *second) {
  int child = start(first, second), status = -2;
  CHECK(wait(&status) == child);
  return status;
}

static void burn(int loops) {
  while (loops-- > 0)
    __asm__ volatile("");
}

static int process_count(void) {
  static struct proc_info table[64];
  return ps(table, 64);
}

// Waits until the manager's servers have gone as well.
static void settle(int processes) {
  for (int tick = 0; tick < 300 && process_count() != processes; tick++)
    sleep(1);
  static struct proc_info table[64];
  int count = ps(table, 64);
  if (count != processes)
    for (int index = 0; index < count; index++)
      printf("%d of %d in %d: %s, state %d\n", table[index].pid, table[index].parent,
             table[index].cid, table[index].name, table[index].state);
  CHECK(count == processes);
}

// Everything that can run out, counted by having it run out.
struct census {
  int processes, pages, mutexes, files, kilobytes;
};
static struct gate told;
static void count_pages(void) {
  char name[3] = "?a";
  int count = 0;
  for (; count < 100; count++, name[1]++)
    if (!shm_get(name))
      break;
  tell(told, count);
}
static void count_memory(void) {
  int kilobytes = 0;
  for (int size = 1 << 27; size >= PGSIZE; size /= 2)
    if (sbrk(size) != (char *)-1)
      kilobytes += size / 1024;
  tell(told, kilobytes);
}
static void count_files(void) {
  int all = 0;
  struct gate gate = make_gate(), here = make_gate();
  for (int child = 0; child < 10; child++)
    if (fork() == 0) {
      int count = 0;
      while (open("/nothing", O_RDONLY) >= 0)
        count++;
      tell(here, count);
      await(gate);
      exit(0);
    }
  for (int child = 0; child < 10; child++)
    all += hear(here);
  open_gate(gate);
  while (wait(0) > 0)
    ;
  tell(told, all);
}
static void count_mutexes(void) {
  int all = 0;
  struct gate gate = make_gate(), here = make_gate();
  for (int child = 0; child < 5; child++)
    if (fork() == 0) {
      char name[3] = {(char)('A' + child), 'a', 0};
      int count = 0;
      for (; mutex_create(name) >= 0; name[1]++)
        count++;
      tell(here, count);
      await(gate);
      exit(0);
    }
  for (int child = 0; child < 5; child++)
    all += hear(here);
  open_gate(gate);
  while (wait(0) > 0)
    ;
  tell(told, all);
}
static int counted(void (*body)(void)) {
  told = make_gate();
  CHECK(status_of(body) == 0);
  int count = hear(told);
  open_gate(told);
  return count;
}
static struct census take_census(void) {
  return (struct census){process_count(), counted(count_pages), counted(count_mutexes),
                         counted(count_files), counted(count_memory)};
}
static void check_census(struct census before, const char *what) {
  settle(before.processes);
  struct census now = take_census();
  if (memcmp(&now, &before, sizeof now) == 0)
    return;
  printf("after %s: processes %d %d, pages %d %d, mutexes %d %d, files %d %d, memory %d %d\n", what,
         before.processes, now.processes, before.pages, now.pages, before.mutexes, now.mutexes,
         before.files, now.files, before.kilobytes, now.kilobytes);
  exit(1);
}

static void serves(void) { CHECK(dockv6("run", "/quick.json") == 7); }

static void all_verbs(void) {
  CHECK(dockv6("/quick.json", 0) == 7);
  CHECK(dockv6("ps", 0) == 0);
  CHECK(dockv6("create", "/quick.json") == 0);
  CHECK(dockv6("logs", "1") == 0);
  CHECK(dockv6("logs", "999") == 1);
  CHECK(dockv6("kill", "999") == 1);
  CHECK(dockv6("exec", "1") == 1);  // usage
  CHECK(dockv6("nonsense", "1") == 1);
  CHECK(dockv6("/missing.json", 0) == 1);
  CHECK(dockv6("/bad.json", 0) == 1);
  CHECK(dockv6("/dead.json", 0) == 127);
  CHECK(dockv6("/noroot.json", 0) == 1);
}

static void forty_in_a_row(void) {
  for (int request = 0; request < 40; request++)
    serves();
}

// Starts a client whose input comes from a pipe.
static int start_reading(const char *spec, const int *ends) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(0);
    dup(ends[0]);
    close(ends[0]);
    close(ends[1]);
    exec("/dockv6", (char *[]){"/dockv6", (char *)spec, 0});
    exit(126);
  }
  return child;
}

// The same with a client whose input never comes: the process that reads it goes with the client.
static void killed_while_reading(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  for (int delay = 0; delay < 24; delay++) {
    int child = start_reading("/stdin.json", ends);
    burn(delay * 3000);
    if (delay % 3 == 0)
      CHECK(write(ends[1], "sleep 100000\n", 13) == 13);
    if (delay % 4 == 3)
      sleep(1);
    kill(child);
    CHECK(wait(0) == child);
  }
  close(ends[0]);
  close(ends[1]);
}

// The client is killed after so many instructions, whatever it is doing then.
static void killed_half_way(const char *spec) {
  for (int delay = 0; delay < 64; delay++) {
    int child = start(spec, 0);
    burn(delay * 400);
    if (delay % 4 == 3)
      sleep(1);
    kill(child);
    CHECK(wait(0) == child);
  }
}

// Starts one more program in the container called "slow".
static int start_exec(const char *program, const char *first, const char *second) {
  int child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(0);
    CHECK(open("/nothing", O_RDONLY) == 0);
    exec("/dockv6", (char *[]){"/dockv6", "exec", "slow", (char *)program, (char *)first,
                               (char *)second, 0});
    exit(126);
  }
  return child;
}

// A client that runs one more program is killed at any moment, and others leave something behind that
// holds their pipes.
static void killed_in_exec(void) {
  int status = -2;
  CHECK(dockv6("create", "/named.json") == 0);
  CHECK(dockv6("create", "/named.json") == 1);  // its name is taken
  for (int delay = 0; delay < 32; delay++) {
    int child = start_exec("/sleep", "100000", 0);
    burn(delay * 800);
    if (delay % 4 == 3)
      sleep(1);
    kill(child);
    CHECK(wait(0) == child);
  }
  for (int round = 0; round < 3; round++) {
    int child = start_exec("/sh", "-c", "sleep 100000 & exit 5");
    CHECK(wait(&status) == child && status == 5);
  }
  CHECK(dockv6("kill", "slow") == 0);
}

static struct request_page *region;
static int lock, turn;
static void attach(void) {
  region = (struct request_page *)shm_get("cm");
  lock = mutex_create("cm");
  turn = mutex_create("cm.turn");
  CHECK(region && lock >= 0 && turn >= 0 && region->magic == REQUEST_MAGIC);
}

static void dies_with_the_turn(void) {
  attach();
  CHECK(mutex_lock(turn) == 0);
  exit(0);
}
static void dies_with_the_lock(void) {
  attach();
  CHECK(mutex_lock(turn) == 0 && mutex_lock(lock) == 0);
  *(volatile char *)-1 = 0;
}

// Takes the turn as a client does, and puts in bytes as the manager takes them out.
static struct ring take_turn(void) {
  struct ring ring = ring_at((char *)region + REQUEST_RING_AT, REQUEST_CAPACITY, lock, lock);
  CHECK(mutex_lock(turn) == 0 && mutex_lock(lock) == 0);
  ring.page->taken = ring.page->put;
  ring.page->ended = 0;
  region->turn++;
  mutex_unlock(lock);
  return ring;
}
static void put(const struct ring *ring, const void *bytes, uint32_t count) {
  for (uint32_t done = 0, part; done < count; done += part) {
    part = count - done < REQUEST_CAPACITY ? count - done : REQUEST_CAPACITY;
    CHECK(mutex_lock(lock) == 0);
    while (ring_count(ring) > 0) {
      mutex_unlock(lock);
      sleep(1);
      mutex_lock(lock);
    }
    ring_copy_in(ring, (const char *)bytes + done, part);
    mutex_unlock(lock);
    cv_signal(lock);
  }
}

static int words;  // how much of a message it sends before it dies
static struct request_head head;
static void dies_in_the_middle(void) {
  attach();
  struct ring ring = take_turn();
  static char bytes[5000];
  memcpy(bytes, &head, sizeof head);
  put(&ring, bytes, (uint32_t)words);
  exit(0);
}
static void partial_messages(void) {
  head = (struct request_head){REQUEST_MAGIC, ASK_RUN, getpid(), 0, 6000};
  static const int sizes[] = {1, 7, 19, 20, 21, 100, 2048, 5000};
  for (int size = 0; size < 8; size++) {
    words = sizes[size];
    CHECK(status_of(dies_in_the_middle) == 0);
    serves();
  }
  static const uint32_t counts[] = {0x80000000, 0xffffffff, REQUEST_MAX + 1, 0x7fffffff};
  for (int count = 0; count < 4; count++) {
    head.count = counts[count];
    words = 20 + 40 * count;
    CHECK(status_of(dies_in_the_middle) == 0);
    serves();
  }
  head.magic = 1;
  head.count = 0;
  words = 300;
  CHECK(status_of(dies_in_the_middle) == 0);
  serves();
}

static uint32_t noise = 1;
static uint32_t next_noise(void) {
  noise ^= noise << 13;
  noise ^= noise >> 17;
  return noise ^= noise << 5;
}
static void scribbles(void) {
  attach();
  mutex_lock(turn);
  mutex_lock(lock);
  uint32_t *page = (uint32_t *)region;
  for (int at = 2; at < PGSIZE / 4; at++)
    page[at] = next_noise();
  mutex_unlock(lock);
  cv_signal(lock);
  sleep(1);
}
static void hostile_indices(void) {
  static const uint32_t values[] = {0, 1, 0x80000000, 0xffffffff, 2048, 2049, 0x7ffffff8};
  attach();
  struct ring_page *ring = (struct ring_page *)((char *)region + REQUEST_RING_AT);
  for (int first = 0; first < 7; first++)
    for (int second = 0; second < 7; second++) {
      ring->put = values[first];
      ring->taken = values[second];
      ring->ended = (uint32_t)second;
      region->turn += (uint32_t)first;
      cv_signal(lock);
      burn(300);
    }
}
static void garbage(void) {
  for (int round = 0; round < 12; round++) {
    noise = (uint32_t)round + 1;
    CHECK(status_of(scribbles) == 0);
    serves();
  }
  CHECK(status_of(hostile_indices) == 0);
  serves();
}

// Requests that are whole, but nonsense: the manager checks for itself.
static struct channel channel;
static int ask(int what, const void *bytes, uint32_t count, char *errors) {
  attach();
  char name[24] = "dockv6.";
  int pid = getpid(), digits = pid >= 1000 ? 4 : pid >= 100 ? 3 : pid >= 10 ? 2 : 1;
  for (int digit = digits - 1, rest = pid; digit >= 0; digit--, rest /= 10)
    name[7 + digit] = (char)('0' + rest % 10);
  CHECK(channel_open(&channel, name) == 0);
  channel_begin(&channel);
  struct ring ring = take_turn();
  struct request_head whole = {REQUEST_MAGIC, what, pid, 0, count};
  put(&ring, &whole, sizeof whole);
  put(&ring, bytes, count);
  mutex_unlock(turn);
  static uint8_t frame[FRAME_MAX];
  int kind, open = 2, status = -1;
  while (open > 0) {
    int length = channel_receive(&channel, &kind, frame);
    CHECK(length >= 0);
    if (kind == TELL_ERRORS) {
      memcpy(errors, frame, (size_t)length);
      errors[length] = 0;
    }
    if (kind == TELL_ENDED)
      memcpy(&status, frame, sizeof status);
    open -= kind == TELL_ENDED || kind == TELL_ERRORS_END;
  }
  return status;
}
static void raw_requests(void) {
  static char errors[FRAME_MAX + 1];
  static const char bad[] = "{\"init\": \"/x\",\n \"nproc\": 0}";
  CHECK(ask(ASK_RUN, bad, sizeof bad - 1, errors) == 1);
  CHECK(strcmp(errors, "cm: request:2:11: expected a number from 1 to 2147483647, found 0\n") == 0);
}
static void raw_nonsense(void) {
  static char errors[FRAME_MAX + 1];
  CHECK(ask(4711, "", 0, errors) == 1);
  CHECK(strcmp(errors, "cm: no such request\n") == 0);
}
static void raw_empty(void) {
  static char errors[FRAME_MAX + 1];
  CHECK(ask(ASK_RUN, "", 0, errors) == 1);
  CHECK(strcmp(errors, "cm: request:1:1: expected an object, found the end\n") == 0);
}
static void raw_exec(void) {
  static char errors[FRAME_MAX + 1];
  CHECK(ask(ASK_EXEC, "99\0/x", 6, errors) == 1);
  CHECK(strcmp(errors, "cm: no such container\n") == 0);
}

// Spoils the page that a client shares with its server, and kills the client.
static void spoil_channel(int client) {
  char name[16] = "dockv6.";
  int digits = client >= 1000 ? 4 : client >= 100 ? 3 : client >= 10 ? 2 : 1;
  for (int digit = digits - 1, rest = client; digit >= 0; digit--, rest /= 10)
    name[7 + digit] = (char)('0' + rest % 10);
  uint32_t *page = (uint32_t *)shm_get(name);
  for (int at = 0; at < PGSIZE / 4; at++)
    page[at] = next_noise();
  CHECK(shm_rem(name) == 0);
  sleep(1);
  kill(client);
  CHECK(wait(0) == client);
}
static void spoils_its_channel(void) {
  attach();
  int child = start("/slow.json", 0);
  sleep(3);
  spoil_channel(child);
}

// The same with a client that has sent input and whose next line never comes.
static void spoilt_while_reading(int processes) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  int child = start_reading("/stdin.json", ends);
  CHECK(write(ends[1], "\n", 1) == 1);
  sleep(5);
  spoil_channel(child);
  settle(processes);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  make_file("/nothing", "");
  CHECK(mkdir("/c") == 0);
  CHECK(link("/sh", "/c/sh") == 0 && link("/sleep", "/c/sleep") == 0);
  make_file("/quick.json", "{\"init\": [\"/sh\", \"-c\", \"exit 7\"], \"fs\": \"/c\", \"nproc\": 4}");
  make_file("/slow.json",
            "{\"init\": [\"/sh\", \"-c\", \"sleep 100000 & sleep 1000000\"], \"fs\": \"/c\", \"nproc\": 4}");
  make_file("/named.json",
            "{\"init\": [\"/sleep\", \"1000000\"], \"fs\": \"/c\", \"nproc\": 9, \"name\": \"slow\"}");
  make_file("/stdin.json", "{\"init\": \"/sh\", \"fs\": \"/c/\", \"nproc\": 4}");
  make_file("/dead.json", "{\"init\": \"/nothing\", \"fs\": \"/c\", \"nproc\": 4}");
  make_file("/noroot.json", "{\"init\": \"/sh\", \"fs\": \"/nowhere\", \"nproc\": 4}");
  make_file("/bad.json", "hello");
  int manager = fork();
  if (manager == 0) {
    exec("/cm", (char *[]){"/cm", 0});
    exit(126);
  }
  region = (struct request_page *)shm_get("cm");
  while (region->magic != REQUEST_MAGIC)
    sleep(1);
  CHECK(shm_rem("cm") == 0);
  serves();
  settle(3);

  struct census before = take_census();
  check_census(before, "nothing");
  all_verbs();
  check_census(before, "every verb");
  forty_in_a_row();
  check_census(before, "forty in a row");
  killed_half_way("/slow.json");
  serves();
  check_census(before, "clients killed");
  killed_while_reading();
  serves();
  check_census(before, "clients killed while reading");
  killed_in_exec();
  serves();
  check_census(before, "clients killed in exec");
  CHECK(status_of(dies_with_the_turn) == 0);
  CHECK(status_of(dies_with_the_lock) == -1);
  serves();
  partial_messages();
  check_census(before, "parts of messages");
  garbage();
  check_census(before, "garbage");
  CHECK(status_of(raw_requests) == 0);
  CHECK(status_of(raw_nonsense) == 0);
  CHECK(status_of(raw_empty) == 0);
  CHECK(status_of(raw_exec) == 0);
  check_census(before, "nonsense");
  for (int round = 0; round < 6; round++)
    CHECK(status_of(spoils_its_channel) == 0);
  for (int round = 0; round < 3; round++)
    spoilt_while_reading(before.processes);
  serves();
  check_census(before, "spoilt channels");
  CHECK(kill(manager) == 0 && wait(0) == manager);
  CHECK(dockv6("/quick.json", 0) == 1);  // there is no manager
  return 0;
}
