// The disk: blocks of 1 KiB, handed out and taken back. As on xv6's disk, the first blocks (boot,
// super, log, inodes, bitmap) are never handed out; 0 therefore means "no block".

/// A block's place on the disk.
package typealias BlockNumber = UInt32

/// Blocks, and which are free.
package struct Disk: Sendable {
  static let blockSize = 1024
  /// xv6's LOGSIZE: reserved as there, so that as many blocks are left for files.
  private static let logBlocks = 30
  private static let inodesPerBlock = 16

  /// As long as the highest block that was ever handed out.
  private var blocks: [[UInt8]] = []
  private var free: FreeList
  /// How often a block was taken or given back: what the kernel counts as work.
  private(set) var changeCount = 0
  /// For whom blocks are taken now, and for whom each that is in use was.
  var maker = ContainerID.outside
  private var makers: [ContainerID] = []
  /// Blocks written since `takeWritten`, each once.
  private var written: [BlockNumber] = []
  private var isWritten: [Bool] = []
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
      blocks += repeatElement([], count: Int(number) + 1 - blocks.count)
      makers += repeatElement(.outside, count: Int(number) + 1 - makers.count)
      isWritten += repeatElement(false, count: Int(number) + 1 - isWritten.count)
    }
    precondition(blocks[Int(number)].isEmpty, "block \(number) was free and in use")
    blocks[Int(number)] = zeros
    changeCount &+= 1
    makers[Int(number)] = maker
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
    for number in makers.indices where makers[number] == container && !blocks[number].isEmpty {
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
    return blocks[Int(number)].withUnsafeMutableBytes(body)
  }

  /// Gives a block what another has; the host keeps it once until either is written.
  mutating func copy(_ source: BlockNumber, to target: BlockNumber) {
    noteWritten(target)
    blocks[Int(target)] = blocks[Int(source)]
  }

  @inline(__always)
  private mutating func noteWritten(_ number: BlockNumber) {
    if isWritten[Int(number)] { return }
    isWritten[Int(number)] = true
    written.append(number)
  }

  /// Folds the blocks written since the last call into a hash that does not depend on their order.
  mutating func takeWritten() -> UInt64 {
    var sum: UInt64 = 0
    for number in written {
      isWritten[Int(number)] = false
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
