// Which files are programs. Each is put together here, byte by byte, and run.
#include "check.h"

typedef struct {
  unsigned char ident[16];
  uint16_t type, machine;
  uint32_t version;
  uint64_t entry, program_headers, section_headers;
  uint32_t flags;
  uint16_t size, program_header_size, program_header_count;
  uint16_t section_header_size, section_header_count, section_names;
} Header;

typedef struct {
  uint32_t type, flags;
  uint64_t offset, address, physical, file_size, memory_size, alignment;
} Segment;

enum { LOAD = 1, NOTE = 4, X = 1, W = 2, R = 4 };
enum { CODE_AT = 512, DATA_AT = 768, FILE_SIZE = 1024 };
enum { REFUSED = 1000, FINE = 42 };

// What the programs do, with the address that they do it to in a word at their end.
extern char exits[], loads[], stores[], jumps[];
__asm__(
    ".text\n"
    ".option push\n"
    ".option norelax\n"
    ".option norvc\n"
    ".macro PAYLOAD name, instruction:vararg\n"
    "  .balign 8\n"
    "\\name:\n"
    "  auipc t0, 0\n"
    "  ld t1, 56(t0)\n"
    "  li a0, 42\n"
    "  \\instruction\n"
    "  li a7, 2\n"
    "  ecall\n"
    "  .fill 8, 4, 0\n"
    ".endm\n"
    "PAYLOAD exits, nop\n"
    "PAYLOAD loads, lw a0, 0(t1)\n"
    "PAYLOAD stores, sw a0, 0(t1)\n"
    "PAYLOAD jumps, jr t1\n"
    ".option pop\n");

static char image[FILE_SIZE];
static Header *header = (Header *)image;
static Segment *segments = (Segment *)(image + sizeof(Header));
static int length;

// A program of one segment at 0, which starts at `entry` with a payload.
static void begin(const char *payload, uint64_t entry, uint64_t address) {
  memset(image, 0xee, sizeof image);
  memset(header, 0, sizeof *header);
  memcpy(header->ident, "\177ELF\2\1\1", 7);
  header->type = 2;
  header->machine = 243;
  header->version = 1;
  header->entry = entry;
  header->program_headers = sizeof *header;
  header->size = sizeof *header;
  header->program_header_size = sizeof *segments;
  header->program_header_count = 1;
  segments[0] = (Segment){.type = LOAD, .flags = R | X, .offset = CODE_AT - entry, .address = 0,
                          .file_size = entry + 64, .memory_size = entry + 64};
  memcpy(image + CODE_AT, payload, 64);
  memcpy(image + CODE_AT + 56, &address, 8);
  length = FILE_SIZE;
}

static Segment *add(Segment segment) {
  segments[header->program_header_count] = segment;
  return &segments[header->program_header_count++];
}

// Writes the program, runs it, and returns its status.
static int result(void) {
  int file = open("made", O_CREATE | O_WRONLY | O_TRUNC);
  CHECK(file >= 0);
  CHECK(write(file, image, length) == length);
  CHECK(close(file) == 0);
  int child = fork(), status;
  CHECK(child >= 0);
  if (child == 0) {
    char *arguments[] = {"made", 0};
    CHECK(exec("made", arguments) == -1);
    exit(REFUSED);
  }
  CHECK(wait(&status) == child);
  return status;
}

static void check_headers(void) {
  for (int at = 0; at < 6; at++) {
    begin(exits, 0, 0);
    image[at] ^= 3;
    CHECK(result() == REFUSED);
  }
  begin(exits, 0, 0);
  header->machine = 62;
  CHECK(result() == REFUSED);

  // What xv6 does not look at: type, version, and the size of a program header.
  int types[] = {0, 1, 3, 4, 0xffff};
  for (int index = 0; index < 5; index++) {
    begin(exits, 0, 0);
    header->type = (uint16_t)types[index];
    header->version = 7;
    header->program_header_size = (uint16_t)(index * 60);
    header->section_headers = ~0ull;
    CHECK(result() == FINE);
  }
  // Without a segment there is nothing to run, once it runs.
  begin(exits, 0, 0);
  header->program_header_count = 0;
  header->program_headers = ~0ull;
  CHECK(result() == -1);

  begin(exits, 0, 0);
  header->program_headers = FILE_SIZE;
  CHECK(result() == REFUSED);
  begin(exits, 0, 0);
  header->program_headers = ~0ull - 20;
  CHECK(result() == REFUSED);
  begin(exits, 0, 0);
  header->program_header_count = 60;
  CHECK(result() == REFUSED);

  // Cut short, at every place that matters.
  int cuts[] = {0, 1, 4, 63, 64, 100, CODE_AT, CODE_AT + 63};
  for (int index = 0; index < 8; index++) {
    begin(exits, 0, 0);
    length = cuts[index];
    CHECK(result() == REFUSED);
  }
  begin(exits, 0, 0);
  length = CODE_AT + 64;
  CHECK(result() == FINE);
}

static void check_segments(void) {
  begin(exits, 0, 0);
  segments[0].memory_size = 63;
  CHECK(result() == REFUSED);
  begin(exits, 0, 0);
  segments[0].address = 16;
  CHECK(result() == REFUSED);
  begin(exits, 0, 0);
  segments[0].file_size = segments[0].memory_size = FILE_SIZE;
  CHECK(result() == REFUSED);
  begin(exits, 0, 0);
  segments[0].offset = ~0ull - 10;
  CHECK(result() == REFUSED);

  // Of what is all zeros, nothing is looked for in the file.
  uint64_t offsets[] = {0, FILE_SIZE, FILE_SIZE + 1, 1ull << 63, ~0ull};
  for (int index = 0; index < 5; index++) {
    begin(loads, 0, 4096 + 8);
    add((Segment){.type = LOAD, .flags = R | W, .offset = offsets[index], .address = 4096,
                  .file_size = 0, .memory_size = 16});
    CHECK(result() == 0);
  }

  // Too large for the machine, for the address space, for 64 bits.
  uint64_t sizes[] = {1ull << 28, 1ull << 38, 1ull << 40, 1ull << 63, ~0ull, ~0ull - 4095};
  for (int index = 0; index < 6; index++) {
    begin(exits, 0, 0);
    segments[0].memory_size = sizes[index];
    CHECK(result() == REFUSED);
  }
  uint64_t places[] = {(1ull << 38) - 8192, 1ull << 38, 1ull << 62, ~0ull - 4095};
  for (int index = 0; index < 4; index++) {
    begin(exits, 0, 0);
    add((Segment){.type = LOAD, .flags = R, .offset = 0, .address = places[index],
                  .file_size = 16, .memory_size = 4096});
    CHECK(result() == REFUSED);
  }

  // Two that overlap, and the same one twice.
  begin(exits, 0, 0);
  segments[0].memory_size = 3 * PGSIZE;
  add((Segment){.type = LOAD, .flags = R | W, .address = PGSIZE, .memory_size = PGSIZE});
  CHECK(result() == FINE);
  begin(exits, 0, 0);
  add(segments[0]);
  CHECK(result() == FINE);

  // On one page the first says who may do what, the last what it holds, and no zeros are put there.
  begin(stores, 0, 0);
  segments[1] = segments[0];
  segments[0] = (Segment){.type = LOAD, .flags = R | W | X, .address = 0, .memory_size = PGSIZE};
  header->program_header_count = 2;
  CHECK(result() == FINE);
  begin(loads, 0, 128);
  memcpy(image + DATA_AT, "word", 4);
  segments[0].memory_size = 200;
  add((Segment){.type = LOAD, .flags = R, .offset = DATA_AT - 128, .address = 0, .file_size = 132,
                .memory_size = PGSIZE});
  memcpy(image + DATA_AT - 128, image + CODE_AT, 64);
  CHECK(result() == ('w' | 'o' << 8 | 'r' << 16 | 'd' << 24));

  // Out of order: what lies between belongs to the higher one that came first.
  begin(stores, PGSIZE, 2 * PGSIZE);
  segments[0] = (Segment){.type = LOAD, .flags = R | W | X, .offset = CODE_AT, .address = 3 * PGSIZE,
                          .file_size = 64, .memory_size = 64};
  add((Segment){.type = LOAD, .flags = R | X, .offset = CODE_AT, .address = PGSIZE,
                .file_size = 64, .memory_size = 64});
  CHECK(result() == FINE);

  // Of no bytes: a place that the program reaches to, unless it is still empty.
  begin(loads, 0, 3 * PGSIZE - 4);
  add((Segment){.type = LOAD, .flags = R, .offset = ~0ull, .address = 3 * PGSIZE});
  CHECK(result() == 0);
  begin(exits, 0, 0);
  segments[1] = segments[0];
  segments[0] = (Segment){.type = LOAD, .flags = R};
  header->program_header_count = 2;
  CHECK(result() == REFUSED);

  // Segments that are not to be loaded may say what they like.
  begin(exits, 0, 0);
  add((Segment){.type = NOTE, .offset = ~0ull, .address = 17, .file_size = ~0ull});
  add((Segment){.type = 0x70000003, .address = 1ull << 50, .file_size = 99, .memory_size = 1});
  CHECK(result() == FINE);

  // An empty one is none.
  begin(exits, 0, 0);
  add((Segment){.type = LOAD, .flags = R | W, .offset = FILE_SIZE});
  CHECK(result() == FINE);
}

static void check_memory(void) {
  // The entry need not be 0; outside all segments it is a fault, once the program runs.
  begin(exits, 100, 0);
  CHECK(result() == FINE);
  begin(exits, 0, 0);
  header->entry = 1ull << 40;
  CHECK(result() == -1);

  // Behind what the file gives there is nothing but zeros.
  begin(loads, 0, 64);
  segments[0].memory_size = 100;
  CHECK(result() == 0);
  begin(loads, 0, 3 * PGSIZE - 4);
  segments[0].memory_size = 3 * PGSIZE;
  CHECK(result() == 0);

  // Between segments too, from an odd place in the file.
  begin(loads, 0, 2 * PGSIZE);
  memcpy(image + DATA_AT + 1, "data", 4);
  add((Segment){.type = LOAD, .flags = R | W, .offset = DATA_AT + 1, .address = 5 * PGSIZE,
                .file_size = 4, .memory_size = 4});
  CHECK(result() == 0);
  begin(loads, 0, 5 * PGSIZE);
  memcpy(image + DATA_AT + 1, "data", 4);
  add((Segment){.type = LOAD, .flags = R | W, .offset = DATA_AT + 1, .address = 5 * PGSIZE,
                .file_size = 4, .memory_size = 4});
  CHECK(result() == ('d' | 'a' << 8 | 't' << 16 | 'a' << 24));

  // Text may not be written unless its flags say so; data may not be executed.
  begin(stores, 0, 0);
  CHECK(result() == -1);
  begin(stores, 0, 0);
  segments[0].flags = R | W | X;
  CHECK(result() == FINE);
  begin(exits, 0, 0);
  segments[0].flags = R | W;
  CHECK(result() == -1);
  begin(stores, 0, PGSIZE);
  add((Segment){.type = LOAD, .flags = R, .offset = 0, .address = PGSIZE, .memory_size = 64});
  CHECK(result() == -1);

  // Pages can be read in any case.
  begin(loads, 0, 60);
  segments[0].flags = X;
  CHECK(result() == 0);
  begin(loads, 0, PGSIZE);
  add((Segment){.type = LOAD, .flags = W, .offset = 0, .address = PGSIZE, .memory_size = 64});
  CHECK(result() == 0);

  // A guard page, the stack, and nothing.
  begin(loads, 0, PGSIZE);
  CHECK(result() == -1);
  begin(stores, 0, 2 * PGSIZE - 4);
  CHECK(result() == -1);
  begin(stores, 0, 2 * PGSIZE);
  CHECK(result() == FINE);
  begin(loads, 0, 3 * PGSIZE - 4);
  CHECK(result() >= 0);
  begin(loads, 0, 3 * PGSIZE);
  CHECK(result() == -1);
  begin(jumps, 0, 2 * PGSIZE);
  CHECK(result() == -1);
}

int main(void) {
  begin(exits, 0, 0);
  CHECK(result() == FINE);
  check_headers();
  check_segments();
  check_memory();

  // A text is no program.
  make_file("made", "echo hello\n");
  char *arguments[] = {"made", 0};
  CHECK(exec("made", arguments) == -1);
  return 0;
}
