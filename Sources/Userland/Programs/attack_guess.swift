// attack_guess: tries to reach others by guessing: every pid, every handle, every container, and the
// names that a manager, its clients and a neighbour would give to what they share.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_guess" as StaticString).path)
  family("pids") { guessProcesses() }
  family("handles of mutexes") { guessHandles() }
  family("containers") { guessContainers() }
  family("names of pages") { guessPages() }
  family("names of mutexes") { guessMutexes() }
  family("lists") { readLists() }
  return attack_verdict()
}

/// Runs the body for every number that is likely, and for those at the ends.
func forEachNumber(_ likely: Range<CInt>, _ body: (CInt) -> Void) {
  for number in likely { body(number) }
  for number in [
    CInt.min, CInt.min + 1, -65536, -256, 255, 256, 1000, 32767, 32768, 65535, 65536, 1 << 24,
    CInt.max - 1, CInt.max,
  ] where !likely.contains(number) {
    body(number)
  }
}

func guessProcesses() {
  let own = getpid()
  forEachNumber(-3..<300) { pid in
    if pid == own { return }
    attempt("prio_get of", pid, prio_get(pid) >= 0)
    attempt("prio_set of", pid, prio_set(pid, 15) == 0)
    attempt("kill of", pid, kill(pid) == 0)
  }
  attempt("waiting for another's child", wait(nil) >= 0)
  // A child's pid means nothing any more when the child is gone.
  for round in CInt(0)..<3 {
    let child = fork()
    if child == 0 { exit(0) }
    _ = wait(nil)
    attempt("a pid from before, round", round, kill(child) == 0 || prio_get(child) >= 0)
  }
}

func guessHandles() {
  forEachNumber(-3..<80) { handle in
    attempt("locking", handle, mutex_lock(handle) == 0)
    attempt("unlocking", handle, mutex_unlock(handle) == 0)
    attempt("waiting for", handle, cv_wait(handle) == 0)
    attempt("signalling", handle, cv_signal(handle) == 0)
    attempt("deleting", handle, mutex_delete(handle) == 0)
  }
}

func guessContainers() {
  let own = getcid()
  var info = cm_info()
  forEachNumber(-3..<100) { id in
    attempt("joining", id, cm_join(id) == 0)
    let found = cm_info(id, &info)
    attempt("looking at", id, found >= 0 && (found != own || info.cid != own || id > own))
  }
  attempt("a new one", cm_create_and_enter() == 0)
  attempt("another one now", getcid() != own)
}

// MARK: - Names

/// Runs the body for each name that somebody outside may have given.
func forEachName(_ body: (CString) -> Void) {
  for name in [
    "page", "mutex", "lock", "shm", "shared", "a", "0", "cm", "cm.turn", "cm.0", "cm.1", "cm.a",
    "cm.b", "cm.c", "cm.d", "cm.e", "cm.f", "cm.g", "cm.h",
  ] as [StaticString] {
    body(name.path)
  }
  let name = UnsafeMutablePointer<UInt8>.allocate(capacity: 512)
  for client in 1..<40 {
    for suffix in ["", ".d", ".r", ".u", ".0", ".1"] as [StaticString] {
      text_begin()
      text_string(("dockv6." as StaticString).path, 0)
      text_number(client, 0)
      text_string(suffix.path, 0)
      name[Int(text_take(name))] = 0
      body(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      if client > 12 { break }
    }
  }
}

func guessPages() {
  forEachName { name in
    attempt("shm_rem of ", name, shm_rem(name) == 0)
    guard let page = shm_get(name) else { return }
    var isEmpty = true
    for index in 0..<Int(PGSIZE) where page[index] != 0 { isEmpty = false }
    attempt("the page ", name, !isEmpty)
    memset(page, 0x21, Int(PGSIZE))
    _ = shm_rem(name)
  }
}

/// A mutex of another's would be held by that one now, or not be free to be deleted. (One that is
/// held would also keep this program waiting.)
func guessMutexes() {
  forEachName { name in
    let handle = mutex_create(name)
    attempt("unlocking ", name, mutex_unlock(handle) == 0)
    _ = cv_signal(handle)
    attempt("the mutex ", name, mutex_lock(handle) != 0 || mutex_lock(handle) == 0)
    _ = mutex_delete(handle)
    attempt("what was deleted, ", name, mutex_unlock(handle) == 0)
  }
}

func readLists() {
  let own = getpid()
  let table = UnsafeMutablePointer<proc_info>.allocate(capacity: 64)
  let count = ps(table, 64)
  for index in 0..<Int(max(count, 0)) {
    let process = table[index]
    attempt("seeing", process.pid, process.pid != own)
    attempt("a parent, of", process.pid, process.parent != 0)
    attempt("a container, of", process.pid, process.cid != getcid())
  }
  attempt("a list of so many", count, count != 1)
  attempt("a list of fewer than none", ps(table, -1) >= 0 || ps(table, CInt.min) >= 0)
}
