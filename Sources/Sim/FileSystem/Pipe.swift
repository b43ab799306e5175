// Pipes: a ring of bytes between a reading and a writing end, and the processes that wait at either.

/// A bounded queue of bytes with two ends.
package struct Pipe: Sendable {
  /// The group in which it counts.
  package let payer: GroupID
  private var bytes: ByteRing

  package internal(set) var readOpen = true
  package internal(set) var writeOpen = true
  package internal(set) var readers = WaitQueue()
  package internal(set) var writers = WaitQueue()

  init(capacity: Int, payer: GroupID = .root) {
    bytes = ByteRing(capacity: capacity)
    self.payer = payer
  }

  package var count: Int { bytes.count }
  package var room: Int { bytes.room }
  var isClosed: Bool { !readOpen && !writeOpen }

  /// Takes `number` bytes that were looked at away.
  mutating func removeFirst(_ number: Int) { bytes.removeFirst(number) }

  /// Up to `limit` bytes that lie next to each other, to be read.
  @inline(__always)
  func withReadable<Result>(_ limit: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withReadable(limit, body)
  }

  /// Room for up to `limit` bytes next to each other; as many as `body` says were filled count.
  @inline(__always)
  mutating func withWritable(_ limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    bytes.withWritable(limit, body)
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
    digest.combine(bytes)
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
