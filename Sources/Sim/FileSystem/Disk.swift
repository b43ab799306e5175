// The disk: blocks of 1 KiB, handed out and taken back. As on xv6's disk, the first blocks (boot,
// super, log, inodes, bitmap) are never handed out; 0 therefore means "no block".

/// A block's place on the disk.
package typealias BlockNumber = UInt32

/// What is known of a block besides its bytes.
private struct BlockFacts: Sendable {
  /// For whom it is in use, or was.
  var maker = ContainerID.outside
  /// Whether it was written since `takeWritten`.
  var isWritten = false
  /// Whether another block may have the same bytes, and the host keeps them once.
  var isCopy = false
}

/// Blocks, and which are free.
package struct Disk: Sendable {
  static let blockSize = 1024
  /// xv6's LOGSIZE: reserved as there, so that as many blocks are left for files.
  private static let logBlocks = 30
  private static let inodesPerBlock = 16

  /// Both are as long as the highest block that was ever handed out, and some more.
  private var blocks: [[UInt8]] = []
  private var facts: [BlockFacts] = []
  private static let growth = 64
  private var free: FreeList
  /// How often a block was taken or given back: what the kernel counts as work.
  private(set) var changeCount = 0
  /// For whom blocks are taken now.
  var maker = ContainerID.outside
  /// Blocks written since `takeWritten`, each once.
  private var written: [BlockNumber] = []
  private let zeros = [UInt8](repeating: 0, count: blockSize)

  init(blocks count: Int, inodes: Int) {
    let reserved = Disk.reservedBlocks(of: count, inodes: inodes)
    free = FreeList(min(reserved, count)..<count)
  }

  /// How many of `count` blocks never hold a file's data.
  package static func reservedBlocks(of count: Int, inodes: Int) -> Int {
    2 + logBlocks + (inodes / inodesPerBlock + 1) + (count / (blockSize * 8) + 1)
  }

  package var freeCount: Int { free.count }

  /// A zeroed block, or nil when the disk is full.
  mutating func allocate() -> BlockNumber? {
    guard let number = free.take() else { return nil }
    if number >= blocks.count {
      let more = Int(number) + Disk.growth - blocks.count
      blocks += repeatElement([], count: more)
      facts += repeatElement(BlockFacts(), count: more)
    }
    precondition(blocks[Int(number)].isEmpty, "block \(number) was free and in use")
    blocks[Int(number)] = zeros
    changeCount &+= 1
    facts[Int(number)].maker = maker
    facts[Int(number)].isCopy = true
    return number
  }

  mutating func release(_ number: BlockNumber) {
    precondition(!blocks[Int(number)].isEmpty, "block \(number) is free")
    blocks[Int(number)] = []
    changeCount &+= 1
    free.giveBack(number)
  }

  /// How many blocks are in use that a container has taken.
  func blockCount(madeBy container: ContainerID) -> Int {
    var count = 0
    for number in facts.indices where facts[number].maker == container && !blocks[number].isEmpty {
      count += 1
    }
    return count
  }

  /// The block's 1024 bytes, to read.
  func withBytes<Result>(of number: BlockNumber, _ body: (UnsafeRawBufferPointer) -> Result)
    -> Result
  {
    blocks[Int(number)].withUnsafeBytes(body)
  }

  /// The block's 1024 bytes, to change.
  mutating func withMutableBytes<Result>(
    of number: BlockNumber, _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    noteWritten(number)
    facts[Int(number)].isCopy = false
    return blocks[Int(number)].withUnsafeMutableBytes(body)
  }

  /// Writes bytes from `offset` in a block on.
  mutating func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, of number: BlockNumber
  ) {
    if bytes.count == Disk.blockSize && facts[Int(number)].isCopy {
      // All of it is new: what it had in common with another need not be copied first.
      noteWritten(number)
      facts[Int(number)].isCopy = false
      blocks[Int(number)] = [UInt8](bytes)
      return
    }
    withMutableBytes(of: number) {
      UnsafeMutableRawBufferPointer(rebasing: $0[offset..<offset + bytes.count])
        .copyMemory(from: bytes)
    }
  }

  /// Gives a block what another has; the host keeps it once until either is written.
  mutating func copy(_ source: BlockNumber, to target: BlockNumber) {
    noteWritten(target)
    facts[Int(target)].isCopy = true
    blocks[Int(target)] = blocks[Int(source)]
  }

  @inline(__always)
  private mutating func noteWritten(_ number: BlockNumber) {
    if facts[Int(number)].isWritten { return }
    facts[Int(number)].isWritten = true
    written.append(number)
  }

  /// Folds the blocks written since the last call into a hash that does not depend on their order.
  mutating func takeWritten() -> UInt64 {
    var sum: UInt64 = 0
    for number in written {
      facts[Int(number)].isWritten = false
      if blocks[Int(number)].isEmpty { continue }
      var digest = Digest(seed: UInt64(number))
      digest.combine(blocks[Int(number)])
      sum &+= digest.value
    }
    written.removeAll(keepingCapacity: true)
    return sum
  }

  /// The `index`-th 32-bit word of a block of block numbers.
  package func word(_ index: Int, of number: BlockNumber) -> BlockNumber {
    withBytes(of: number) { $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) }
      .littleEndian
  }

  mutating func setWord(_ index: Int, of number: BlockNumber, to value: BlockNumber) {
    withMutableBytes(of: number) {
      $0.storeBytes(of: value.littleEndian, toByteOffset: index * 4, as: UInt32.self)
    }
  }
}

extension Disk: Digestible {
  /// Which blocks are taken next; what they hold is folded by `takeWritten`.
  func combine(into digest: inout Digest) {
    digest.combine(free)
    digest.combine(changeCount)
    digest.combine(maker.raw)
  }
}
