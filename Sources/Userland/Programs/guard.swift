// guard: lives in a container for so many ticks beside one that tries to get out, and says in the end
// whether anything of its own has changed: its page, its mutex, its file, its root, its priority,
// and who is in the container with it.

func run(_ arguments: Arguments) -> ExitStatus {
  guard arguments.count == 2 else {
    complain("usage: guard ticks\n")
    return 2
  }
  guard let house = House() else {
    complain("guard: no page, mutex or file to be had\n")
    return 2
  }
  let ticks = atoi(arguments[1])
  for tick in 0..<ticks {
    if let loss = house.loss {
      say("guard: harmed after \(tick) ticks: \(loss, width: 0)\n")
      return 1
    }
    _ = sleep(1)
  }
  say("guard: unharmed after \(ticks) ticks\n")
  return 0
}

/// What the guard has, under names that are easily guessed.
struct House {
  private let page: UnsafeMutablePointer<UInt32>
  private let mutex: Mutex
  private let pid = getpid()
  private let priority = prio_get(getpid())
  private let root: UInt32

  private static var words: Int { Int(PGSIZE) / 4 }
  private static var word: UInt32 { 0x6755_4152 }
  private static var file: StaticString { "/mark" }
  private static var text: StaticString { "mine" }

  init?() {
    guard let memory = shm_get(("page" as StaticString).path),
      let mutex = Mutex(("mutex" as StaticString).path)
    else { return nil }
    page = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
    for index in 0..<House.words { page[index] = House.word }
    mutex.lock()
    self.mutex = mutex
    root = House.root
    let file = open(House.file.path, O_CREATE | O_WRONLY | O_TRUNC)
    let count = CInt(House.text.utf8CodeUnitCount)
    guard write(file, House.text.path, count) == count else { return nil }
    _ = close(file)
  }

  private static var root: UInt32 {
    var status = stat()
    return stat(("/" as StaticString).path, &status) == 0 ? status.ino : 0
  }

  /// What has changed; nil if nothing has.
  var loss: StaticString? {
    for index in 0..<House.words where page[index] != House.word { return "the page" }
    if House.root != root { return "the root" }
    if !isFileWhole { return "the file" }
    if getpid() != pid || prio_get(pid) != priority { return "the priority" }
    if count != 1 { return "the company" }
    // Nobody else has unlocked it.
    if mutex_unlock(mutex.handle) != 0 { return "the mutex" }
    mutex.lock()
    return nil
  }

  private var isFileWhole: Bool {
    let size = House.text.utf8CodeUnitCount
    return withUnsafeTemporaryAllocation(byteCount: size + 1, alignment: 1) { bytes in
      let file = open(House.file.path, O_RDONLY)
      let count = read(file, bytes.baseAddress, CInt(size + 1))
      _ = close(file)
      return count == CInt(size) && memcmp(bytes.baseAddress, House.text.utf8Start, size) == 0
    }
  }

  /// How many processes are in sight.
  private var count: CInt {
    let capacity = 4
    return withUnsafeTemporaryAllocation(of: proc_info.self, capacity: capacity) {
      ps($0.baseAddress, CInt(capacity))
    }
  }
}
