// Physical memory: frames of 4096 bytes with a count of their users. A frame handed out reads
// zero. Host pages are shared with checkpoints until written, so that copying a `Memory` is cheap.

/// A frame of physical memory.
public struct PageFrame: Hashable, Sendable {
  public var raw: UInt32
  public init(raw: UInt32) { self.raw = raw }
}

/// The host's storage for one frame.
private final class HostPage: @unchecked Sendable {
  // Written only through a `Memory` that is its sole owner, so sharing it is safe.
  let bytes: UnsafeMutableRawPointer

  init() {
    bytes = .allocate(byteCount: pageSize, alignment: pageSize)
  }

  deinit { bytes.deallocate() }
}

/// The machine's frames.
public struct Memory: Sendable {
  private var pages: [HostPage?]
  private var users: [UInt32]
  /// Free frames; the last is handed out next.
  private var free: [UInt32]
  /// Free frames set aside: for what the kernel keeps of processes outside these pages, and for the
  /// copies that are owed to those who share pages until one writes.
  private var reserved = 0

  /// Whether releasing or sharing a free frame is passed over instead of being our own bug: so that
  /// a kernel that is told to make mistakes lives on to show them.
  var isForgiving = false

  /// Which chunks of a frame code has been translated from, one bit for 64 bytes: a change of one
  /// must drop the translation, data beside code need not.
  private var translated: [UInt64]
  /// Rises whenever something that a hart remembers of frames (a pointer, a permission to write,
  /// a translation) may have become wrong; harts compare it before they run, and then forget.
  public private(set) var epoch: UInt64 = 0
  /// Rises whenever only pointers for writing may have become wrong.
  public private(set) var storeEpoch: UInt64 = 0

  /// How often bytes of a frame with several users were handed out for writing, and of which last.
  package private(set) var sharedWrites = 0
  package private(set) var lastSharedWrite = PageFrame(raw: 0)

  /// How often a frame was filled, with zeros or with a copy, and how often one got a user more or
  /// lost one: what the kernel counts as work.
  package private(set) var filledCount = 0
  package private(set) var mappedCount = 0

  /// Frames written since `takeWritten`, each once.
  private var written: [UInt32] = []
  private var isWritten: [Bool]

  /// Memory of `frames` frames, all free.
  public init(frames: Int) {
    pages = Array(repeating: nil, count: frames)
    users = Array(repeating: 0, count: frames)
    translated = Array(repeating: 0, count: frames)
    isWritten = Array(repeating: false, count: frames)
    free = (0..<UInt32(frames)).reversed()
  }

  public var frameCount: Int { pages.count }
  /// Frames that nobody uses, whether set aside or not.
  package var unusedCount: Int { free.count }
  /// Free frames that are set aside.
  package var reservedCount: Int { reserved }
  /// Users of all frames together.
  package private(set) var useCount = 0
  /// Frames that can still be handed out or set aside.
  public var freeCount: Int { free.count - reserved }

  /// A zeroed frame with one user, or nil when all are taken.
  ///
  /// - Parameter keepingContents: what the frame held before stays.
  public mutating func allocate(keepingContents: Bool = false) -> PageFrame? {
    guard freeCount > 0, let raw = free.popLast() else { return nil }
    let frame = PageFrame(raw: raw)
    precondition(users[Int(raw)] == 0, "frame \(raw) was free and in use")
    users[Int(raw)] = 1
    useCount += 1
    filledCount &+= 1
    if keepingContents, pages[Int(raw)] != nil { return frame }
    writableBytes(of: frame).initializeMemory(as: UInt8.self, repeating: 0, count: pageSize)
    return frame
  }

  /// Sets `count` frames aside, if there are as many.
  public mutating func reserve(_ count: Int) -> Bool {
    guard freeCount >= count else { return false }
    reserved += count
    return true
  }

  /// Gives back what `reserve` set aside.
  public mutating func unreserve(_ count: Int) {
    precondition(reserved >= count, "more given back than was set aside")
    reserved -= count
  }

  /// One more user of a frame that has at least one.
  public mutating func retain(_ frame: PageFrame) {
    if users[Int(frame.raw)] == 0 && isForgiving { return }
    precondition(users[Int(frame.raw)] > 0, "frame \(frame.raw) is free")
    users[Int(frame.raw)] += 1
    useCount += 1
    mappedCount &+= 1
  }

  /// One user less; the frame is free when it was the last.
  public mutating func release(_ frame: PageFrame) {
    let index = Int(frame.raw)
    if users[index] == 0 && isForgiving { return }
    precondition(users[index] > 0, "frame \(frame.raw) is free")
    users[index] -= 1
    useCount -= 1
    mappedCount &+= 1
    if users[index] == 0 {
      dropTranslation(of: frame)
      free.append(frame.raw)
    }
  }

  /// How many use the frame; 0 when it is free.
  public func userCount(_ frame: PageFrame) -> Int { Int(users[Int(frame.raw)]) }

  /// The frame's 4096 bytes, for reading, valid until this memory is next changed.
  @inline(__always)
  public func bytes(of frame: PageFrame) -> UnsafeRawPointer {
    guard let page = pages[Int(frame.raw)] else {
      preconditionFailure("frame \(frame.raw) was never handed out")
    }
    return UnsafeRawPointer(page.bytes)
  }

  /// The frame's 4096 bytes, for writing: not shared with any checkpoint, translations dropped,
  /// counted as written. Valid until a copy of this memory is made or `takeWritten` is called.
  public mutating func writableBytes(of frame: PageFrame) -> UnsafeMutableRawPointer {
    writableBytes(of: frame, changing: 0..<pageSize)
  }

  /// The same for who will change only the bytes in `range`: translations of other code stay.
  public mutating func writableBytes(of frame: PageFrame, changing range: Range<Int>)
    -> UnsafeMutableRawPointer
  {
    let index = Int(frame.raw)
    if translated[index] & Memory.chunks(of: range) != 0 { dropTranslation(of: frame) }
    if users[index] > 1 {
      sharedWrites &+= 1
      lastSharedWrite = frame
    }
    if !isWritten[index] {
      isWritten[index] = true
      written.append(frame.raw)
    }
    if pages[index] == nil {
      pages[index] = HostPage()
    } else if !isKnownUniquelyReferenced(&pages[index]) {
      let copy = HostPage()
      copy.bytes.copyMemory(from: bytes(of: frame), byteCount: pageSize)
      pages[index] = copy
      epoch &+= 1
    }
    guard let page = pages[index] else { preconditionFailure("a page was just stored") }
    return page.bytes
  }

  /// A copy that shares all pages with this memory until one of the two writes.
  public mutating func checkpoint() -> Memory {
    storeEpoch &+= 1
    return self
  }

  // MARK: Translations

  public func isTranslated(_ frame: PageFrame) -> Bool { translated[Int(frame.raw)] != 0 }

  /// Remembers that code from these chunks of the frame has been translated.
  mutating func markTranslated(_ frame: PageFrame, chunks: UInt64) {
    let index = Int(frame.raw)
    // From now on stores to the frame must be noticed, by whatever address.
    if translated[index] == 0 { storeEpoch &+= 1 }
    translated[index] |= chunks
  }

  /// Forgets it; whoever holds a translation sees `epoch` rise.
  public mutating func dropTranslation(of frame: PageFrame) {
    guard translated[Int(frame.raw)] != 0 else { return }
    translated[Int(frame.raw)] = 0
    epoch &+= 1
  }

  /// After a checkpoint was restored no translation can be trusted.
  public mutating func dropAllTranslations() {
    for index in translated.indices { translated[index] = 0 }
    epoch &+= 1
  }

  /// One bit for every 64 bytes that the range touches.
  static func chunks(of range: Range<Int>) -> UInt64 {
    guard !range.isEmpty else { return 0 }
    let first = UInt64(range.lowerBound >> 6)
    let last = UInt64((range.upperBound - 1) >> 6)
    return (~0 << first) & (~0 >> (63 - last))
  }

  // MARK: Digest

  /// Folds the frames written since the last call into a hash that does not depend on their
  /// order, and counts them. Pointers for writing that were handed out before must be dropped.
  public mutating func takeWritten() -> (hash: UInt64, frames: Int) {
    storeEpoch &+= 1
    var sum: UInt64 = 0
    for raw in written {
      isWritten[Int(raw)] = false
      guard users[Int(raw)] > 0 else { continue }
      sum &+= Memory.digest(ofPage: bytes(of: PageFrame(raw: raw)), seed: UInt64(raw))
    }
    let count = written.count
    written.removeAll(keepingCapacity: true)
    return (sum, count)
  }

  /// As `Digest`, but in four lanes of two words a multiplication: a page takes a sixth of the time.
  private static func digest(ofPage bytes: UnsafeRawPointer, seed: UInt64) -> UInt64 {
    var lanes: (UInt64, UInt64, UInt64, UInt64) = (seed, ~seed, seed &* 3, seed &+ 7)
    // In bounds: 64 times 64 bytes.
    for offset in stride(from: 0, to: pageSize, by: 64) {
      lanes.0 = fold(bytes + offset, 0xa076_1d64_78bd_642f, lanes.0)
      lanes.1 = fold(bytes + offset + 16, 0xe703_7ed1_a0b4_28db, lanes.1)
      lanes.2 = fold(bytes + offset + 32, 0x8ebc_6af0_9c88_c6e3, lanes.2)
      lanes.3 = fold(bytes + offset + 48, 0x5899_65cc_7537_4cc3, lanes.3)
    }
    var digest = Digest(seed: seed)
    digest.combine(lanes.0)
    digest.combine(lanes.1)
    digest.combine(lanes.2)
    digest.combine(lanes.3)
    return digest.value
  }

  @inline(__always)
  private static func fold(_ words: UnsafeRawPointer, _ secret: UInt64, _ lane: UInt64) -> UInt64 {
    let first = UInt64(littleEndian: words.load(as: UInt64.self))
    let second = UInt64(littleEndian: words.load(fromByteOffset: 8, as: UInt64.self))
    let product = (first ^ secret).multipliedFullWidth(by: second ^ lane)
    return (product.high ^ product.low) &+ lane
  }
}
