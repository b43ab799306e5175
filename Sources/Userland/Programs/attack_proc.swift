// attack_proc: tries to see and change through /proc what is outside of a container: by the numbers of others, by every
// spelling, through what was opened, mounted or a working directory before, and after numbers' owners have gone.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_proc" as StaticString).path)
  attack_from_outside()
  prepare()
  family("others by number") { reachByNumber() }
  family("what it tells") { readTexts() }
  family("from before") { keepFromBefore() }
  family("of the dead") { followTheDead() }
  family("by joining") { lookAcrossJoin() }
  family("mounted elsewhere") { bindElsewhere() }
  family("changing it") { change() }
  for path in [
    "/den/proc", "/den/bind", "/den/one", "/den/text", "/den/files", "/den/own", "/den",
  ] as [StaticString] {
    _ = unlink(path.path)
  }
  return attack_verdict()
}

/// Whoever is there before anybody enters: the machine's init, its shell, the manager, the neighbour, and this.
nonisolated(unsafe) var others = UnsafeMutablePointer<proc_info>.allocate(capacity: 64)
nonisolated(unsafe) var otherCount: CInt = 0

func prepare() {
  for path in ["/den", "/den/proc", "/den/bind", "/den/one", "/den/files", "/den/own"]
    as [StaticString]
  {
    _ = mkdir(path.path)
  }
  _ = close(open(("/den/text" as StaticString).path, O_CREATE))
  otherCount = max(0, ps(others, 64))
  attempt("nobody to look for", otherCount < 4)
}

func eachOther(_ body: (CInt) -> Void) {
  for index in 0..<Int(otherCount) where others[index].pid > 1 { body(others[index].pid) }
}

/// `/proc/17/status`: a way, a number, and what follows.
func path(_ way: StaticString, _ number: CInt, _ rest: StaticString = "") -> CString {
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(MAXPATH))
  text_begin()
  text_string(way.path, 0)
  text_number(Int(number), 0)
  text_string(rest.path, 0)
  bytes[Int(text_take(bytes))] = 0
  return UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self)
}

/// One way of opening was tried.
@inline(never)
func reach(_ way: StaticString, _ path: CString) { attempt(way, path, opens(path)) }

func mounts(_ source: CString, _ target: StaticString, _ type: StaticString = "bind") -> Bool {
  mount(source, target.path, type.path, 0, ("" as StaticString).path) == 0
}

/// Enters a container of its own, whose root has a /proc.
func enter() {
  _ = cm_create_and_enter()
  settle()
}

func settle() {
  _ = mounts(("proc" as StaticString).path, "/den/proc", "proc")
  _ = cm_setroot(("/den" as StaticString).path, 4)
}

/// What a file holds, or nothing: at most so much of it.
func contents(_ path: CString) -> KeptBytes {
  var bytes = KeptBytes()
  let file = open(path, O_RDONLY)
  while file >= 0, bytes.count < 8192, bytes.take(from: file) > 0 {}
  _ = close(file)
  return bytes
}

func contents(_ path: StaticString) -> KeptBytes { contents(path.path) }

extension KeptBytes {
  /// Whether the text is somewhere in here.
  func has(_ part: CString) -> Bool {
    let length = strlen(part)
    var at = 0
    while at + length <= count {
      if memcmp(bytes + at, part, length) == 0 { return true }
      at += 1
    }
    return false
  }

  func has(_ part: StaticString) -> Bool { has(part.path) }
}

// MARK: - Numbers

let texts: [StaticString] = [
  "", "/", "/.", "/status", "/cmdline", "/stat", "/limits", "/mounts", "/cgroup", "/fd", "/fd/0",
  "/fd/1",
]

func reachByNumber() {
  inChild {
    enter()
    eachOther { pid in
      for text in texts { reach("open of ", path("/proc/", pid, text)) }
      for way in [
        "/proc/self/../", "/proc/1/../", "/proc/self/fd/../../", "//proc//", "/proc/./",
        "/../proc/", "/proc/../proc/", "/proc/self/status/../", "/proc/self/../self/../",
      ] as [StaticString] {
        reach("by ", path(way, pid, "/status"))
      }
      _ = chdir(("/proc" as StaticString).path)
      reach("from within, ", path("", pid))
      attempt("going to", pid, chdir(path("", pid)) == 0)
      reach("from below, ", path("self/../", pid))
      _ = chdir(("/" as StaticString).path)
    }
    for number in CInt(2)..<120 {
      reach("open of ", path("/proc/", number, "/status"))
    }
    for spelling in [
      "/proc/0", "/proc/-1", "/proc/01", "/proc/001", "/proc/+1", "/proc/1 ", "/proc/0x1",
      "/proc/4294967297", "/proc/4294967298", "/proc/99999999999", "/proc/self1", "/proc/1self",
      "/proc/..1", "/proc/init", "/proc/self/0", "/proc/self/self", "/proc/self/1",
    ] as [StaticString] {
      reach("open of ", spelling.path)
    }
  }
}

// MARK: - Texts

/// What a reader in a container is told names nobody outside, and no place there.
func readTexts() {
  inChild {
    let outside = getpid()
    enter()
    let status = contents("/proc/self/status")
    attempt("another number than 1", !status.has("\nPid:\t1\n"))
    attempt("a parent", !status.has("\nPPid:\t0\n"))
    attempt("a number outside", !status.has("\nNSpid:\t1\n"))
    attempt("its number outside, in stat", contents("/proc/self/stat").has(path("", outside, " (")))
    attempt("a group outside", !contents("/proc/self/cgroup").has("0::/\n"))
    for text in ["/proc/mounts", "/proc/self/mounts", "/proc/1/mounts"] as [StaticString] {
      for word in ["/den", "outside", "/var", "/images"] as [StaticString] {
        attempt("in the mounts, ", word.path, contents(text).has(word))
      }
    }
    attempt("processes outside", !contents("/proc/loadavg").has("/1 1\n"))
    attempt("forks outside", !contents("/proc/stat").has("\nprocesses 1\n"))
    // Its entries are those of one process.
    let entries = contents("/proc")
    var numbers = 0
    for index in 0..<entries.count / MemoryLayout<dirent>.size {
      let name = entries.bytes[index * MemoryLayout<dirent>.size + 2]
      if name >= UInt8(ascii: "0"), name <= UInt8(ascii: "9") { numbers += 1 }
    }
    attempt("entries of others", numbers != 1)
    var info = stat()
    for text in ["/proc", "/proc/self", "/proc/1/fd"] as [StaticString] {
      attempt("a size, of ", text.path, stat(text.path, &info) == 0 && info.size != 0)
    }
    for descriptor in CInt(3)..<20 {
      let name = path("/proc/self/fd/", descriptor)
      reach("a descriptor, ", name)
    }
  }
}

// MARK: - Before

func keepFromBefore() {
  // A directory of /proc that is open is none to take along.
  for text in ["/proc", "/proc/1", "/proc/1/fd", "/proc/self"] as [StaticString] {
    inChild {
      let folder = open(text.path, O_RDONLY)
      _ = cm_create_and_enter()
      _ = mounts(("proc" as StaticString).path, "/den/proc", "proc")
      attempt(
        "a root, with a directory open, ", text.path,
        folder >= 0 && cm_setroot(("/den" as StaticString).path, 4) == 0)
    }
  }
  // Nor is a working directory.
  eachOther { pid in
    inChild {
      guard chdir(path("/proc/", pid)) == 0 else { return }
      _ = cm_create_and_enter()
      for text in ["status", "fd", ".", "cmdline"] as [StaticString] {
        reach("in a directory of others, ", text.path)
      }
      settle()
      for text in ["status", "fd/0", "../1/status", "cmdline"] as [StaticString] {
        reach("from there, ", text.path)
      }
      attempt("staying there", inode(".") != inode("/"))
    }
  }
  // What was opened is as it was then; opened again it is not there.
  inChild {
    let target = others[0].pid
    let kept = open(path("/proc/", target, "/status"), O_RDONLY)
    enter()
    attempt("by its own descriptor", opens(path("/proc/self/fd/", kept, "/../../../1/fd/9")))
    var byte: CChar = 0
    attempt("writing it", write(kept, &byte, 1) >= 0)
    let again = dup(kept)
    attempt("its copy", write(again, &byte, 1) >= 0)
  }
}

// MARK: - The dead

/// A child that lives until the gate is closed.
func waiting(_ gate: PipeEnds) -> CInt {
  let pid = fork()
  if pid == 0 {
    var byte: CChar = 0
    _ = close(gate.output)
    _ = read(gate.input, &byte, 1)
    exit(0)
  }
  return pid
}

func followTheDead() {
  inChild {
    enter()
    guard let gate = PipeEnds() else { return }
    let child = waiting(gate)
    attempt("another number than 2", child != 2)
    let status = open(path("/proc/", child, "/status"), O_RDONLY)
    let folder = open(path("/proc/", child), O_RDONLY)
    let descriptors = open(path("/proc/", child, "/fd"), O_RDONLY)
    attempt("not seeing", child, status < 0 || folder < 0 || descriptors < 0)
    _ = chdir(path("/proc/", child))
    _ = kill(child)
    _ = wait(nil)
    // Its slot is somebody else's now, of the same name.
    let heir = waiting(gate)
    attempt("another number than 3", heir != 3)
    var bytes: (UInt64, UInt64) = (0, 0)
    for descriptor in [status, folder, descriptors] {
      attempt("reading of the dead, by", descriptor, read(descriptor, &bytes, 16) != 0)
      _ = close(descriptor)
    }
    for text in ["status", "stat", "fd", "fd/0", "cmdline"] as [StaticString] {
      reach("from the directory of the dead, ", text.path)
    }
    for text in texts { reach("of the dead, ", path("/proc/", child, text)) }
    _ = chdir(("/" as StaticString).path)
    _ = kill(heir)
    _ = wait(nil)
    for text in texts { reach("of the dead, ", path("/proc/", heir, text)) }
  }
}

// MARK: - Joining

func lookAcrossJoin() {
  guard let ready = PipeEnds(), let gate = PipeEnds() else { exit(2) }
  let holder = fork()
  if holder == 0 {
    _ = close(gate.output)
    enter()
    var number = getcid()
    _ = write(ready.output, &number, CInt(MemoryLayout<CInt>.size))
    var byte: CChar = 0
    _ = read(gate.input, &byte, 1)
    exit(0)
  }
  var container: CInt = 0
  _ = read(ready.input, &container, CInt(MemoryLayout<CInt>.size))
  for way in ["/proc/self", "/proc/1", "/proc"] as [StaticString] {
    inChild {
      let outside = getpid()
      let own = open(("/proc/self/status" as StaticString).path, O_RDONLY)
      _ = chdir(way.path)
      attempt("joining", cm_join(container) != 0)
      attempt("staying in ", way.path, inode(".") != inode("/"))
      for text in ["status", "../1/status", "fd", "1/status", "self"] as [StaticString] {
        reach("from there, ", text.path)
      }
      attempt("its number outside", opens(path("/proc/", outside, "/status")))
      attempt("its parent", opens(path("/proc/", holder, "/status")))
      let status = contents("/proc/self/status")
      attempt(
        "being seen as outside",
        !status.has("\nPPid:\t0\n") || status.has(path("\nPid:\t", outside, "\n")))
      attempt("self being another", inode("/proc/self") != inode(path("/proc/", getpid())))
      attempt("self being the init", inode("/proc/self") == inode("/proc/1"))
      _ = close(own)
      eachOther { pid in
        if pid > getpid() { reach("open of ", path("/proc/", pid, "/status")) }
      }
    }
  }
  // Another container, while that one is there.
  inChild {
    enter()
    for text in texts {
      reach("of a container, ", path("/proc/", holder, text))
    }
  }
  for end in [gate.input, gate.output, ready.input, ready.output] { _ = close(end) }
  _ = wait(nil)
}

// MARK: - Binds

func bindElsewhere() {
  let target = others[Int(otherCount) - 1].pid
  inChild {
    _ = cm_create_and_enter()
    // In a container nobody outside is in sight, whoever's root is set.
    attempt("a bind of others", mounts(path("/proc/", target), "/den/one"))
    attempt("a bind of a text", mounts(path("/proc/", target, "/status"), "/den/text"))
    attempt("a bind of descriptors", mounts(path("/proc/", target, "/fd"), "/den/files"))
    attempt("a union of others", mounts(path("/proc/", target), "/den/one", "overlay"))
    _ = mounts(("/proc" as StaticString).path, "/den/bind")
    _ = mounts(("/proc/self" as StaticString).path, "/den/own")
    settle()
    lookBehindBinds(target)
  }
  // What the machine has mounted, whoever enters has as well.
  attempt("no bind to try", !mounts(path("/proc/", target), "/den/one"))
  attempt("no bind to try", !mounts(path("/proc/", target, "/fd"), "/den/files"))
  attempt("no bind to try", !mounts(path("/proc/", target, "/status"), "/den/text"))
  inChild {
    enter()
    lookBehindBinds(target)
  }
  for place in ["/den/one", "/den/files", "/den/text"] as [StaticString] {
    attempt("leaving ", place.path, umount(place.path) != 0)
  }
}

func lookBehindBinds(_ target: CInt) {
  for text in [
    "/one/status", "/one/cmdline", "/one/fd", "/one/fd/0", "/one/../one/stat", "/files/0",
    "/files/1",
    "/files/../status", "/files/../../1/status", "/one/../../1/../status",
  ] as [StaticString] {
    reach("behind a bind, ", text.path)
  }
  attempt("a text behind a bind", contents("/text").count > 0)
  var entry: (UInt64, UInt64) = (0, 0)
  for text in ["/one", "/files"] as [StaticString] {
    let folder = open(text.path, O_RDONLY)
    var named = 0
    while folder >= 0, read(folder, &entry, 16) == 16 { named += 1 }
    attempt("entries behind a bind, ", text.path, named > 2)
    _ = close(folder)
  }
  for text in texts {
    reach("of others, ", path("/bind/", target, text))
    reach("up and down, ", path("/own/../bind/", target, text))
  }
}

// MARK: - Changing

func change() {
  inChild {
    enter()
    for text in ["/proc/meminfo", "/proc/1/status", "/proc/self/fd/0", "/proc/mounts"]
      as [StaticString]
    {
      for flags in [
        O_WRONLY, O_RDWR, O_TRUNC, O_CREATE | O_WRONLY, O_CREATE | O_TRUNC, O_WRONLY | O_TRUNC,
      ] {
        attempt("opening to write, ", text.path, opens(text, flags))
      }
      attempt("removing ", text.path, unlink(text.path) == 0)
      attempt(
        "another name for ", text.path, link(text.path, ("/stolen" as StaticString).path) == 0)
      attempt("a root in ", text.path, setroot(text.path) == 0)
    }
    for text in ["/proc/new", "/proc/2", "/proc/self/new", "/proc/1/fd/9", "/proc/1/fd/new"]
      as [StaticString]
    {
      attempt("making ", text.path, opens(text, O_CREATE | O_RDWR))
      attempt("a directory ", text.path, mkdir(text.path) == 0)
      attempt("a device ", text.path, mknod(text.path, 1, 0) == 0)
      attempt("a name ", text.path, link(("/text" as StaticString).path, text.path) == 0)
    }
    for text in ["/proc", "/proc/self", "/proc/1", "/proc/1/fd", "/proc/.."] as [StaticString] {
      attempt("removing ", text.path, unlink(text.path) == 0)
      attempt("unmounting ", text.path, umount(text.path) == 0)
      for type in ["proc", "bind", "overlay", "cgroup2"] as [StaticString] {
        attempt("mounting over ", text.path, mounts(("/own" as StaticString).path, text, type))
      }
    }
    for program in ["/proc/self/cmdline", "/proc/1/fd/0", "/proc/meminfo", "/proc/1"]
      as [StaticString]
    {
      attempt("running ", program.path, Words(program.path).start(program.path))
    }
  }
}
