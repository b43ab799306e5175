// attack_manager: tries to bring down the manager that has made its container, or to speak in its
// name: by pid, by the names of what it shares, by what goes through the pipes to it, and by using up
// what both need. Somebody outside sees whether the next request is served.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_manager" as StaticString).path)
  family("killing it") { killIt() }
  family("its region") { askInPlaceOfClients() }
  family("its answers") { answerInItsPlace() }
  family("its descriptors") { useItsDescriptors() }
  family("its pipes") { spoilPipes() }
  family("all pages and mutexes") { useUp() }
  family("ends of all kinds") { endSomehow() }
  leaveOrphan()
  return attack_verdict()
}

func killIt() {
  let own = getpid()
  for pid in CInt(-1)..<64 where pid != own {
    attempt("kill of", pid, kill(pid) == 0)
    attempt("prio_set of", pid, prio_set(pid, 15) == 0)
  }
  attempt("its priority", prio_set(own, 0) == 0)
}

// MARK: - What it shares

/// A request that looks right, where the manager would look: nobody takes it.
func askInPlaceOfClients() {
  guard let page = shm_get(RequestRegion.name.path) else {
    return attempt("a page", true)
  }
  var isEmpty = true
  for index in 0..<Int(PGSIZE) where page[index] != 0 { isEmpty = false }
  attempt("reading requests", !isEmpty)
  guard let region = RequestRegion() else { return attempt("a mutex", true) }
  attempt("finding the manager", region.isManaged)
  // With nobody at the other end, one does not even wait.
  let head = request_head(
    magic: UInt32(REQUEST_MAGIC), ask: ASK_EXEC, client: getpid(), channel: 0, count: 0)
  attempt("a request that is served", region.send(head, nil))
  memcpy(page + 1024, page, 1024)
  _ = sleep(2)
  attempt("a request that is taken", memcmp(page + 1024, page, 1024) != 0)
  memset(page, 0xff, Int(PGSIZE))
  for name in [
    RequestRegion.name, RequestRegion.turnName, RequestRegion.batonNames.0,
    RequestRegion.batonNames.1,
  ] {
    guard let mutex = Mutex(name.path) else { continue }
    mutex.signal()
    mutex.lock()
  }
  _ = sleep(2)
  region.close()
}

/// Frames for whoever is a client now.
func answerInItsPlace() {
  for client in CInt(1)..<30 {
    guard let channel = Channel(client: client) else { return attempt("a channel", true) }
    attempt("the channel of", client, channel.hasClient)
    channel.send(TELL_ENDED, number: 77)
    channel.close()
  }
}

/// What the manager had open is closed: the program has its three pipes and nothing else.
func useItsDescriptors() {
  var byte: CChar = 0
  var status = stat()
  for descriptor in CInt(0)..<3 {
    attempt("describing", descriptor, fstat(descriptor, &status) == 0)
  }
  attempt("writing to its input", write(0, &byte, 1) >= 0)
  attempt("reading its output", read(1, &byte, 1) >= 0 || read(2, &byte, 1) >= 0)
  for descriptor in CInt(3)..<16 {
    attempt("read", descriptor, read(descriptor, &byte, 1) >= 0)
    attempt("write", descriptor, write(descriptor, &byte, 1) >= 0)
    attempt("close", descriptor, close(descriptor) == 0)
  }
}

/// Bytes that are frames, a report or a status elsewhere, and nothing here.
func spoilPipes() {
  for kind in TELL_STARTED...TELL_INPUT_END {
    var frame = (kind, CInt(4), CInt(77), CInt(0))
    attempt("a frame of kind", kind, write(2, &frame, 16) != 16)
  }
  _ = write(2, ("\n" as StaticString).path, 1)
  // More children write at once than a pipe has room for.
  for _ in 0..<2 {
    if fork() == 0 {
      let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: 600)
      memset(bytes, 0x2e, 600)
      bytes[599] = CChar(ascii: "\n")
      attempt("a write", write(2, bytes, 600) != 600)
      attack_leave()
    }
  }
  while wait(nil) > 0 {}
}

// MARK: - What both need

/// Whatever this takes is free again when the processes have ended that took it.
func useUp() {
  for round in CInt(0)..<2 {
    inChild {
      let name = UnsafeMutablePointer<CChar>.allocate(capacity: 2)
      name[1] = 0
      var pages: CInt = 0
      var mutexes: CInt = 0
      for letter in CChar(ascii: "A")...CChar(ascii: "~") {
        name[0] = letter
        if shm_get(name) != nil { pages += 1 }
        if mutex_create(name) >= 0 { mutexes += 1 }
      }
      attempt("more pages than there are, round", round, pages >= 32)
      attempt("more mutexes than handles, round", round, mutexes > 16)
    }
  }
}

/// A process ends in each way there is while it holds what others wait for.
func endSomehow() {
  // This one's handle keeps the mutex there.
  guard Mutex(("held" as StaticString).path) != nil else { return attempt("a mutex", true) }
  for way in 0..<4 {
    let isAlive = inChild {
      guard let mutex = Mutex(("held" as StaticString).path) else { return }
      mutex.lock()
      switch way {
      case 0: exit(0)
      case 1: _ = kill(getpid())
      case 2: UnsafeMutablePointer<CInt>(bitPattern: 0x3f_ffff_f000)?.pointee = 1
      default: _ = setroot(("/" as StaticString).path)
      }
    }
    attempt("living on", CInt(way), isAlive && (way == 1 || way == 2))
    inChild {
      guard let mutex = Mutex(("held" as StaticString).path) else { return }
      attempt("a mutex of the dead", mutex_lock(mutex.handle) != 0)
    }
  }
}

/// Processes that would outlive the container, one of them at work.
func leaveOrphan() {
  if fork() == 0 {
    _ = close(1)
    while true { burn(1000) }
  }
  if fork() == 0 {
    _ = fork()
    _ = sleep(1_000_000)
    exit(0)
  }
}
