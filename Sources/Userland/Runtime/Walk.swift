// Going through a tree of files. A directory's names are all read, and kept on the heap, before
// anything in it is looked at: so a walk holds no descriptor, however deep it goes, what it passes may be
// removed, and it takes as much of the stack for a deep tree as for a flat one.

/// A path that grows and shrinks by names.
struct PathText {
  private let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH) + Int(DIRSIZ) + 2)
  private(set) var length = 0

  /// - Returns: nil if the path is too long for any call.
  init?(_ path: CString) {
    bytes[0] = 0
    guard strlen(path) < Int(MAXPATH) else { return nil }
    length = strlen(path)
    memcpy(bytes, path, length + 1)
  }

  var text: CString { CString(bytes) }

  /// Adds what follows a slash: a name, or several.
  ///
  /// - Returns: false if the path is too long then; it has not changed in that case.
  mutating func append(_ name: CString) -> Bool {
    let needsSlash = length > 0 && bytes[length - 1] != CChar(ascii: "/")
    let end = length + (needsSlash ? 1 : 0) + strlen(name)
    guard end < Int(MAXPATH) else { return false }
    if needsSlash { bytes[length] = CChar(ascii: "/") }
    memcpy(bytes + length + (needsSlash ? 1 : 0), name, strlen(name) + 1)
    length = end
    return true
  }

  mutating func cut(to length: Int) {
    self.length = length
    bytes[length] = 0
  }

  /// Makes the directories that the path leads through.
  ///
  /// - Parameter start: where the first of their names begins.
  func makeParents(from start: Int) {
    for end in start..<max(start, length) where bytes[end] == CChar(ascii: "/") {
      bytes[end] = 0
      _ = mkdir(bytes)
      bytes[end] = CChar(ascii: "/")
    }
  }

  func deallocate() { bytes.deallocate() }
}

/// What follows the last slash of a path, slashes at its end left out; `/` itself for the root.
func lastComponent(of path: CString) -> (start: CString, length: Int) {
  var end = strlen(path)
  while end > 1, path[end - 1] == CChar(ascii: "/") { end -= 1 }
  var start = end
  while start > 0, path[start - 1] != CChar(ascii: "/") { start -= 1 }
  if start == end { start = 0 }
  return (path + start, end - start)
}

/// Whether the status is a directory's.
func isDirectory(_ status: stat) -> Bool { status.type == CShort(T_DIR) }

func isSameFile(_ one: stat, _ other: stat) -> Bool {
  one.dev == other.dev && one.ino == other.ino
}

struct Walk {
  enum Visit { case file, directory, left }

  /// A directory whose names are being gone through.
  private struct Level {
    var entries: UnsafeMutablePointer<dirent>
    var count: Int
    var index: Int
    var length: Int
    var status: stat
  }

  /// Where it is, and what is there.
  private(set) var path: PathText
  private(set) var status = stat()
  /// How many directories of the walk it is in.
  private(set) var depth = 0
  /// Whether something could not be looked at.
  private(set) var hasFailed = false

  private let program: StaticString
  private let levels = UnsafeMutablePointer<Level>.allocate(capacity: Int(MAXPATH))
  private var hasBegun = false
  private var entersNext = false

  /// - Parameter program: who complains of what cannot be looked at.
  /// - Returns: nil, with a complaint, if the path is too long.
  init?(_ root: CString, _ program: StaticString) {
    guard let path = PathText(root) else {
      complain("\(program, width: 0): path too long: \(root)\n")
      return nil
    }
    self.path = path
    self.program = program
  }

  /// The next file, the next directory before what is in it, or one whose names have all been gone
  /// through; nil at the end.
  mutating func next() -> Visit? {
    if !hasBegun {
      hasBegun = true
      return look()
    }
    if entersNext {
      entersNext = false
      enter()
    }
    while depth > 0 {
      let level = levels + (depth - 1)
      path.cut(to: level.pointee.length)
      guard level.pointee.index < level.pointee.count else {
        status = level.pointee.status
        level.pointee.entries.deallocate()
        depth -= 1
        return .left
      }
      let entry = level.pointee.entries + level.pointee.index
      level.pointee.index += 1
      if let visit = visit(entry) { return visit }
    }
    return nil
  }

  /// Does not go into the directory that was given last, nor leave it.
  mutating func skip() { entersNext = false }

  private mutating func visit(_ entry: UnsafeMutablePointer<dirent>) -> Visit? {
    let name = UnsafeMutablePointer<CChar>.allocate(capacity: Int(DIRSIZ) + 1)
    defer { name.deallocate() }
    memcpy(name, &entry.pointee.name, Int(DIRSIZ))
    name[Int(DIRSIZ)] = 0
    if CString(name) == "." || CString(name) == ".." { return nil }
    guard path.append(name) else {
      complain("\(program, width: 0): path too long: \(path.text)/\(CString(name))\n")
      hasFailed = true
      return nil
    }
    return look()
  }

  private mutating func look() -> Visit? {
    guard stat(path.text, &status) == 0 else {
      complain("\(program, width: 0): cannot open \(path.text)\n")
      hasFailed = true
      return nil
    }
    entersNext = isDirectory(status)
    return entersNext ? .directory : .file
  }

  /// Reads the names of the directory that the walk is at.
  private mutating func enter() {
    let size = MemoryLayout<dirent>.size
    var capacity = max(Int(status.size) / size, 4)
    var entries = UnsafeMutablePointer<dirent>.allocate(capacity: capacity)
    var count = 0
    let descriptor = open(path.text, O_RDONLY)
    while descriptor >= 0, read(descriptor, entries + count, CInt(size)) == CInt(size) {
      if entries[count].inum == 0 { continue }
      count += 1
      guard count == capacity else { continue }
      let more = UnsafeMutablePointer<dirent>.allocate(capacity: capacity * 2)
      memcpy(more, entries, capacity * size)
      entries.deallocate()
      entries = more
      capacity *= 2
    }
    if descriptor < 0 {
      complain("\(program, width: 0): cannot open \(path.text)\n")
      hasFailed = true
    }
    _ = close(descriptor)
    (levels + depth).initialize(
      to: Level(entries: entries, count: count, index: 0, length: path.length, status: status))
    depth += 1
  }

  func deallocate() {
    path.deallocate()
    levels.deallocate()
  }
}
