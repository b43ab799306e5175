// attack_files: tries to keep a way out open. It begins outside, opens and goes to what is there, and
// enters containers with it.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_files" as StaticString).path)
  attack_from_outside()
  prepare()
  family("a directory held open") { holdDirectory() }
  family("the console from before") { useConsole() }
  family("descriptors of others") { guessDescriptors() }
  family("a working directory outside") { standOutside() }
  family("a container of another") { joinAnother() }
  family("more descriptors than there are") { exhaust() }
  cleanUp()
  return attack_verdict()
}

func prepare() {
  _ = mkdir(("/outside" as StaticString).path)
  _ = close(open(("/outside/secret" as StaticString).path, O_CREATE))
  _ = mkdir(("/den" as StaticString).path)
  _ = mkdir(("/den/in" as StaticString).path)
}

func cleanUp() {
  for path in ["/outside/secret", "/outside", "/den/in", "/den"] as [StaticString] {
    _ = unlink(path.path)
  }
}

/// Enters a container of its own, with this root.
func enter(_ root: StaticString = "/den") -> Bool {
  cm_create_and_enter() == 0 && cm_setroot(root.path, CInt(root.utf8CodeUnitCount)) == 0
}

// MARK: - Directories

func holdDirectory() {
  for path in ["/outside", "/", "/den", "."] as [StaticString] {
    let directory = open(path.path, O_RDONLY)
    inChild { attempt("setroot with ", path.path, setroot(("/den" as StaticString).path) == 0) }
    inChild { attempt("cm_setroot with ", path.path, enter()) }
    // The same under another number, alone.
    let copy = dup(directory)
    _ = close(directory)
    inChild { attempt("cm_setroot with a copy of ", path.path, enter()) }
    inChild {
      // By way of a child that had it from its parent.
      inChild { attempt("setroot of a child with ", path.path, setroot(path.path) == 0) }
    }
    _ = close(copy)
  }
  inChild {
    _ = enter()
    let directory = open(("/" as StaticString).path, O_RDONLY)
    attempt("setroot within", setroot(("/in" as StaticString).path) == 0)
    _ = close(directory)
  }
}

func standOutside() {
  let den = inode("/den")
  for place in ["/outside", "/", "/den/in"] as [StaticString] {
    for isContained in [false, true] {
      _ = chdir(place.path)
      inChild {
        _ = isContained ? enter() : setroot(("/den" as StaticString).path) == 0
        attempt("standing in ", place.path, inode(".") != den || inode("..") != den)
        for path in ["secret", "../secret", "../outside/secret", "outside/secret"]
          as [StaticString]
        {
          attempt("from where it stood, ", path.path, opens(path))
        }
        attempt("a file from there", opens("planted", O_CREATE) && inode("/planted") == 0)
        _ = unlink(("/planted" as StaticString).path)
      }
    }
  }
  _ = chdir(("/" as StaticString).path)
}

// MARK: - The console

func useConsole() {
  inChild {
    let letter: StaticString = "!"
    let console = dup(2)
    _ = cm_create_and_enter()
    for descriptor in [0, 2, console] {
      var byte: CChar = 0
      attempt("write", descriptor, write(descriptor, letter.path, 1) >= 0)
      attempt("read", descriptor, read(descriptor, &byte, 0) >= 0)
      inChild { attempt("write of a child", descriptor, write(descriptor, letter.path, 1) >= 0) }
    }
    for flags in [O_RDONLY, O_WRONLY, O_RDWR, O_CREATE | O_RDWR] {
      attempt("open", flags, opens("/console", flags))
    }
  }
}

// MARK: - Numbers

func guessDescriptors() {
  inChild {
    _ = enter()
    for descriptor in CInt(3)..<16 { _ = close(descriptor) }
    for descriptor in CInt(-4)..<64 where !(0..<3).contains(descriptor) { use(descriptor) }
    for descriptor in [100, 255, 256, 1000, 65536, CInt.max, CInt.min, CInt.min + 1] {
      use(descriptor)
    }
  }
}

func use(_ descriptor: CInt) {
  var byte: CChar = 0
  var status = stat()
  attempt("read", descriptor, read(descriptor, &byte, 1) >= 0)
  attempt("write", descriptor, write(descriptor, &byte, 1) >= 0)
  attempt("fstat", descriptor, fstat(descriptor, &status) == 0)
  attempt("dup", descriptor, dup(descriptor) >= 0)
  attempt("close", descriptor, close(descriptor) == 0)
}

func exhaust() {
  inChild {
    _ = enter()
    for round in CInt(0)..<3 {
      var count: CInt = 0
      while opens("/in"), open(("/in" as StaticString).path, O_RDONLY) >= 0 { count += 1 }
      var taken: CInt = 0
      while dup(1) >= 0 { taken += 1 }
      attempt("round", round, count + taken > 16)
      attempt("a pipe, round", round, PipeEnds() != nil)
      attempt("a file, round", round, opens("/new", O_CREATE))
      for descriptor in CInt(3)..<16 { _ = close(descriptor) }
      // With room for one of the two ends alone.
      while dup(1) >= 0 {}
      _ = close(15)
      attempt("half a pipe, round", round, PipeEnds() != nil)
      for descriptor in CInt(3)..<16 { _ = close(descriptor) }
    }
    _ = unlink(("/new" as StaticString).path)
  }
}

// MARK: - Joining

/// A container with room for one process and more, which a child holds.
func joinAnother() {
  for limit in CInt(1)...2 {
    guard let ready = PipeEnds(), let gate = PipeEnds() else { exit(2) }
    let holder = fork()
    if holder == 0 {
      _ = close(gate.output)
      _ = enter()
      _ = cm_maxproc(limit)
      var id = getcid()
      _ = write(ready.output, &id, 4)
      _ = read(gate.input, &id, 1)
      exit(0)
    }
    var id: CInt = 0
    _ = read(ready.input, &id, 4)
    _ = chdir(("/outside" as StaticString).path)
    let den = inode("/den")
    if limit == 1 {
      inChild { attempt("cm_join of a full container", cm_join(id) == 0) }
    } else {
      inChild {
        let directory = open((".." as StaticString).path, O_RDONLY)
        attempt("cm_join with a directory", cm_join(id) == 0)
        _ = close(directory)
        attempt("cm_join", cm_join(id) != 0)
        attempt("the root that it had", inode("/") != den || inode("..") != den)
        attempt("where it stood", inode(".") != den || opens("secret"))
        attempt("a second container", cm_join(id) == 0 || cm_create_and_enter() == 0)
        attempt("one child too many", fork() >= 0)
      }
    }
    _ = chdir(("/" as StaticString).path)
    for end in [gate.input, gate.output, ready.input, ready.output] { _ = close(end) }
    while wait(nil) > 0 {}
  }
}
