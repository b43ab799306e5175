// Pipes: a ring of bytes between a reading and a writing end, and the processes that wait at either. The ring is as
// large as what has come together in it so far, not as what may: a guest that makes many pipes and
// writes to none takes next to nothing of the host.

/// A bounded queue of bytes with two ends.
package struct Pipe: Sendable {
  private let capacity: Int
  /// The group in which it counts.
  package let payer: GroupID
  private var ring: [UInt8] = []
  private var readPosition = 0
  package private(set) var count = 0

  package internal(set) var readOpen = true
  package internal(set) var writeOpen = true
  package internal(set) var readers = WaitQueue()
  package internal(set) var writers = WaitQueue()

  init(capacity: Int, payer: GroupID = .root) {
    self.capacity = capacity
    self.payer = payer
  }

  package var room: Int { capacity - count }
  var isClosed: Bool { !readOpen && !writeOpen }

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

/// The machine's pipes; places are used again.
package struct PipeTable: Sendable {
  /// A free place holds a pipe of no capacity.
  package private(set) var pipes: [Pipe] = []
  private var free: [PipeIndex] = []

  package subscript(_ index: PipeIndex) -> Pipe {
    _read { yield pipes[index.index] }
    _modify { yield &pipes[index.index] }
  }

  package var usedCount: Int { pipes.count - free.count }

  mutating func allocate(capacity: Int, payer: GroupID) -> PipeIndex {
    if let index = free.popLast() {
      pipes[index.index] = Pipe(capacity: capacity, payer: payer)
      return index
    }
    pipes.append(Pipe(capacity: capacity, payer: payer))
    return PipeIndex(pipes.count - 1)
  }

  mutating func release(_ index: PipeIndex) {
    pipes[index.index] = Pipe(capacity: 0)
    free.append(index)
  }
}

extension Pipe: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(readOpen)
    digest.combine(writeOpen)
    digest.combine(readers)
    digest.combine(writers)
    digest.combine(count)
    digest.combine(payer.raw)
    // What is in it, wherever in the ring that lies.
    for offset in 0..<count { digest.combine(ring[(readPosition + offset) % ring.count]) }
  }
}

extension PipeTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(free)
    for index in pipes.indices where !pipes[index].isClosed {
      digest.combine(index)
      digest.combine(pipes[index])
    }
  }
}
