// What processes share, for programs in Swift: mutexes with their conditions, rings of bytes, and
// channels. The work is done in ring.c and channel.c, for C programs as well.

/// A mutex and its condition variable, shared by name within a container.
///
/// It sleeps, never spins, and belongs to whoever locked it until that one unlocks it or dies.
struct Mutex {
  let handle: CInt

  /// The mutex of this name; nil if a table is full.
  init?(_ name: CString) {
    handle = mutex_create(name)
    if handle < 0 { return nil }
  }

  func lock() { _ = mutex_lock(handle) }
  func unlock() { _ = mutex_unlock(handle) }

  /// Lets go of the mutex, sleeps until a signal, and takes it again. What one waits for has to be
  /// looked at again afterwards: it may be gone.
  func wait() { _ = cv_wait(handle) }

  /// The same for a second condition, which another mutex stands for: who waits for one thing is
  /// not woken for another. A signal that comes before this sleeps is kept, and lets it through.
  func wait(on condition: Mutex) {
    condition.lock()
    unlock()
    condition.wait()
    condition.unlock()
    lock()
  }

  /// Wakes one who waits; with nobody waiting, lets the next wait through at once.
  func signal() { _ = cv_signal(handle) }

  /// Whether the caller can have two handles more.
  static var areTwoFree: Bool {
    guard let first = Mutex(("cm.?0" as StaticString).path) else { return false }
    defer { _ = mutex_delete(first.handle) }
    guard let second = Mutex(("cm.?1" as StaticString).path) else { return false }
    _ = mutex_delete(second.handle)
    return true
  }

  /// Runs the body as the only one who holds the mutex.
  func held<Result>(_ body: () -> Result) -> Result {
    lock()
    defer { unlock() }
    return body()
  }
}

/// A bounded queue of bytes in a shared page, for any number of writers and readers.
struct Ring {
  private var ring: ring

  /// - Parameters:
  ///   - memory: shared; zeroes are an empty ring. Takes 16 bytes more than the capacity.
  ///   - capacity: a power of two.
  ///   - lock: guards the ring.
  ///   - room: another mutex, whose condition is that there is room.
  init(at memory: UnsafeMutableRawPointer, capacity: UInt32, lock: Mutex, room: Mutex) {
    ring = ring_at(memory, capacity, lock.handle, room.handle)
  }

  /// Puts all bytes in, in one piece if they fit at all; false when the ring has ended.
  func put(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    withUnsafePointer(to: ring) { ring_put($0, bytes, UInt32(count)) == 0 }
  }

  /// Takes what there is; 0 at the end of the input, -1 if the ring is broken.
  func take(_ bytes: UnsafeMutableRawPointer, atMost count: Int) -> Int {
    withUnsafePointer(to: ring) { Int(ring_take($0, bytes, UInt32(count))) }
  }

  /// Takes exactly so many bytes; false if there are no longer so many.
  func takeAll(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    withUnsafePointer(to: ring) { ring_take_all($0, bytes, UInt32(count)) == 0 }
  }

  /// Says to everyone that nothing more will be put in.
  func end() { withUnsafePointer(to: ring) { ring_end($0) } }
}

/// One of a program's two streams.
enum Stream: CInt {
  case output, errors

  /// What a frame of it is.
  var kind: CInt { self == .output ? TELL_OUTPUT : TELL_ERRORS }
}

/// A client's shared page with the process that serves it: frames one way, bytes the other, and a
/// lifeline by which the server notices the client's death.
struct Channel {
  /// On the heap, so that all copies are one.
  private let channel: UnsafeMutablePointer<channel>
  /// A frame's head, and its bytes.
  private let buffer: UnsafeMutablePointer<UInt8>

  /// The channel of this client; nil if a table is full.
  init?(client: CInt) { self.init("dockv6.", client) }

  /// One of those that the manager keeps in reserve, from 1.
  init?(reserved number: CInt) { self.init("cm.ch", number) }

  /// The channel of this client, for nothing but an answer: it takes two handles.
  init?(answering client: CInt) { self.init("dockv6.", client, channel_open_down) }

  private init?(
    _ name: StaticString, _ number: CInt,
    _ open: (UnsafeMutablePointer<channel>?, UnsafePointer<CChar>?) -> CInt = channel_open
  ) {
    channel = .allocate(capacity: 1)
    buffer = .allocate(capacity: Int(FRAME_HEAD + FRAME_MAX))
    text_begin()
    text_string(name.path, 0)
    text_number(Int(number), 0)
    buffer[Int(text_take(buffer))] = 0
    let made = buffer.withMemoryRebound(to: CChar.self, capacity: 32) { open(channel, $0) }
    if made < 0 { return nil }
  }

  func close() { channel_close(channel) }

  // MARK: The client's side

  func begin() { channel_begin(channel) }
  func knock() { channel_knock(channel) }

  /// Waits for a frame: its kind and how many bytes it has, which are at `bytes`. Nil for what is no
  /// frame.
  func receive() -> (kind: CInt, count: Int)? {
    var kind: CInt = 0
    let count = channel_receive(channel, &kind, bytes)
    return count < 0 ? nil : (kind, Int(count))
  }

  /// The client's process that reads its input; and whether that is still wanted.
  var reader: CInt {
    get { channel.pointee.page.pointee.reader }
    nonmutating set { channel.pointee.page.pointee.reader = newValue }
  }
  var isOver: Bool {
    get { channel.pointee.page.pointee.over != 0 }
    nonmutating set { channel.pointee.page.pointee.over = newValue ? 1 : 0 }
  }

  /// Forgets whoever had a channel out of the reserve before.
  func clear() { memset(channel.pointee.page, 0, Int(PGSIZE)) }

  // MARK: The server's side

  /// Passes on a program's stream until that or the program has ended.
  func pass(_ pipe: CInt, _ stream: Stream) {
    channel_pass(channel, stream.rawValue, pipe, stream.kind, buffer)
  }

  /// Says that the program has ended to those who pass on its streams, and waits for them.
  func finishPassing(output: CInt, errors: CInt) {
    channel_finish(channel)
    channel_await(channel, Stream.output.rawValue, output)
    channel_await(channel, Stream.errors.rawValue, errors)
  }

  /// The last frames: nothing comes after them.
  func finish(_ status: CInt) {
    send(TELL_ERRORS_END, 0)
    send(TELL_ENDED, number: status)
  }

  /// Tells the client why there is nothing else to tell. Sent first and alone, it always has room.
  func refuse(_ why: StaticString) {
    send(TELL_ERRORS, "cm: \(why, width: 0)\n")
    finish(1)
  }

  var hasClient: Bool { channel_has_client(channel) != 0 }

  /// Sleeps until the client knocks; false if it is done, or dead.
  func watch() -> Bool { channel_watch(channel) != 0 }

  // MARK: Either side

  /// Where a frame's bytes are: room for `FRAME_MAX`.
  var bytes: UnsafeMutablePointer<UInt8> { buffer + Int(FRAME_HEAD) }

  /// Sends a frame of the bytes at `bytes`.
  @discardableResult
  func send(_ kind: CInt, _ count: Int) -> Bool {
    channel_send(channel, kind, buffer, CInt(count)) == 0
  }

  func send(_ kind: CInt, number: CInt) {
    withUnsafeBytes(of: number) { _ = memcpy(bytes, $0.baseAddress, $0.count) }
    send(kind, 4)
  }

  func send(_ kind: CInt, _ text: Text) { send(kind, Int(text_take(bytes))) }

  /// The number in the frame that has been received.
  var number: CInt { UnsafeRawPointer(bytes).loadUnaligned(as: CInt.self) }

  /// Passes input up; false when the ring has ended.
  func putInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    withUnsafePointer(to: channel.pointee.up) { ring_put($0, bytes, UInt32(count)) == 0 }
  }

  func takeInput(_ bytes: UnsafeMutablePointer<UInt8>, atMost count: Int) -> Int {
    withUnsafePointer(to: channel.pointee.up) { Int(ring_take($0, bytes, UInt32(count))) }
  }

  /// Whether all input has been taken and no more will come.
  var inputIsOver: Bool { withUnsafePointer(to: channel.pointee.up) { ring_is_over($0) != 0 } }

  func endInput() { withUnsafePointer(to: channel.pointee.up) { ring_end($0) } }
}
