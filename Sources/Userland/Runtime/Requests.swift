// The region through which clients reach the container manager; manager.h says how they take turns
// in it, and how each side notices what the other does.

struct RequestRegion {
  private let page: UnsafeMutablePointer<request_page>
  private let ring: ring
  private let lock: Mutex
  private let turn: Mutex
  private let batons: (Mutex, Mutex)
  /// The manager's side: the turn that it listens to, and the baton that it holds.
  private var heard: UInt32 = 0
  private var held: UInt32 = 0

  static var name: StaticString { "cm" }
  static var turnName: StaticString { "cm.turn" }
  static var batonNames: (StaticString, StaticString) { ("cm.0", "cm.1") }

  /// Attaches the region; nil if there is no page or mutex to be had.
  init?() {
    guard let lock = Mutex(RequestRegion.name.path), let turn = Mutex(RequestRegion.turnName.path),
      let first = Mutex(RequestRegion.batonNames.0.path),
      let second = Mutex(RequestRegion.batonNames.1.path),
      let memory = shm_get(RequestRegion.name.path)
    else { return nil }
    self.lock = lock
    self.turn = turn
    batons = (first, second)
    let raw = UnsafeMutableRawPointer(memory)
    page = raw.assumingMemoryBound(to: request_page.self)
    ring = ring_at(
      raw + Int(REQUEST_RING_AT), UInt32(REQUEST_CAPACITY), lock.handle, lock.handle)
  }

  func close() {
    _ = shm_rem(RequestRegion.name.path)
    for mutex in [lock, turn, batons.0, batons.1] { _ = mutex_delete(mutex.handle) }
  }

  /// Whether there is a manager.
  var isManaged: Bool {
    page.pointee.magic == UInt32(REQUEST_MAGIC) && prio_get(page.pointee.manager) >= 0
  }

  /// Runs the body as the only one who has the region.
  func whileLocked<Result>(_ body: () -> Result) -> Result { lock.held(body) }

  private var insideCount: CInt { withUnsafePointer(to: ring) { ring_count($0) } }

  private func baton(_ number: UInt32) -> Mutex { number & 1 == 0 ? batons.0 : batons.1 }

  /// Throws away what is in the ring, and with that mends whatever was broken.
  private func empty() {
    ring.page.pointee.taken = ring.page.pointee.put
    ring.page.pointee.ended = 0
  }
}

// MARK: - Asking

extension RequestRegion {
  /// Sends a request, when its turn has come, and waits until the manager has found it a server.
  ///
  /// - Returns: false if the manager has ended before that.
  func send(_ head: request_head, _ bytes: UnsafeRawPointer?) -> Bool {
    turn.lock()
    lock.lock()
    defer {
      lock.unlock()
      turn.unlock()
    }
    empty()
    page.pointee.turn &+= 1
    let mine = page.pointee.turn
    let headSize = UInt32(MemoryLayout<request_head>.size)
    withUnsafePointer(to: ring) { ring in
      withUnsafePointer(to: head) { ring_copy_in(ring, $0, headSize) }
    }
    var sent: UInt32 = 0
    var room = UInt32(REQUEST_CAPACITY) - headSize
    while true {
      let part = min(room, head.count - sent)
      if let bytes { withUnsafePointer(to: ring) { ring_copy_in($0, bytes + Int(sent), part) } }
      sent += part
      lock.signal()
      if sent == head.count { return wait { page.pointee.served == mine } }
      guard wait(until: { insideCount == 0 }) else { return false }
      room = UInt32(REQUEST_CAPACITY)
    }
  }

  /// Lets go of the lock and sleeps until the manager has done something.
  ///
  /// - Returns: false if it is dead.
  private func wait(until isDone: () -> Bool) -> Bool {
    let held = page.pointee.held
    // It holds that baton; the other one, if somebody has spoilt the page.
    for number in 0..<UInt32(2) {
      if isDone() { return true }
      lock.unlock()
      let baton = baton(held &+ number)
      baton.lock()
      baton.unlock()
      lock.lock()
    }
    return isDone()
  }
}

// MARK: - Channels in reserve

extension RequestRegion {
  /// A channel out of the manager's reserve for the caller, who has none of its own; nil if all are
  /// in use.
  func claimChannel() -> (number: CInt, channel: Channel)? {
    let patience = 50  // ticks, for servers whose clients are gone
    for _ in 0..<patience {
      var isEnding = false
      let found: (number: CInt, channel: Channel)? = lock.held {
        for number in 1...CHANNELS_IN_RESERVE {
          let use = request_reserve(page, number - 1).unsafelyUnwrapped
          if isAlive(use.pointee.client) { continue }
          if isAlive(use.pointee.server) {
            isEnding = true
            continue
          }
          guard let channel = Channel(reserved: number) else { continue }
          channel.clear()
          use.pointee.server = 0
          use.pointee.client = getpid()
          return (number, channel)
        }
        return nil
      }
      if found != nil || !isEnding { return found }
      _ = sleep(1)
    }
    return nil
  }

  /// The caller serves the client that has this channel.
  ///
  /// - Returns: whether that client has it.
  func serveChannel(_ number: CInt, of client: CInt) -> Bool {
    let use = request_reserve(page, number - 1).unsafelyUnwrapped
    guard use.pointee.client == client else { return false }
    use.pointee.server = getpid()
    return true
  }

  /// The channel is nobody's any more, though its server lives.
  func forgetChannel(_ number: CInt) {
    if number > 0 { request_reserve(page, number - 1).unsafelyUnwrapped.pointee.server = 0 }
  }

  private func isAlive(_ pid: CInt) -> Bool { pid > 0 && prio_get(pid) >= 0 }
}

// MARK: - Being asked

extension RequestRegion {
  /// Makes the caller the manager.
  mutating func manage() {
    baton(held).lock()
    lock.lock()
    empty()
    heard = page.pointee.turn
    page.pointee.held = held
    page.pointee.served = 0
    page.pointee.manager = getpid()
    page.pointee.magic = UInt32(REQUEST_MAGIC)
    lock.unlock()
  }

  /// Sleeps until a whole request has come.
  ///
  /// - Parameter buffer: for what follows the head; room for `REQUEST_MAX` bytes and the head.
  mutating func receive(_ buffer: UnsafeMutableRawPointer) -> request_head {
    let headSize = MemoryLayout<request_head>.size
    var count = 0
    var whole = 0  // 0: waiting for another turn, and not listening until then
    var hasTaken = false
    lock.lock()
    while whole == 0 || count < whole {
      if page.pointee.turn != heard {
        heard = page.pointee.turn
        count = 0
        whole = headSize
        hasTaken = false
      }
      let inside = Int(insideCount)
      if inside == 0 {
        // There is more to come.
        if hasTaken { passBaton() }
        hasTaken = false
        lock.wait()
        continue
      }
      hasTaken = true
      if whole == 0 || inside < 0 {
        empty()
        whole = 0
      } else {
        let part = min(inside, whole - count)
        withUnsafePointer(to: ring) { ring_copy_out($0, buffer + count, UInt32(part)) }
        count += part
      }
      if count == headSize, whole == headSize {
        let head = buffer.load(as: request_head.self)
        let isRequest = head.magic == UInt32(REQUEST_MAGIC) && head.count <= UInt32(REQUEST_MAX)
        whole = isRequest ? headSize + Int(head.count) : 0
      }
    }
    lock.unlock()
    return buffer.load(as: request_head.self)
  }

  /// Tells the client that its request has found a server, if it still waits for that.
  mutating func release() {
    lock.lock()
    if page.pointee.turn == heard {
      page.pointee.served = heard
      passBaton()
    }
    lock.unlock()
  }

  /// Takes the other baton and lets go of this one, which wakes the client.
  private mutating func passBaton() {
    baton(held &+ 1).lock()
    held &+= 1
    page.pointee.held = held
    baton(held &- 1).unlock()
  }
}
