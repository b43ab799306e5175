// What of physical memory has been translated, and what harts may still remember of it. All of it is
// cache: it belongs to a machine that runs, never to a snapshot, and is kept by reference so that
// putting a machine's state back leaves it where it is.

/// Which parts of which frames code has been translated from, and how current the harts' memories are.
final class TranslationMap: @unchecked Sendable {
  // Used by the one machine that it was made for, which one thread runs at a time.

  private struct State {
    /// By frame, one bit for 64 bytes: a change of one must drop the translation, data beside code need
    /// not. As long as the highest frame that was ever translated.
    var chunks: [UInt64] = []
    var epoch: UInt64 = 0
    var storeEpoch: UInt64 = 0
  }

  /// Behind a pointer, since each run of a hart asks: each access to a variable of an object is entered
  /// into a list and taken out of it again.
  private let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Rises whenever something that a hart remembers of frames (a pointer, a permission to write,
  /// a translation) may have become wrong; harts compare it before they run, and then forget.
  @inline(__always)
  var epoch: UInt64 { state.pointee.epoch }
  /// Rises whenever only pointers for writing may have become wrong.
  @inline(__always)
  var storeEpoch: UInt64 { state.pointee.storeEpoch }

  /// What of a frame has been translated; one bit for 64 bytes.
  @inline(__always)
  func chunks(of frame: PageFrame) -> UInt64 {
    let index = Int(frame.raw)
    return index < state.pointee.chunks.count ? state.pointee.chunks[index] : 0
  }

  /// Pointers for writing are to be asked for again.
  func forgetStores() { state.pointee.storeEpoch &+= 1 }

  /// Nothing that harts remember of frames holds any more.
  func forgetPages() { state.pointee.epoch &+= 1 }

  func mark(_ frame: PageFrame, chunks added: UInt64) {
    let index = Int(frame.raw)
    if index >= state.pointee.chunks.count {
      state.pointee.chunks += repeatElement(0, count: index + 1 - state.pointee.chunks.count)
    }
    // From now on stores to the frame must be noticed, by whatever address.
    if state.pointee.chunks[index] == 0 { state.pointee.storeEpoch &+= 1 }
    state.pointee.chunks[index] |= added
  }

  /// Forgets the translation of a frame, if there is one.
  func drop(_ frame: PageFrame) {
    guard chunks(of: frame) != 0 else { return }
    state.pointee.chunks[Int(frame.raw)] = 0
    state.pointee.epoch &+= 1
  }

  /// Forgets the translations of the frames for which `isStale` says so.
  func drop(where isStale: (PageFrame) -> Bool) {
    for index in state.pointee.chunks.indices where state.pointee.chunks[index] != 0 {
      if isStale(PageFrame(raw: UInt32(index))) { state.pointee.chunks[index] = 0 }
    }
    state.pointee.epoch &+= 1
  }

  /// One bit for every 64 bytes that the range touches.
  static func chunks(of range: Range<Int>) -> UInt64 {
    guard !range.isEmpty else { return 0 }
    let first = UInt64(range.lowerBound >> 6)
    let last = UInt64((range.upperBound - 1) >> 6)
    return (~0 << first) & (~0 >> (63 - last))
  }
}
