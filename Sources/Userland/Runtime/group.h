// The files of a container's group in /cgroup, as somebody outside writes them: /cgroup/c3/pids.max.
#pragma once

#include "limit.h"

// A path with a number in it, `/cgroup/c3/pids.max`; the caller frees it.
char *numbered_path(const char *before, int number, const char *name);

// Writes a value to a file of a container's group. 0, or -1 if the machine does not take it.
int group_write(int container, const char *file, const char *value);

// Gives a container the name by which the host's ports find it, if that can be one (`net.name`).
void group_name(int container, const char *name);

// Sets all limits that have been given but that of processes. The first that the machine does not take, and 0 if
// there is none.
int group_limit_all(int container, const struct limits *limits);
