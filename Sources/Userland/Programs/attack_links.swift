// attack_links: tries to get out of its root by what directories hold: links to directories and from
// above, the entries `.` and `..`, device nodes that were there before, directories written as files.
// Somebody has put a device node at /dev.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_links" as StaticString).path)
  prepare()
  family("a device that was there") { useDevice() }
  family("new devices") { makeDevices() }
  family("links to directories") { linkDirectories() }
  family("the entries . and ..") { changeDots() }
  family("directories as files") { writeDirectories() }
  family("the root taken away") { removeRoot() }
  family("inodes used again") { reuseInodes() }
  family("links to what is gone") { linkAndUnlink() }
  return attack_verdict()
}

func prepare() {
  _ = mkdir(("/in" as StaticString).path)
  _ = close(open(("/file" as StaticString).path, O_CREATE))
}

func link(_ old: StaticString, _ new: StaticString) -> Bool { link(old.path, new.path) == 0 }

// MARK: - Devices

func useDevice() {
  _ = link("/dev", "/again")
  _ = link("/again", "/in/dev")
  for path in ["/dev", "dev", "/again", "/in/dev", "/../dev", "in/../dev"] as [StaticString] {
    for flags in [
      O_RDONLY, O_WRONLY, O_RDWR, O_TRUNC, O_RDWR | O_TRUNC, O_CREATE, O_CREATE | O_RDWR, CInt.max,
      -1,
    ] {
      attempt("open with flags", flags, opens(path, flags))
    }
    var arguments: UnsafeMutablePointer<CChar>?
    attempt("exec ", path.path, exec(path.path, &arguments) >= 0)
    attempt("chdir ", path.path, chdir(path.path) == 0)
    attempt("setroot ", path.path, setroot(path.path) == 0)
  }
  attempt("a file in it", opens("/dev/file", O_CREATE | O_RDWR))
  attempt("a folder in it", mkdir(("/dev/in" as StaticString).path) == 0)
  inChild {
    _ = setroot(("/in" as StaticString).path)
    attempt("from a root in the root", opens("/dev", O_RDWR))
  }
  _ = unlink(("/again" as StaticString).path)
  _ = unlink(("/in/dev" as StaticString).path)
}

func makeDevices() {
  for major in CShort(-1)...10 {
    attempt("mknod", CInt(major), mknod(("/in/new" as StaticString).path, major, 0) == 0)
  }
  for path in ["/new", "/dev", "/..", "in/../new", "/console"] as [StaticString] {
    attempt("mknod ", path.path, mknod(path.path, CShort(CONSOLE), 0) == 0)
  }
  inChild {
    _ = setroot(("/in" as StaticString).path)
    attempt("mknod in a root in the root", mknod(("/n" as StaticString).path, 1, 0) == 0)
  }
}

// MARK: - Directories

func linkDirectories() {
  for old in ["/", "/..", ".", "..", "/in", "in/..", "/jail", "../jail", "in/../.."]
    as [StaticString]
  {
    for new in ["/up", "in/up", "/in/../up"] as [StaticString] {
      attempt("link to ", old.path, link(old, new))
      attempt("a way through ", new.path, inode(new) != 0)
    }
  }
  for new in ["/secret", "../secret", "/../secret"] as [StaticString] {
    // It is made inside.
    let isMade = link("/file", new)
    attempt("link from ", new.path, isMade && inode("/secret") != inode("/file"))
    _ = unlink(("/secret" as StaticString).path)
  }
}

func changeDots() {
  let root = inode("/")
  for path in [
    ".", "..", "/.", "/..", "in/.", "in/..", "/in/../..", "../", "/in/./..", "in/../.",
  ] as [StaticString] {
    attempt("unlink ", path.path, unlink(path.path) == 0)
    attempt("mkdir ", path.path, mkdir(path.path) == 0)
    attempt("link ", path.path, link("/file", path))
    attempt("mknod ", path.path, mknod(path.path, 1, 0) == 0)
    attempt("create ", path.path, opens(path, O_CREATE | O_RDWR))
    attempt("what it leads to, ", path.path, inode(path) != root && inode(path) != inode("/in"))
  }
}

func writeDirectories() {
  for path in ["/", ".", "..", "/in", "/.."] as [StaticString] {
    for flags in [O_WRONLY, O_RDWR, O_TRUNC, O_RDWR | O_TRUNC, O_CREATE | O_RDWR] {
      attempt("open to write ", path.path, opens(path, flags))
    }
    // An entry for the inode of the machine's root.
    var entry = dirent()
    entry.inum = 1
    entry.name.0 = CChar(ascii: "u")
    let directory = open(path.path, O_RDONLY)
    let size = CInt(MemoryLayout<dirent>.size)
    attempt("write ", path.path, write(directory, &entry, size) >= 0)
    _ = close(directory)
  }
  attempt("the entry that was written", inode("/u") != 0)
}

func removeRoot() {
  let root = inode("/")
  for path in ["/", "/..", "../jail", "/../jail", "/jail", "jail", "in/../../jail"]
    as [StaticString]
  {
    attempt("unlink ", path.path, unlink(path.path) == 0)
  }
  // A folder that is called as the root is, inside.
  _ = mkdir(("/jail" as StaticString).path)
  attempt("its namesake", inode("../jail") == root)
  _ = unlink(("../jail" as StaticString).path)
  attempt("the root", inode("/") != root || inode("/file") == 0)
}

/// The directory above one that was removed is removed as well, and its inode taken by another.
func reuseInodes() {
  let root = inode("/")
  for round in CInt(0)..<6 {
    _ = mkdir(("/a" as StaticString).path)
    _ = mkdir(("/a/b" as StaticString).path)
    _ = chdir(("/a/b" as StaticString).path)
    _ = unlink(("/a/b" as StaticString).path)
    _ = unlink(("/a" as StaticString).path)
    for name in ["/x", "/y", "/z"] as [StaticString] { _ = mkdir(name.path) }
    attempt("above nothing, round", round, inode("..") != 0 && inode("..") != root)
    attempt("two above nothing, round", round, opens("../../file"))
    attempt("create above nothing, round", round, opens("../new", O_CREATE | O_RDWR))
    _ = chdir(("/" as StaticString).path)
    for name in ["/x", "/y", "/z"] as [StaticString] { _ = unlink(name.path) }
  }
}

func linkAndUnlink() {
  for round in CInt(0)..<4 {
    let file = open(("/passing" as StaticString).path, O_CREATE | O_RDWR)
    _ = link("/passing", "/in/passing")
    _ = unlink(("/passing" as StaticString).path)
    _ = unlink(("/in/passing" as StaticString).path)
    attempt("a link to nothing, round", round, link("/passing", "/back"))
    _ = write(file, ("x" as StaticString).path, 1)
    _ = close(file)
    attempt("opening it again, round", round, opens("/passing") || opens("/back"))
  }
}
