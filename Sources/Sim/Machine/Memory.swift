// Physical memory: frames of 4096 bytes with a count of their users. A frame handed out reads
// zero. What it holds is a value (`FrameTable`), of which snapshots are taken and put back; what harts
// remember of it stays with the machine (`Memory+Translations.swift`).

/// A frame of physical memory.
public struct PageFrame: Hashable, Sendable {
  public var raw: UInt32
  public init(raw: UInt32) { self.raw = raw }
}

/// The part of a memory that is state.
private struct MemoryState: Sendable {
  var frames = FrameTable()
  var free: FreeList
  /// Free frames set aside: for what the kernel keeps of processes outside these pages, and for the
  /// copies that are owed to those who share pages until one writes.
  var reserved = 0
  /// Users of all frames together.
  var useCount = 0
  // What `Memory` counts for others.
  var sharedWrites = 0
  var lastSharedWrite = PageFrame(raw: 0)
  var filledCount = 0
  var mappedCount = 0
}

/// The machine's frames.
public struct Memory: Sendable {
  private var state: MemoryState
  let translations = TranslationMap()
  public let frameCount: Int

  /// Whether releasing or sharing a free frame is ignored instead of being our own bug, so that
  /// a kernel with defects survives to show them.
  var isForgiving = false

  /// How often bytes of a frame with several users were handed out for writing, and of which last.
  package var sharedWrites: Int { state.sharedWrites }
  package var lastSharedWrite: PageFrame { state.lastSharedWrite }

  /// How often a frame was filled, with zeros or with a copy, and how often one got a user more or
  /// lost one: what the kernel counts as work.
  package var filledCount: Int { state.filledCount }
  package var mappedCount: Int { state.mappedCount }

  /// Memory of `frames` frames, all free.
  public init(frames: Int) {
    frameCount = frames
    state = MemoryState(free: FreeList(0..<frames))
  }

  /// Frames that nobody uses, whether set aside or not.
  package var unusedCount: Int { state.free.count }
  /// Free frames that are set aside.
  package var reservedCount: Int { state.reserved }
  /// Users of all frames together.
  package var useCount: Int { state.useCount }
  /// Frames that can still be handed out or set aside.
  public var freeCount: Int { state.free.count - state.reserved }

  /// A zeroed frame with one user, or nil when all are taken.
  ///
  /// - Parameter keepingContents: what the frame held before stays.
  public mutating func allocate(keepingContents: Bool = false) -> PageFrame? {
    guard freeCount > 0, let raw = state.free.take() else { return nil }
    let frame = PageFrame(raw: raw)
    let wasFree = state.frames.take(frame)
    precondition(wasFree, "frame \(raw) was free and in use")
    state.useCount += 1
    state.filledCount &+= 1
    if keepingContents, state.frames.hasPage(frame) { return frame }
    writableBytes(of: frame, changing: 0..<pageSize, keepsContents: false)
      .initializeMemory(as: UInt8.self, repeating: 0, count: pageSize)
    return frame
  }

  /// Sets `count` frames aside, if there are as many.
  public mutating func reserve(_ count: Int) -> Bool {
    guard freeCount >= count else { return false }
    state.reserved += count
    return true
  }

  /// Gives back what `reserve` set aside.
  public mutating func unreserve(_ count: Int) {
    precondition(state.reserved >= count, "more given back than was set aside")
    state.reserved -= count
  }

  /// One more user of a frame that has at least one.
  public mutating func retain(_ frame: PageFrame) {
    guard state.frames.retain(frame) else {
      precondition(isForgiving, "frame \(frame.raw) is free")
      return
    }
    state.useCount += 1
    state.mappedCount &+= 1
  }

  /// One user less; the frame is free when it was the last.
  public mutating func release(_ frame: PageFrame) {
    guard let left = state.frames.release(frame) else {
      precondition(isForgiving, "frame \(frame.raw) is free")
      return
    }
    state.useCount -= 1
    state.mappedCount &+= 1
    if left == 0 {
      dropTranslation(of: frame)
      state.free.giveBack(frame.raw)
    }
  }

  /// One more user of every frame that a table maps.
  mutating func retain(allIn table: borrowing PageTable) {
    var group = FrameTable.OwnGroup()
    var count = 0
    table.forEachMapped { _, entry in
      guard let users = state.frames.users(of: entry.frame, &group), users.pointee > 0 else {
        precondition(isForgiving, "frame \(entry.frame.raw) is free")
        return
      }
      users.pointee += 1
      count += 1
    }
    state.useCount += count
    state.mappedCount &+= count
  }

  /// One user less of every frame that a table maps.
  ///
  /// - Returns: how many pages there were that the table's process alone writes and that others go on using.
  mutating func release(allIn table: borrowing PageTable) -> Int {
    var group = FrameTable.OwnGroup()
    var count = 0
    var copiesLess = 0
    table.forEachMapped { _, entry in
      guard let users = state.frames.users(of: entry.frame, &group), users.pointee > 0 else {
        precondition(isForgiving, "frame \(entry.frame.raw) is free")
        return
      }
      users.pointee -= 1
      count += 1
      if users.pointee > 0 {
        if entry.isOwn { copiesLess += 1 }
      } else {
        dropTranslation(of: entry.frame)
        state.free.giveBack(entry.frame.raw)
      }
    }
    state.useCount -= count
    state.mappedCount &+= count
    return copiesLess
  }

  /// How many use the frame; 0 when it is free.
  @inline(__always)
  public func userCount(_ frame: PageFrame) -> Int { Int(state.frames.users(frame)) }

  /// The frame's 4096 bytes, for reading, valid until this memory is next changed.
  @inline(__always)
  public func bytes(of frame: PageFrame) -> UnsafeRawPointer {
    guard let bytes = state.frames.bytes(of: frame) else {
      preconditionFailure("frame \(frame.raw) was never handed out")
    }
    return bytes
  }

  /// The frame's 4096 bytes, for writing: not shared with any snapshot, translations dropped,
  /// counted as written. Valid until a snapshot of this memory is taken or `takeWritten` is called.
  public mutating func writableBytes(of frame: PageFrame) -> UnsafeMutableRawPointer {
    writableBytes(of: frame, changing: 0..<pageSize)
  }

  /// The same if only the bytes in `range` will change: translations of other code stay.
  public mutating func writableBytes(of frame: PageFrame, changing range: Range<Int>)
    -> UnsafeMutableRawPointer
  {
    writableBytes(of: frame, changing: range, keepsContents: true)
  }

  private mutating func writableBytes(
    of frame: PageFrame, changing range: Range<Int>, keepsContents: Bool
  ) -> UnsafeMutableRawPointer {
    if translations.chunks(of: frame) & TranslationMap.chunks(of: range) != 0 {
      translations.drop(frame)
    }
    if userCount(frame) > 1 {
      state.sharedWrites &+= 1
      state.lastSharedWrite = frame
    }
    let (bytes, moved) = state.frames.writableBytes(of: frame, keepsContents: keepsContents)
    if moved { translations.forgetPages() }
    return bytes
  }

  /// How many frames are used how often, and which are handed out next; for a digest. What the frames
  /// hold is folded by `takeWritten`.
  func combineCounts(into digest: inout Digest) {
    digest.combine(state.free)
    digest.combine(state.reserved)
    digest.combine(state.useCount)
  }

  // MARK: Snapshots

  /// A memory's state at a moment. Nothing runs in it; it can only be put back.
  package struct Snapshot: Sendable {
    fileprivate let state: MemoryState
  }

  /// The state as it is now. It shares all pages with this memory until that writes to them.
  package func snapshot() -> Snapshot {
    // Harts may still hold pointers for writing to what is shared from now on.
    translations.forgetStores()
    return Snapshot(state: state)
  }

  /// Puts a state back. Translations of pages that are not the same any more are dropped, and harts
  /// forget where pages were.
  package mutating func restore(_ snapshot: Snapshot) {
    let (old, new) = (state.frames, snapshot.state.frames)
    translations.drop { !old.shares($0, with: new) || new.users($0) == 0 }
    state = snapshot.state
  }

  // MARK: Digest

  /// Folds the frames written since the last call into a hash that does not depend on their
  /// order, and counts them. Pointers for writing that were handed out before must be dropped.
  public mutating func takeWritten() -> (hash: UInt64, frames: Int) {
    translations.forgetStores()
    var sum: UInt64 = 0
    let count = state.frames.takeWritten { frame, users, bytes in
      if users > 0 { sum &+= PageDigest.value(of: bytes, seed: UInt64(frame.raw)) }
    }
    return (sum, count)
  }
}
