// attack_groups: tries to widen a container's own limits, to leave its group, and to see or change the groups of others
// and the machine's: by every file, through what was opened, mounted or a working directory before, and from groups of
// its own.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_groups" as StaticString).path)
  attack_from_outside()
  prepare()
  family("own limits") { widen() }
  family("others' groups") { reachOthers() }
  family("from before") { keepFromBefore() }
  family("leaving") { leave() }
  family("beyond the limit") { forkBeyond() }
  cleanUp()
  return attack_verdict()
}

let files: [StaticString] = [
  "pids.max", "pids.current", "pids.peak", "pids.events", "cpu.weight", "cpu.max", "cpu.stat",
  "cgroup.procs", "cgroup.freeze",
  "cgroup.kill", "cgroup.events", "cgroup.stat", "cgroup.controllers",
]
let values: [StaticString] = ["max", "1000", "0", "1", "2", "-1", "max\n"]
/// A group of the machine's, with a limit, and the same one by other ways.
let ways: [StaticString] = [
  "/cgroup/den/", "/cgroup/../cgroup/den/", "/cgroup/./den/in/../", "/den/bind/", "/den/all/den/",
  "/den/bind/../bind/",
]

func prepare() {
  for path in ["/cgroup/den", "/cgroup/den/in", "/den", "/den/bind", "/den/all"] as [StaticString] {
    _ = mkdir(path.path)
  }
  _ = close(open(("/den/file" as StaticString).path, O_CREATE))
  attempt("no limit to try", !put(("/cgroup/den/pids.max" as StaticString).path, "9"))
  mountAll("/cgroup/den", "/den/bind")
  mountAll("/cgroup", "/den/all")
  mountAll("/cgroup/den/pids.max", "/den/file")
}

func mountAll(_ source: StaticString, _ target: StaticString) {
  let type: StaticString = "bind"
  attempt("no bind to try", mount(source.path, target.path, type.path, 0, nil) != 0)
}

func cleanUp() {
  for path in ["/den/bind", "/den/all", "/den/file"] as [StaticString] {
    attempt("leaving ", path.path, umount(path.path) != 0)
  }
  attempt("another limit", !isStill("/cgroup/den/pids.max", "9\n"))
  for path in [
    "/den/bind", "/den/all", "/den/file", "/den", "/cgroup/den/in", "/cgroup/den",
  ] as [StaticString] {
    attempt("leaving ", path.path, unlink(path.path) != 0)
  }
}

/// Whether a value can be written to a file.
func put(_ path: CString, _ value: StaticString) -> Bool {
  let file = open(path, O_WRONLY)
  if file < 0 { return false }
  defer { _ = close(file) }
  return write(file, value.utf8Start, CInt(value.utf8CodeUnitCount)) > 0
}

func isStill(_ path: StaticString, _ value: StaticString) -> Bool {
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
  let file = open(path.path, O_RDONLY)
  let count = read(file, bytes, 64)
  _ = close(file)
  if count != CInt(value.utf8CodeUnitCount) { return false }
  for index in 0..<Int(count) where bytes[index] != value.utf8Start[index] { return false }
  return true
}

/// Comes into a container of at most four processes.
func enter() {
  if cm_create_and_enter() != 0 || cm_maxproc(4) != 0 { exit(2) }
}

// MARK: - Its own group

func widen() {
  inChild {
    enter()
    for file in files where file.utf8CodeUnitCount != 12 || file.utf8Start[7] != 112 {
      let path = Name("/cgroup/", file).path
      for value in values { attempt("writing ", path, put(path, value)) }
      for flags in [O_RDWR, O_WRONLY | O_CREATE, O_WRONLY | O_TRUNC] {
        attempt("opening to write ", path, opens(path, flags))
      }
      _ = close(open(path, O_TRUNC))
      _ = close(open(path, O_CREATE))
      attempt("removing ", path, unlink(path) == 0)
      attempt("a link to ", path, link(path, ("/cgroup/x" as StaticString).path) == 0)
    }
    attempt("a second limit", cm_maxproc(40) == 0)
    attempt("another limit than was set", !isStill("/cgroup/pids.max", "4\n"))
    attempt("itself removed", unlink(("/cgroup" as StaticString).path) == 0)
  }
}

// MARK: - Others'

func reachOthers() {
  inChild {
    enter()
    for way in ways {
      for file in files {
        let path = Name(way, file).path
        // What was mounted elsewhere shows its own group, if anything.
        attempt("another's limit, ", path, opens(path) && isOthers(path))
        attempt("written, ", path, put(path, "9") && isOthers(path))
      }
    }
    attempt("a limit by a bind of it", opens("/den/file"))
    attempt("a limit by a bind, changed", put(("/den/file" as StaticString).path, "max"))
    for path in ["/cgroup/den", "/cgroup/den/in", "/cgroup/c1", "/cgroup/../cgroup/den/in"]
      as [StaticString]
    {
      attempt("seeing ", path.path, opens(path))
      attempt("going to ", path.path, chdir(path.path) == 0)
      attempt("making one in ", path.path, mkdir(Name(path, "/own").path) == 0)
      attempt("removing ", path.path, unlink(path.path) == 0)
    }
  }
}

/// Whether a path of a limit is that of the machine's group.
func isOthers(_ path: CString) -> Bool { inode(path) != 0 && limit(path) == 57 }

/// The first byte that a file holds.
func limit(_ path: CString) -> UInt8 {
  var byte: UInt8 = 0
  let file = open(path, O_RDONLY)
  _ = read(file, &byte, 1)
  _ = close(file)
  return byte
}

func keepFromBefore() {
  inChild {
    var held: [CInt] = []
    for file in ["pids.max", "cgroup.procs", "cgroup.freeze", "cgroup.kill"] as [StaticString] {
      held.append(open(Name("/cgroup/den/", file).path, O_RDWR))
    }
    let folder = open(("/cgroup/den" as StaticString).path, O_RDONLY)
    _ = chdir(("/cgroup/den" as StaticString).path)
    enter()
    let one: StaticString = "1"
    var byte: UInt8 = 0
    for file in held {
      attempt("what is no file", file, file < 0)
      attempt("written by descriptor", file, write(file, one.utf8Start, 1) > 0)
      attempt("read by descriptor", file, read(file, &byte, 1) > 0)
    }
    attempt("listed by descriptor", read(folder, &byte, 1) > 0)
    for file in files {
      attempt("in a directory from before, ", file.path, opens(file))
      attempt("written from before, ", file.path, put(file.path, "1"))
      attempt("above, ", file.path, opens(Name("../", file).path))
      attempt("below, ", file.path, opens(Name("in/", file).path))
    }
    attempt("a group made where it was", mkdir(("own" as StaticString).path) == 0)
    attempt("a group removed where it was", unlink(("in" as StaticString).path) == 0)
  }
}

// MARK: - Leaving

func leave() {
  inChild {
    enter()
    _ = mkdir(("/cgroup/g" as StaticString).path)
    for way in [
      "/cgroup/den/", "/cgroup/../cgroup/", "/cgroup/../../cgroup/../cgroup/den/",
      "/cgroup/g/../../",
      "/den/all/den/", "/cgroup/g/../../cgroup/den/",
    ] as [StaticString] {
      let path = Name(way, "cgroup.procs").path
      _ = put(path, "0")
      attempt("out by ", path, !isMember())
    }
    // Nobody from outside comes in, whoever there may be.
    for number in 2..<60 as Range<CInt> {
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)
      text_begin()
      text_number(Int(number), 0)
      let count = text_take(bytes)
      let file = open(("/cgroup/g/cgroup.procs" as StaticString).path, O_WRONLY)
      attempt("a stranger moved in", number, write(file, bytes, CInt(count)) > 0)
      _ = close(file)
    }
  }
}

/// Whether the container's own group, or one below it, has this process.
func isMember() -> Bool {
  isStill("/cgroup/cgroup.procs", "1\n") || isStill("/cgroup/g/cgroup.procs", "1\n")
}

/// Groups of its own give no room that the container has not.
func forkBeyond() {
  inChild {
    enter()
    _ = mkdir(("/cgroup/g" as StaticString).path)
    _ = mkdir(("/cgroup/g/h" as StaticString).path)
    for value in ["max", "1000", "50"] as [StaticString] {
      _ = put(("/cgroup/g/pids.max" as StaticString).path, value)
      for place in ["/cgroup/g/h/cgroup.procs", "/cgroup/g/cgroup.procs", "/cgroup/cgroup.procs"]
        as [StaticString]
      {
        _ = put(place.path, "0")
        var children: CInt = 0
        guard let gate = PipeEnds() else { exit(2) }
        while children < 60 {
          let pid = fork()
          if pid == 0 {
            var byte: CChar = 0
            _ = close(gate.output)
            _ = read(gate.input, &byte, 1)
            exit(0)
          }
          if pid < 0 { break }
          children += 1
        }
        attempt("children", children, children != 3)
        _ = close(gate.input)
        _ = close(gate.output)
        while wait(nil) > 0 {}
      }
    }
  }
}
