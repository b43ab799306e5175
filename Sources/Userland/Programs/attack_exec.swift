// attack_exec: tries to get out by becoming another program: one of another root, one that keeps what
// the old one had, one that no kernel should start. It begins outside, and puts itself and `/true`
// into the roots that it enters. As `attack_exec as ROOT CID PRIORITY` it is the other program.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_exec" as StaticString).path)
  if arguments.count == 5 { return compare(arguments) }
  attack_from_outside()
  prepare()
  family("programs of another root") { startOutside() }
  family("what a program leaves to the next") { startAgain() }
  family("what is no program") { startNonsense() }
  family("programs with a hostile head") { startHostile() }
  family("arguments that are none") { passNonsense() }
  cleanUp()
  return attack_verdict()
}

func prepare() {
  _ = mkdir(("/den" as StaticString).path)
  for name in ["true", "attack_exec"] as [StaticString] {
    link(Name("/", name).path, Name("/den/", name).path)
  }
  _ = mkdir(("/den/in" as StaticString).path)
  _ = mknod(("/den/dev" as StaticString).path, CShort(CONSOLE), 0)
  let text = open(("/den/text" as StaticString).path, O_CREATE | O_WRONLY)
  _ = write(text, ("#!/false\n" as StaticString).path, 9)
  _ = close(text)
}

func cleanUp() {
  for name in ["true", "attack_exec", "in", "dev", "text", "bad"] as [StaticString] {
    _ = unlink(Name("/den/", name).path)
  }
  _ = unlink(("/den" as StaticString).path)
}

func link(_ old: CString, _ new: CString) { let _: CInt = link(old, new) }

/// Enters a container of its own, in the den.
func enter() {
  _ = cm_create_and_enter()
  _ = cm_setroot(("/den" as StaticString).path, 4)
}

// MARK: - Other roots

/// `/false` ends with 1, which counts as a way that worked.
func startOutside() {
  for way in ["", "/", "../", "/../", "in/../../", "//..//", "/den/../", "/den/", "dev/../"]
    as [StaticString]
  {
    let program = Name(way, "false").path
    inChild {
      enter()
      attempt("exec ", program, Words(program).start(program))
    }
    inChild {
      _ = setroot(("/den" as StaticString).path)
      attempt("after setroot, exec ", program, Words(program).start(program))
    }
    inChild {
      _ = chdir(("/" as StaticString).path)
      enter()
      _ = chdir(("in" as StaticString).path)
      attempt("from a folder, exec ", program, Words(program).start(program))
    }
  }
}

// MARK: - What stays and what goes

func startAgain() {
  inChild {
    enter()
    _ = cm_maxproc(1)
    _ = shm_get(("page" as StaticString).path)
    mutex_lock(mutex_create(("mutex" as StaticString).path))
    _ = prio_set(getpid(), 9)
    let path: StaticString = "/attack_exec"
    var words = Words(path.path)
    words.append(("as" as StaticString).path)
    for number in [CInt(inode("/")), getcid(), prio_get(getpid())] { words.append(number) }
    attempt("exec", !words.start(path.path))
  }
}

/// The program that was started: it finds itself where the one before it was, with nothing shared.
func compare(_ arguments: Arguments) -> ExitStatus {
  attempt("another root", inode("/") != UInt32(atoi(arguments[2])) || inode("..") != inode("/"))
  attempt("another container", getcid() != atoi(arguments[3]))
  attempt("another priority", prio_get(getpid()) != atoi(arguments[4]))
  attempt("a higher priority", prio_set(getpid(), prio_get(getpid()) - 1) == 0)
  for handle in CInt(0)..<16 {
    attempt("unlocking", handle, mutex_unlock(handle) == 0)
    attempt("deleting", handle, mutex_delete(handle) == 0)
  }
  attempt("the page", shm_rem(("page" as StaticString).path) == 0)
  attempt("a root of its own", cm_setroot(("/in" as StaticString).path, 3) == 0)
  attempt("a limit of its own", cm_maxproc(60) == 0)
  let child = fork()
  if child == 0 { exit(0) }
  attempt("one child too many", child >= 0)
  attack_leave()
}

// MARK: - Files that are no programs

func startNonsense() {
  let root = inode("/den")
  inChild {
    enter()
    for path in ["/", "/in", "/dev", "/text", "", ".", "..", "/true/x", "/none"]
      as [StaticString]
    {
      attempt("exec ", path.path, Words(path.path).start(path.path))
      attempt("the root after ", path.path, inode("/") != root)
    }
  }
}

/// Every word of a program's head in turn is something that no head should say. Whether the program
/// runs then is its own affair: it must not run elsewhere, or take the machine with it.
func startHostile() {
  let size = 2048
  let image = UnsafeMutablePointer<UInt64>.allocate(capacity: size / 8)
  let program = open(("/true" as StaticString).path, O_RDONLY)
  let length = read(program, image, CInt(size))
  _ = close(program)
  let root = inode("/den")
  for word in 2..<22 {
    let right = image[word]
    for value in [UInt64.max, 0x3f_ffff_e000, 0x8000_0000_0000_1000, 0x1000] {
      image[word] = value
      let bad = open(("/den/bad" as StaticString).path, O_CREATE | O_WRONLY | O_TRUNC)
      _ = write(bad, image, length)
      _ = close(bad)
      let child = fork()
      if child == 0 {
        enter()
        let path: StaticString = "/bad"
        _ = Words(path.path).start(path.path)
        exit(inode("/") == root && getcid() > 0 ? 0 : 77)
      }
      var status: CInt = 77
      _ = wait(&status)
      attempt("a head with a bad word", CInt(word), status == 77)
    }
    image[word] = right
  }
}

// MARK: - Arguments

func passNonsense() {
  let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 64)
  let path: StaticString = "/true"
  let word = UnsafeMutablePointer(mutating: path.path)
  inChild {
    enter()
    // /true ends with 0: a child that has become it has tried nothing, and is missed in the count.
    for address in [8, 4095, 0x3f_ffff_f000, 0x40_0000_0000, -8, Int.min, Int.max] {
      let bad = UnsafeMutableRawPointer(bitPattern: address)
      vector[0] = word
      vector[1] = bad?.assumingMemoryBound(to: CChar.self)
      vector[2] = nil
      if address > 4095 || address < 0 { attempt("a bad argument", exec(path.path, vector) >= 0) }
      let badVector = bad?.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
      if address > 4095 || address < 0 { attempt("bad arguments", exec(path.path, badVector) >= 0) }
      let badPath = bad?.assumingMemoryBound(to: CChar.self)
      attempt("a bad path", exec(badPath, vector) >= 0)
    }
    for index in 0..<63 { vector[index] = word }
    vector[63] = nil
    attempt("too many arguments", exec(path.path, vector) >= 0)
    let long = UnsafeMutablePointer<CChar>.allocate(capacity: 5000)
    memset(long, 0x78, 4999)
    long[4999] = 0
    vector[0] = long
    vector[1] = nil
    attempt("an argument that is too long", exec(path.path, vector) >= 0)
    long[4000] = 0
    vector[1] = long
    vector[2] = nil
    attempt("arguments that are too long", exec(path.path, vector) >= 0)
  }
}
