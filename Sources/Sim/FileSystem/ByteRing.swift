// Bytes that are first in, first out, in a ring that is as large as what has come together in it so far, not as what
// may: a guest that makes many pipes or connections and writes to none takes next to nothing of the host.

/// A bounded queue of bytes.
struct ByteRing: Sendable {
  let capacity: Int
  private var ring: [UInt8] = []
  private var readPosition = 0
  private(set) var count = 0

  init(capacity: Int) { self.capacity = capacity }

  var room: Int { capacity - count }

  /// Takes `number` bytes that were looked at away.
  mutating func removeFirst(_ number: Int) {
    precondition(number <= count, "more taken than there is")
    if number == 0 { return }
    readPosition = (readPosition + number) % ring.count
    count -= number
  }

  /// Up to `limit` bytes that lie next to each other, to be read.
  func withReadable<Result>(_ limit: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let length = min(limit, count, ring.count - readPosition)
    return ring.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[readPosition..<readPosition + length]))
    }
  }

  /// A copy of the first bytes, up to `limit` of them.
  func prefix(_ limit: Int) -> [UInt8] {
    let length = min(limit, count)
    if length == 0 { return [] }
    let first = min(length, ring.count - readPosition)
    return Array(ring[readPosition..<readPosition + first]) + ring[..<(length - first)]
  }

  /// Room for up to `limit` bytes next to each other; as many as `body` says were filled count.
  mutating func withWritable(_ limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    let wanted = min(limit, room)
    if wanted == 0 { return body(UnsafeMutableRawBufferPointer(start: nil, count: 0)) }
    if count + wanted > ring.count { grow(toHold: count + wanted) }
    let start = (readPosition + count) % ring.count
    let length = min(wanted, ring.count - start)
    let filled = ring.withUnsafeMutableBytes {
      body(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + length]))
    }
    count += filled
    return filled
  }

  /// Puts bytes in, for which there is room.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= room, "more put in than there is room for")
    var offset = 0
    while offset < bytes.count {
      offset += withWritable(bytes.count - offset) { room in
        room.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + room.count]))
        return room.count
      }
    }
  }

  /// Makes the ring larger, at least twice as large as it was; what is in it moves to its beginning.
  private mutating func grow(toHold wanted: Int) {
    var larger: [UInt8] = []
    larger.reserveCapacity(min(capacity, max(wanted, ring.count * 2)))
    let end = readPosition + count
    larger += ring[readPosition..<min(end, ring.count)]
    if end > ring.count { larger += ring[..<(end - ring.count)] }
    larger += repeatElement(0, count: min(capacity, max(wanted, ring.count * 2)) - larger.count)
    ring = larger
    readPosition = 0
  }
}

extension ByteRing: Digestible {
  /// What is in it, wherever in the ring that lies.
  func combine(into digest: inout Digest) {
    for offset in 0..<count { digest.combine(ring[(readPosition + offset) % ring.count]) }
  }
}
