// The region through which clients reach the container manager; manager.h says how they take turns
// in it.

struct RequestRegion {
  private let page: UnsafeMutablePointer<request_page>
  private let ring: ring
  private let lock: Mutex
  private let turn: Mutex

  static var name: StaticString { "cm" }
  static var turnName: StaticString { "cm.turn" }

  /// Attaches the region; nil if there is no page or mutex to be had.
  init?() {
    guard let lock = Mutex(RequestRegion.name.path), let turn = Mutex(RequestRegion.turnName.path),
      let memory = shm_get(RequestRegion.name.path)
    else { return nil }
    self.lock = lock
    self.turn = turn
    let raw = UnsafeMutableRawPointer(memory)
    page = raw.assumingMemoryBound(to: request_page.self)
    ring = ring_at(
      raw + Int(REQUEST_RING_AT), UInt32(REQUEST_CAPACITY), lock.handle, lock.handle)
  }

  func close() {
    _ = shm_rem(RequestRegion.name.path)
    _ = mutex_delete(lock.handle)
    _ = mutex_delete(turn.handle)
  }

  /// Whether there is a manager.
  var isManaged: Bool {
    page.pointee.magic == UInt32(REQUEST_MAGIC) && prio_get(page.pointee.manager) >= 0
  }

  /// Makes the caller the manager.
  func manage() {
    page.pointee.manager = getpid()
    page.pointee.magic = UInt32(REQUEST_MAGIC)
  }

  private var insideCount: CInt { withUnsafePointer(to: ring) { ring_count($0) } }

  /// Throws away what is in the ring, and with that mends whatever was broken.
  private func empty() {
    ring.page.pointee.taken = ring.page.pointee.put
    ring.page.pointee.ended = 0
  }
}

// MARK: - Asking

extension RequestRegion {
  /// Sends a request, when its turn has come.
  func send(_ head: request_head, _ bytes: UnsafeRawPointer?) {
    turn.lock()
    lock.lock()
    // Somebody may have died between putting something in and saying so.
    if insideCount > 0 { lock.signal() }
    while insideCount > 0 { lock.wait() }
    empty()
    page.pointee.turn &+= 1
    lock.unlock()
    withUnsafePointer(to: ring) { ring in
      withUnsafePointer(to: head) {
        _ = ring_put(ring, $0, UInt32(MemoryLayout<request_head>.size))
      }
      if let bytes { _ = ring_put(ring, bytes, head.count) }
    }
    turn.unlock()
  }
}

// MARK: - Being asked

extension RequestRegion {
  /// Sleeps until a whole request has come.
  ///
  /// - Parameter buffer: for what follows the head; room for `REQUEST_MAX` bytes and the head.
  func receive(_ buffer: UnsafeMutableRawPointer, after turn: inout UInt32) -> request_head {
    let headSize = MemoryLayout<request_head>.size
    var count = 0
    var whole = 0  // 0: waiting for another turn, and not listening until then
    lock.lock()
    while whole == 0 || count < whole {
      if page.pointee.turn != turn {
        turn = page.pointee.turn
        count = 0
        whole = headSize
      }
      let inside = Int(insideCount)
      if inside == 0 {
        lock.wait()
        continue
      }
      if whole == 0 || inside < 0 {
        empty()
        whole = 0
      } else {
        let part = min(inside, whole - count)
        withUnsafePointer(to: ring) { ring_copy_out($0, buffer + count, UInt32(part)) }
        count += part
      }
      lock.signal()
      if count == headSize, whole == headSize {
        let head = buffer.load(as: request_head.self)
        let isRequest = head.magic == UInt32(REQUEST_MAGIC) && head.count <= UInt32(REQUEST_MAX)
        whole = isRequest ? headSize + Int(head.count) : 0
      }
    }
    lock.unlock()
    return buffer.load(as: request_head.self)
  }
}
