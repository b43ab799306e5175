// Blocks that are cut where a budget ends. A hart that shares its time comes to such an end at every
// tick and at the end of every turn, mostly within the same few loops, so they are kept for the next
// time. Each hart has its own; all of it is cache.

/// A hart's blocks of fewer instructions than the program's own, by where they begin and how long they
/// are; of several that share a place the last one stays.
struct TailCache {
  /// What a kept block is of. The frame says what was translated, the epoch that it is still there.
  struct Key: Equatable {
    var pc: UInt64
    var frame: PageFrame
    /// Instructions that retire in it at most.
    var limit: Int
    /// `Memory.epoch` when it was translated.
    var epoch: UInt64
  }

  private static let places = 64

  private let keys: UnsafeMutablePointer<Key?>
  private let operations: OpPointer

  static func allocate() -> TailCache {
    let keys = UnsafeMutablePointer<Key?>.allocate(capacity: places)
    keys.initialize(repeating: nil, count: places)
    return TailCache(
      keys: keys, operations: .allocate(capacity: places * Translator.operationsAtMost))
  }

  func deallocate() {
    keys.deallocate()
    operations.deallocate()
  }

  /// The first operation of a block; `translate` writes it to the room that it is given, if it is not
  /// there.
  @inline(__always)
  func block(_ key: Key, _ translate: (OpPointer) -> Void) -> OpPointer {
    // In bounds: the place is masked to the number of places.
    let mixed = (key.pc >> 1 ^ UInt64(truncatingIfNeeded: key.limit)) &* 0x9e37_79b9_7f4a_7c15
    let place = Int(truncatingIfNeeded: mixed >> 58) & (TailCache.places - 1)
    let room = operations + place * Translator.operationsAtMost
    if keys[place] != key {
      translate(room)
      keys[place] = key
    }
    return room + 1
  }
}
