// attack_paths: tries to get at what lies outside the caller's root by naming it. It makes what it
// needs inside, so that it knows every inode there is; whatever else a path leads to is outside.

func run(_ arguments: Arguments) -> ExitStatus {
  attack_begin(("attack_paths" as StaticString).path)
  let inside = Inside()
  family("spelling") { spellAll(inside) }
  family("climbing") { climb(inside) }
  family("long paths and names") { stretch(inside) }
  family("names from outside") { nameOutside() }
  family("a working directory that is gone") { removeTheGround(inside) }
  family("a root in the root") { narrow(inside) }
  family("another root") { changeRoot(inside) }
  return attack_verdict()
}

/// The inodes of all that is inside.
struct Inside {
  private let inodes: UnsafeMutablePointer<UInt32>
  private let count: Int

  init() {
    inodes = .allocate(capacity: 8)
    _ = mkdir(("/in" as StaticString).path)
    _ = mkdir(("/in/deep" as StaticString).path)
    _ = mkdir(("/a-name-of-14-b" as StaticString).path)
    _ = close(open(("/file" as StaticString).path, O_CREATE))
    var count = 0
    for path in ["/", "/in", "/in/deep", "/a-name-of-14-b", "/file"] as [StaticString] {
      inodes[count] = inode(path.path)
      count += 1
    }
    self.count = count
  }

  var root: UInt32 { inodes[0] }

  /// Whether a path leads out.
  func isLeft(by path: CString) -> Bool {
    let found = inode(path)
    if found == 0 { return false }
    for index in 0..<count where inodes[index] == found { return false }
    return true
  }

  func isLeft(by path: StaticString) -> Bool { isLeft(by: path.path) }
}

// MARK: - Every path of a few parts

let partCount = 8

func part(_ index: Int) -> StaticString {
  switch index {
  case 0: ".."
  case 1: "."
  case 2: ""
  case 3: "in"
  case 4: "deep"
  case 5: "file"
  case 6: "dev"
  default: "a-name-of-14-bytes-cut"
  }
}

func spellAll(_ inside: Inside) {
  let path = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH))
  path[0] = 0
  spell(path, 0, parts: 3, inside)
  path[0] = CChar(ascii: "/")
  path[1] = 0
  spell(path, 1, parts: 2, inside)
}

/// Tries every way to go on from a path's beginning.
func spell(_ path: UnsafeMutablePointer<CChar>, _ length: Int, parts: Int, _ inside: Inside) {
  attempt("the path ", CString(path), inside.isLeft(by: path))
  if parts == 0 { return }
  for index in 0..<partCount {
    let part = part(index)
    memcpy(path + length, part.utf8Start, part.utf8CodeUnitCount)
    let end = length + part.utf8CodeUnitCount
    path[end] = CChar(ascii: "/")
    path[end + 1] = 0
    spell(path, end + 1, parts: parts - 1, inside)
  }
  path[length] = 0
}

// MARK: - Far up, and long

func climb(_ inside: Inside) {
  let path = UnsafeMutablePointer<CChar>.allocate(capacity: 512)
  for steps in 1...100 {
    memcpy(path + 3 * (steps - 1), ("../" as StaticString).utf8Start, 3)
    path[3 * steps] = 0
    attempt("climbing ", CInt(steps), inside.isLeft(by: path))
  }
  for step in 0..<20 {
    _ = chdir((".." as StaticString).path)
    attempt("step ", CInt(step), inside.isLeft(by: ".") || inside.isLeft(by: ".."))
  }
  attempt("chdir", chdir(("/../.." as StaticString).path) == 0 && inode(".") != inside.root)
  _ = chdir(("/" as StaticString).path)
}

/// Paths as long as the kernel takes them, and longer: a name begins as `..` and is another one.
func stretch(_ inside: Inside) {
  let path = UnsafeMutablePointer<CChar>.allocate(capacity: 512)
  for length in [13, 14, 15, 126, 127, 128, 255] {
    for byte in [CChar(ascii: "x"), CChar(ascii: "."), CChar(ascii: "/")] {
      for index in 0..<length { path[index] = byte }
      path[0] = CChar(ascii: ".")
      path[1] = CChar(ascii: ".")
      path[length] = 0
      attempt("a path of length", CInt(length), inside.isLeft(by: path))
      // A new name cannot stand for what is outside either.
      let file = open(path, O_CREATE | O_RDWR)
      attempt(
        "a new file of length", CInt(length),
        file >= 0 && (length >= Int(MAXPATH) || byte == CChar(ascii: "/")))
      _ = close(file)
      _ = unlink(path)
    }
  }
}

// MARK: - What is known to be there

func nameOutside() {
  for way in [
    "", "/", "../", "/../", "./../", "in/../../", "/in/deep/../../../", "..//..//", "jail/../",
    "/jail/", "../jail/../", "dev/../", "file/../",
  ] as [StaticString] {
    let secret = Name(way, "secret")
    attempt("open ", secret.path, opens(secret.path))
    attempt("open to write ", secret.path, open(secret.path, O_RDWR | O_TRUNC) >= 0)
    attempt("unlink ", secret.path, unlink(secret.path) == 0)
    attempt("link ", secret.path, link(secret.path, ("/stolen" as StaticString).path) == 0)
    attempt("chdir ", secret.path, chdir(secret.path) == 0)
    attempt("setroot ", secret.path, setroot(secret.path) == 0)
    let planted = Name(way, "planted")
    let isMade = mkdir(planted.path) == 0
    attempt("mkdir ", planted.path, isMade && !opens("/planted") && !opens("/jail/planted"))
    _ = unlink(planted.path)
    let program = Name(way, "false")
    inChild {
      // It ends with 1, which counts as one way that worked.
      attempt("exec ", program.path, Words(program.path).start(program.path))
    }
  }
}

// MARK: - Roots and working directories

func removeTheGround(_ inside: Inside) {
  for depth in ["/gone", "/in/gone", "/in/deep/gone"] as [StaticString] {
    _ = mkdir(depth.path)
    _ = chdir(depth.path)
    _ = unlink(depth.path)
    for path in ["..", "../..", "../../..", "./..", "../secret", "x/.."] as [StaticString] {
      attempt("from nowhere ", path.path, inside.isLeft(by: path))
    }
    attempt("mkdir", mkdir(("x" as StaticString).path) == 0)
    attempt("mkdir above", mkdir(("../x" as StaticString).path) == 0)
    attempt("open", open(("x" as StaticString).path, O_CREATE) >= 0)
    attempt("setroot", setroot((".." as StaticString).path) == 0 && inode("/") != inside.root)
    _ = chdir(("/" as StaticString).path)
  }
}

func narrow(_ inside: Inside) {
  inChild {
    attempt("setroot out", setroot(("/.." as StaticString).path) == 0 && inode("/") != inside.root)
    _ = setroot(("/in" as StaticString).path)
    let root = inode("/")
    for path in ["/..", "..", "../..", "/deep/../..", "deep/../../..", "."] as [StaticString] {
      attempt("above the new root ", path.path, inode(path) != root)
      attempt("setroot ", path.path, setroot(path.path) == 0 && inode("/") != root)
    }
    for path in ["/file", "/../file", "/in/deep", "../in"] as [StaticString] {
      attempt("what the old root had, ", path.path, opens(path))
    }
  }
  attempt("a child's setroot", inode("/") != inside.root)
}

func changeRoot(_ inside: Inside) {
  for path in ["/", "/..", "/../", "..", "/in", "/in/.."] as [StaticString] {
    attempt("cm_setroot ", path.path, cm_setroot(path.path, CInt(path.utf8CodeUnitCount)) == 0)
  }
  for id in CInt(0)..<20 { attempt("cm_join", id, cm_join(id) == 0) }
  attempt("a container in the container", cm_create_and_enter() == 0)
  attempt("the root", inode("/") != inside.root)
}
