// Looking for one process among those in sight.
#include "guest.h"

int process_find(int pid, struct proc_info *found) {
  for (int room = 64;; room *= 2) {
    struct proc_info *table = malloc((size_t)room * sizeof *table);
    if (!table)
      return -1;
    int count = ps(table, room), seen = 0;
    for (int index = 0; index < count && !seen; index++)
      if (table[index].pid == pid) {
        *found = table[index];
        seen = 1;
      }
    free(table);
    if (seen || count < room)
      return seen;
  }
}

void process_end_orphan(int pid, const char *program) {
  struct proc_info found;
  if (pid > 0 && process_find(pid, &found) > 0 && found.parent == 1 && !strcmp(found.name, program))
    kill(pid);
}
