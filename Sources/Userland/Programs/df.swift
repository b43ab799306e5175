// df: how much of the disk is in use, for each place where something of it is mounted, or for those that files are in;
// in units of 512 bytes as POSIX has it, or of 1024 with -k.

func run(_ arguments: Arguments) -> ExitStatus {
  var options = Options(arguments)
  var unit = 2
  while let letter = options.next() {
    switch letter {
    case "k": unit = 1
    case "P": break  // the form that POSIX has is the only one
    default:
      complain("usage: df [-kP] [file ...]\n")
      return 1
    }
  }
  guard let disk = DiskSpace(), let mounts = text(("/proc/mounts" as StaticString).path) else {
    complain("df: cannot read /proc/disk or /proc/mounts\n")
    return 1
  }
  let title: StaticString = unit == 1 ? "1024" : " 512"
  say(
    """
    Filesystem     \(title, width: 0)-blocks     Used Available Capacity \
    Mounted on\n
    """)
  guard options.index < arguments.count else {
    for place in 0..<mounts.count where mounts.isOfDisk(mounts.lines[place]) {
      disk.show(mounts.lines[place], unit)
    }
    return 0
  }
  var status: ExitStatus = 0
  for index in options.index..<arguments.count {
    guard let line = mounts.line(of: arguments[index]) else {
      complain("df: cannot open \(arguments[index])\n")
      status = 1
      continue
    }
    if mounts.isOfDisk(line) { disk.show(line, unit) }
  }
  return status
}

/// All of a file, as lines; nil if it cannot be read.
func text(_ path: CString) -> MountLines? {
  let file = open(path, O_RDONLY)
  guard file >= 0 else { return nil }
  var bytes = KeptBytes()
  while bytes.take(from: file) > 0 {}
  _ = close(file)
  return MountLines(bytes)
}

/// A mount: what is mounted, where, and of which type.
struct MountLine {
  var source: CString
  var target: CString
  var type: CString
}

/// The lines of /proc/mounts, the first words of each.
struct MountLines {
  private static var most: Int { 64 }
  let lines = UnsafeMutablePointer<MountLine>.allocate(capacity: MountLines.most)
  private(set) var count = 0

  init(_ bytes: KeptBytes) {
    var at = bytes.text
    while at[0] != 0, count < MountLines.most {
      let source = word(&at)
      let target = word(&at)
      lines[count] = MountLine(source: source, target: target, type: word(&at))
      count += 1
      while at[0] != 0, !(at[0] == "\n") { at += 1 }
      if at[0] != 0 { at += 1 }
    }
  }

  private func word(_ at: inout UnsafeMutablePointer<CChar>) -> CString {
    let start = at
    while at[0] != 0, !(at[0] == " "), !(at[0] == "\n") { at += 1 }
    if at[0] == " " {
      at[0] = 0
      at += 1
    }
    return CString(start)
  }

  /// Whether a mount is of the disk: neither a file system that has none, nor a bind of something there.
  func isOfDisk(_ line: MountLine) -> Bool {
    var own = stat()
    var top = stat()
    guard stat(line.target, &own) == 0 else { return false }
    for index in 0..<count where lines[index].type == "proc" || lines[index].type == "cgroup2" {
      if stat(lines[index].target, &top) == 0, top.dev == own.dev { return false }
    }
    return true
  }

  /// The mount that a file is in: the one whose top is the file, or the first above it that is one; nil if there is
  /// no such file.
  func line(of path: CString) -> MountLine? {
    var status = stat()
    guard stat(path, &status) == 0, var here = PathText(path) else { return nil }
    defer { here.deallocate() }
    if let line = line(withTop: status) { return line }
    if !isDirectory(status) {
      // The directory that it is in.
      let length = lastComponent(of: path).start - path
      if length > 0 {
        here.cut(to: length)
      } else if let current = PathText(("." as StaticString).path) {
        here.deallocate()
        here = current
      }
    }
    while stat(here.text, &status) == 0 {
      if let line = line(withTop: status) { return line }
      guard here.append((".." as StaticString).path) else { break }
    }
    return count > 0 ? lines[0] : nil
  }

  /// Of several, the last: it hides the others.
  private func line(withTop status: stat) -> MountLine? {
    var found: MountLine?
    for index in 0..<count {
      var top = stat()
      if stat(lines[index].target, &top) == 0, isSameFile(top, status) { found = lines[index] }
    }
    return found
  }
}

/// The disk, as /proc/disk has it, in kB.
struct DiskSpace {
  private var total = 0
  private var available = 0

  init?() {
    let file = open(("/proc/disk" as StaticString).path, O_RDONLY)
    guard file >= 0 else { return nil }
    var input = InputBytes(file)
    total = DiskSpace.number(&input)
    available = DiskSpace.number(&input)
    _ = close(file)
    guard total > 0 else { return nil }
  }

  /// The next number.
  private static func number(_ input: inout InputBytes) -> Int {
    var value: Int?
    while let byte = input.next() {
      if isDigit(CChar(bitPattern: byte)) {
        value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
      } else if value != nil {
        break
      }
    }
    return value ?? 0
  }

  /// A line for a mount.
  func show(_ line: MountLine, _ unit: Int) {
    let used = total - available
    let percent = total == 0 ? 0 : (used * 100 + total - 1) / total
    say(
      """
      \(line.source, width: 14) \(Right(total * unit, 11)) \(Right(used * unit, 8)) \
      \(Right(available * unit, 9)) \(Right(percent, 7))% \(line.target)\n
      """)
  }
}

/// A number at the end of its column.
struct Right {
  let number: Int
  let width: Int

  init(_ number: Int, _ width: Int) {
    self.number = number
    self.width = width
  }
}

extension Text.StringInterpolation {
  func appendInterpolation(_ right: Right) {
    var digits = 1
    var rest = right.number / 10
    while rest > 0 {
      digits += 1
      rest /= 10
    }
    text_pad(CInt(max(0, right.width - digits)))
    text_number(right.number, 0)
  }
}
