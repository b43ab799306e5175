// What is done with one record of the manager's; Records.swift has what is done with all of them.
#include "swift.h"

int record_runs(const struct record *record) {
  struct cm_info info;
  return record->serial != 0 && !record->ended && record->cid != 0 &&
         cm_info(record->cid, &info) == record->cid;
}

int record_lives(const struct record *record) {
  if (record->serial == 0 || record->ended)
    return 0;
  return (record->keeper > 0 && prio_get(record->keeper) >= 0) || record_runs(record);
}

int record_container(const struct record *record) { return record->serial ? record->cid : 0; }

int record_is_named(struct record *record, const char *name) {
  record->name[RECORD_NAME - 1] = 0;
  return strcmp(record->name, name) == 0;
}

static void copy(char *to, const char *from, size_t capacity) {
  size_t length = strlen(from);
  memcpy(to, from, length < capacity ? length + 1 : capacity - 1);
}

void record_describe(struct record *record, int limit, const char *init, const char *root,
                     const char *name) {
  record->limit = limit;
  copy(record->init, init, RECORD_TEXT);
  copy(record->root, root, RECORD_TEXT);
  copy(record->name, name, RECORD_NAME);
}

const char *record_name(struct record *record) { return record->name; }
const char *record_init(struct record *record) { return record->init; }
const char *record_root(struct record *record) { return record->root; }

void record_terminate(struct record *record) {
  record->init[RECORD_TEXT - 1] = record->root[RECORD_TEXT - 1] = record->name[RECORD_NAME - 1] = 0;
}

void record_rename(struct record *record, const char *name) {
  memset(record->name, 0, RECORD_NAME);
  copy(record->name, name, RECORD_NAME);
}

void record_forget(struct record *record, int cid, uint32_t serial) {
  if (record->cid == cid)
    __atomic_compare_exchange_n(&record->serial, &serial, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void start_service(const char *program) {
  char *words[] = {(char *)program, 0};
  if (fork() == 0) {
    exec(program, words);
    exit(1);
  }
  wait(0);
}
