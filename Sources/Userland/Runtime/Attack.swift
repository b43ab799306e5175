// For programs in Swift that try to get out of a container: attack.h, in Swift's words.

/// One way was tried.
func attempt(_ way: StaticString, _ worked: Bool) { attack_try(worked ? 1 : 0, way.path) }

/// One way was tried, at a path.
func attempt(_ way: StaticString, _ path: CString, _ worked: Bool) {
  attack_try_text(worked ? 1 : 0, way.path, path)
}

/// One way was tried, with a number.
func attempt(_ way: StaticString, _ number: CInt, _ worked: Bool) {
  attack_try_number(worked ? 1 : 0, way.path, Int(number))
}

/// Tries a family of ways, in this process.
func family(_ name: StaticString, _ body: () -> Void) {
  body()
  attack_family(name.path)
}

/// Tries something in a child, for what a process can do only once, and waits for it. What it has
/// tried is counted as if the caller had.
///
/// - Returns: whether the child lived to its end.
@discardableResult
func inChild(_ body: () -> Void) -> Bool {
  if attack_enter(fork()) != 0 {
    body()
    attack_leave()
  }
  return attack_was_ended() == 0
}

// MARK: - Looking

/// The inode that a path leads to; 0 if there is none.
func inode(_ path: CString) -> UInt32 {
  var status = stat()
  return stat(path, &status) == 0 ? status.ino : 0
}

func inode(_ path: StaticString) -> UInt32 { inode(path.path) }

/// Whether a path can be opened.
func opens(_ path: CString, _ flags: CInt = O_RDONLY) -> Bool {
  let file = open(path, flags)
  _ = close(file)
  return file >= 0
}

func opens(_ path: StaticString, _ flags: CInt = O_RDONLY) -> Bool { opens(path.path, flags) }

/// A path: a way, and a name behind it.
struct Name {
  let path: CString

  init(_ way: StaticString, _ name: StaticString) {
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: Int(MAXPATH))
    strcpy(bytes, way.path)
    strcpy(bytes + way.utf8CodeUnitCount, name.path)
    path = CString(bytes)
  }
}

/// A program's words, for exec.
struct Words {
  let vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private var count = 0

  init(_ program: CString) {
    vector = .allocate(capacity: 8)
    append(program)
  }

  mutating func append(_ word: CString) {
    vector[count] = UnsafeMutablePointer(mutating: word)
    count += 1
    vector[count] = nil
  }

  mutating func append(_ number: CInt) {
    let digits = UnsafeMutablePointer<UInt8>.allocate(capacity: 512)
    text_begin()
    text_number(Int(number), 0)
    digits[Int(text_take(digits))] = 0
    append(UnsafeRawPointer(digits).assumingMemoryBound(to: CChar.self))
  }

  /// Returns only if the program of this path cannot be started.
  func start(_ path: CString) -> Bool { exec(path, vector) >= 0 }
}
