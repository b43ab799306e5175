// Bytes on their way in and out of a program, in pieces, so that it need not make a call for each.

/// What a descriptor has to be read, byte by byte.
struct InputBytes {
  private static var capacity: Int { 1024 }
  let descriptor: CInt
  private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: InputBytes.capacity)
  private var at = 0
  private var count = 0
  /// Whether reading has failed.
  private(set) var hasFailed = false

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// The next byte; nil at the end.
  mutating func next() -> UInt8? {
    if at == count {
      let got = read(descriptor, bytes, CInt(InputBytes.capacity))
      if got < 0 { hasFailed = true }
      guard got > 0 else { return nil }
      at = 0
      count = Int(got)
    }
    at += 1
    return bytes[at - 1]
  }

  func deallocate() { bytes.deallocate() }
}

/// What is written to a descriptor, a kilobyte at a time. To be flushed in the end.
struct OutputBytes {
  private static var capacity: Int { 1024 }
  let descriptor: CInt
  private let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: OutputBytes.capacity)
  private var count = 0
  /// Whether something could not be written.
  private(set) var hasFailed = false

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  mutating func put(_ byte: UInt8) {
    if count == OutputBytes.capacity { flush() }
    bytes[count] = byte
    count += 1
  }

  mutating func put(_ from: UnsafePointer<UInt8>, _ length: Int) {
    var index = 0
    while index < length {
      put(from[index])
      index += 1
    }
  }

  mutating func put(_ text: CString) {
    var at = text
    while at[0] != 0 {
      put(UInt8(bitPattern: at[0]))
      at += 1
    }
  }

  mutating func flush() {
    if count > 0, output_write(descriptor, bytes, CInt(count)) == 0 { hasFailed = true }
    count = 0
  }

  func deallocate() { bytes.deallocate() }
}

/// Bytes that are kept, as many as there is memory for.
struct KeptBytes {
  private(set) var bytes: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity = 1024

  /// There is always room for a NUL behind them.
  init() { bytes = .allocate(capacity: capacity + 1) }

  /// They as a text, which ends at the first NUL among them. It changes with them.
  var text: UnsafeMutablePointer<CChar> {
    bytes[count] = 0
    return UnsafeMutableRawPointer(bytes).assumingMemoryBound(to: CChar.self)
  }

  /// Reads more to the end of what is kept: how many bytes; 0 at the input's end, -1 if it cannot be
  /// read, -2 if there is no memory.
  mutating func take(from descriptor: CInt) -> Int {
    guard count < capacity || grow() else { return -2 }
    let got = Int(read(descriptor, bytes + count, CInt(min(capacity - count, 4096))))
    if got > 0 { count += got }
    return got
  }

  /// Forgets the first bytes.
  mutating func drop(_ length: Int) {
    count -= length
    memmove(bytes, bytes + length, count)
  }

  /// Puts a byte behind the others; false if there is no memory.
  mutating func append(_ byte: UInt8) -> Bool {
    guard count < capacity || grow() else { return false }
    bytes[count] = byte
    count += 1
    return true
  }

  /// Puts a text behind the others, without its NUL; false if there is no memory.
  mutating func append(_ text: CString) -> Bool {
    var at = text
    while at[0] != 0 {
      guard append(UInt8(bitPattern: at[0])) else { return false }
      at += 1
    }
    return true
  }

  @inline(never)  // a program has 24 KiB
  private mutating func grow() -> Bool {
    guard let more = realloc(bytes, capacity * 2 + 1) else { return false }
    bytes = more.assumingMemoryBound(to: UInt8.self)
    capacity *= 2
    return true
  }

  mutating func removeAll() { count = 0 }
}
