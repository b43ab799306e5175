// A library to be preloaded (LD_PRELOAD): it kills its process with SIGKILL just before that makes
// its Nth change to a file, N being in the environment as KILL_AT. Changes are what SQLite makes:
// writes at a place, cuts, forced writes and removals.
