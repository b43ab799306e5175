// readwrite: readers go in together, a writer alone. Two numbers must always be equal when read: a
// writer changes first one, then the other. Readers and writers wait at conditions of their own.

struct Shared {
  var readers: Int32 = 0
  var isWriting = false
  var first: Int32 = 0
  var second: Int32 = 0
  var mostReaders: Int32 = 0
  var differences: Int32 = 0
}

struct Library {
  let shared: UnsafeMutablePointer<Shared>
  let lock: Mutex
  let mayRead: Mutex
  let mayWrite: Mutex

  func beginReading() {
    lock.held {
      while shared.pointee.isWriting { lock.wait(on: mayRead) }
      shared.pointee.readers += 1
      shared.pointee.mostReaders = max(shared.pointee.mostReaders, shared.pointee.readers)
    }
    mayRead.signal()  // the next one may as well
  }

  func endReading() {
    lock.held { shared.pointee.readers -= 1 }
    mayWrite.signal()
  }

  func beginWriting() {
    lock.held {
      while shared.pointee.isWriting || shared.pointee.readers > 0 { lock.wait(on: mayWrite) }
      shared.pointee.isWriting = true
    }
  }

  func endWriting() {
    lock.held { shared.pointee.isWriting = false }
    mayWrite.signal()
    mayRead.signal()
  }

  func read() {
    for _ in 0..<60 {
      beginReading()
      let first = shared.pointee.first
      burn(300)
      if first != shared.pointee.second { lock.held { shared.pointee.differences += 1 } }
      endReading()
      burn(500)
    }
  }

  func write() {
    for _ in 0..<40 {
      beginWriting()
      shared.pointee.first += 1
      burn(300)
      shared.pointee.second += 1
      endWriting()
      burn(700)
    }
  }
}

func run(_ arguments: Arguments) -> ExitStatus {
  guard let page = shm_get(("readwrite" as StaticString).path),
    let lock = Mutex(("readwrite.lock" as StaticString).path),
    let mayRead = Mutex(("readwrite.read" as StaticString).path),
    let mayWrite = Mutex(("readwrite.write" as StaticString).path)
  else {
    complain("readwrite: no shared page or mutex left\n")
    return 1
  }
  let shared = UnsafeMutableRawPointer(page).assumingMemoryBound(to: Shared.self)
  let library = Library(shared: shared, lock: lock, mayRead: mayRead, mayWrite: mayWrite)
  for process in 0..<5 where fork() == 0 {
    if process < 3 { library.read() } else { library.write() }
    exit(0)
  }
  while wait(nil) > 0 {}
  let result = shared.pointee
  say(
    """
    readwrite: \(result.second) writes, at most \(result.mostReaders) readers at once, \
    \(result.differences) saw a difference\n
    """)
  return result.first == 80 && result.second == 80 && result.differences == 0 ? 0 : 1
}
