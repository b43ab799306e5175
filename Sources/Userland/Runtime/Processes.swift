// What `ps` and `top` have in common: the processes in sight, and texts of /proc.

/// The processes that the caller can see.
struct ProcessList {
  let table: UnsafeMutablePointer<proc_info>
  let count: Int

  /// All of them; nil if there is no memory to look with.
  init?() {
    var room: CInt = 64
    while true {
      guard let bytes = malloc(Int(room) * MemoryLayout<proc_info>.stride) else { return nil }
      let table = bytes.assumingMemoryBound(to: proc_info.self)
      let found = ps(table, room)
      if found >= 0, found < room {
        self.table = table
        count = Int(found)
        return
      }
      free_block(bytes)
      guard found >= 0 else { return nil }
      room *= 2
    }
  }

  func free() { free_block(table) }

  // MARK: As `ps -f` shows them

  static func sayFullHead() { say("PID  PPID NSPID CID  PRIO STATE    RAN        CMD\n") }

  /// A line with what /proc says besides.
  func showFully(_ index: Int) {
    let info = table[index]
    say("\(info.pid, width: 4) \(info.parent, width: 4) ")
    let own = ownNumber(index)
    if own > 0 { say("\(own, width: 5) ") } else { say("-     ") }
    say(
      """
      \(info.cid, width: 4) \(info.priority, width: 4) \(stateName(info.state), width: 8) \
      \(info.instructions, width: 10) 
      """)
    let words = ProcText(of: info.pid, "cmdline")
    if words.count > 0 {
      words.endWords()
      say("\(words.text)\n")
    } else {
      // As for one that has exited.
      _ = withUnsafePointer(to: &table[index].name.0) { name in say("[\(name)]\n") }
    }
  }

  /// The last of the numbers that /proc has for it: the one that its own container knows; 0 if /proc does not say.
  func ownNumber(_ index: Int) -> Int {
    ProcText(of: table[index].pid, "status").lastNumber(after: "NSpid:")
  }
}

func stateName(_ state: CInt) -> StaticString {
  switch state {
  case P_RUNNABLE: "runnable"
  case P_RUNNING: "running"
  case P_BLOCKED: "blocked"
  case P_EXITED: "exited"
  default: "?"
  }
}

/// A text of /proc, as much of it as a page holds; empty where there is none. One at a time is kept.
struct ProcText {
  private static let capacity = 4096
  nonisolated(unsafe) private static let buffer = UnsafeMutablePointer<CChar>.allocate(
    capacity: capacity + 1)
  let count: Int

  /// The machine's.
  init(_ name: StaticString) {
    strcpy(ProcText.buffer, ("/proc/" as StaticString).path)
    strcpy(ProcText.buffer + 6, name.path)
    count = ProcText.read()
  }

  /// A process's.
  init(of pid: CInt, _ name: StaticString) {
    text_begin()
    text_string(("/proc/" as StaticString).path, 0)
    text_number(Int(pid), 0)
    text_string(("/" as StaticString).path, 0)
    text_string(name.path, 0)
    let path = ProcText.buffer
    let length = text_take(
      UnsafeMutableRawPointer(path).assumingMemoryBound(to: UInt8.self))
    path[Int(length)] = 0
    count = ProcText.read()
  }

  private static func read() -> Int {
    let file = open(buffer, O_RDONLY)
    guard file >= 0 else { return 0 }
    var count = 0
    while count < capacity {
      let more = read_file(file, buffer + count, CInt(capacity - count))
      guard more > 0 else { break }
      count += Int(more)
    }
    _ = close(file)
    buffer[count] = 0
    return count
  }

  var text: CString { CString(ProcText.buffer) }

  /// The last number in the line that begins with this; 0 if there is none.
  func lastNumber(after key: StaticString) -> Int {
    var at = 0
    while at < count {
      if strncmp(text + at, key.path, key.utf8CodeUnitCount) == 0 {
        var number = 0
        var isInside = false
        at += key.utf8CodeUnitCount
        while at < count, text[at] != CChar(ascii: "\n") {
          let digit = Int(text[at]) - 48
          if digit >= 0, digit < 10 {
            number = (isInside ? number * 10 : 0) + digit
            isInside = true
          } else {
            isInside = false
          }
          at += 1
        }
        return number
      }
      while at < count, text[at] != CChar(ascii: "\n") { at += 1 }
      at += 1
    }
    return 0
  }

  /// Ends the text after so many words.
  func cut(afterWords words: Int) {
    var left = words
    for at in 0..<count where text[at] == CChar(ascii: " ") {
      left -= 1
      if left == 0 {
        ProcText.buffer[at] = 0
        return
      }
    }
  }

  /// Puts spaces between words that end with a NUL each.
  func endWords() {
    for at in 0..<max(0, count - 1) where ProcText.buffer[at] == 0 {
      ProcText.buffer[at] = CChar(ascii: " ")
    }
  }
}
