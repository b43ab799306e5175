// Inodes: what a file is, and where its data lies. As xv6: 12 direct blocks and one block of 256
// more. An inode is freed when no directory names it and nothing in the machine refers to it.

/// An inode's number; 0 is none, 1 the root directory.
package typealias InodeNumber = UInt32

/// A file, directory or device.
package struct Inode: Sendable {
  package enum Kind: Int16, Sendable {
    case free = 0
    case directory = 1
    case file = 2
    case device = 3
  }

  package static let directBlocks = 12
  package static let indirectBlocks = Disk.blockSize / 4
  /// The largest file, in bytes.
  static let maximumSize = (directBlocks + indirectBlocks) * Disk.blockSize

  package internal(set) var kind = Kind.free
  var major: Int16 = 0
  var minor: Int16 = 0
  /// Directory entries that name it; a directory's own `.` does not count.
  package internal(set) var links: Int16 = 0
  /// In bytes.
  package internal(set) var size: UInt32 = 0
  /// Blocks in order, 0 where there is none; the last is the block of further block numbers.
  package internal(set) var blocks = InlineArray<13, BlockNumber>(repeating: 0)
  /// Open files, working directories and roots that refer to it.
  package internal(set) var references = 0
  /// The container in which it was made.
  var maker = ContainerID.outside
}

/// What became of a write.
struct WriteResult {
  var written: Int
  /// Why not everything was written; nil if it was.
  var refusal: Refusal?
}

/// The disk's files.
package struct FileSystem: Sendable {
  package static let root: InodeNumber = 1

  package private(set) var disk: Disk
  package private(set) var inodes: [Inode]

  /// A disk with nothing but an empty root directory.
  init(blocks: Int, inodes count: Int) throws(ScenarioError) {
    let least = Disk.reservedBlocks(of: blocks, inodes: count) + 1
    guard blocks >= least, count >= 2 else {
      throw ScenarioError(
        "disk: found \(blocks) blocks and \(count) inodes, expected at least \(least) and 2")
    }
    disk = Disk(blocks: blocks, inodes: count)
    inodes = Array(repeating: Inode(), count: count)
    inodes[Int(FileSystem.root)].kind = .directory
    inodes[Int(FileSystem.root)].links = 1
    inodes[Int(FileSystem.root)].references = 1
    do {
      try addEntry(.current, FileSystem.root, to: FileSystem.root)
      try addEntry(.parent, FileSystem.root, to: FileSystem.root)
    } catch {
      throw ScenarioError("disk: no room for the root directory: \(error.name)")
    }
  }

  package subscript(_ number: InodeNumber) -> Inode { inodes[Int(number)] }

  var freeInodeCount: Int {
    var count = 0
    for number in 1..<inodes.count where inodes[number].kind == .free { count += 1 }
    return count
  }

  func status(of number: InodeNumber) -> FileStatus {
    let inode = self[number]
    return FileStatus(
      inode: number, type: inode.kind.rawValue, links: inode.links, size: UInt64(inode.size))
  }

  // MARK: Life

  /// A new inode with no links and one reference, or nil when all are taken.
  mutating func allocate(_ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0) -> InodeNumber? {
    for number in 1..<inodes.count where inodes[number].kind == .free {
      inodes[number] = Inode()
      inodes[number].kind = kind
      inodes[number].major = major
      inodes[number].minor = minor
      inodes[number].references = 1
      inodes[number].maker = disk.maker
      return InodeNumber(number)
    }
    return nil
  }

  /// From now on, inodes and blocks are taken for this container.
  mutating func take(for container: ContainerID) { disk.maker = container }

  /// What of the disk a container has taken that is in use.
  func holding(of container: ContainerID) -> (inodes: Int, blocks: Int) {
    var count = 0
    for inode in inodes where inode.kind != .free && inode.maker == container { count += 1 }
    return (count, disk.blockCount(madeBy: container))
  }

  mutating func retain(_ number: InodeNumber) {
    precondition(inodes[Int(number)].kind != .free, "inode \(number) is free")
    inodes[Int(number)].references += 1
  }

  /// Drops a reference; with the last one, an inode that no directory names is freed.
  mutating func release(_ number: InodeNumber) {
    let index = Int(number)
    precondition(inodes[index].references > 0, "inode \(number) has no reference")
    inodes[index].references -= 1
    if inodes[index].references == 0 && inodes[index].links == 0 {
      truncate(number)
      inodes[index].kind = .free
    }
  }

  mutating func addLink(_ number: InodeNumber) { inodes[Int(number)].links += 1 }

  mutating func removeLink(_ number: InodeNumber) {
    precondition(inodes[Int(number)].links > 0, "inode \(number) has no link")
    inodes[Int(number)].links -= 1
  }

  /// Frees the inode's blocks and makes its size 0.
  mutating func truncate(_ number: InodeNumber) {
    let index = Int(number)
    for slot in 0..<Inode.directBlocks where inodes[index].blocks[slot] != 0 {
      disk.release(inodes[index].blocks[slot])
      inodes[index].blocks[slot] = 0
    }
    let indirect = inodes[index].blocks[Inode.directBlocks]
    if indirect != 0 {
      for slot in 0..<Inode.indirectBlocks {
        let block = disk.word(slot, of: indirect)
        if block != 0 { disk.release(block) }
      }
      disk.release(indirect)
      inodes[index].blocks[Inode.directBlocks] = 0
    }
    inodes[index].size = 0
  }

  // MARK: Data

  /// The block that holds the file's `index`-th kilobyte, or 0 if it has none.
  private func block(_ index: Int, of number: InodeNumber) -> BlockNumber {
    let inode = inodes[Int(number)]
    if index < Inode.directBlocks { return inode.blocks[index] }
    let indirect = inode.blocks[Inode.directBlocks]
    return indirect == 0 ? 0 : disk.word(index - Inode.directBlocks, of: indirect)
  }

  /// As `block`, allocating what is missing; nil when the disk is full.
  private mutating func makeBlock(_ index: Int, of number: InodeNumber) -> BlockNumber? {
    let existing = block(index, of: number)
    if existing != 0 { return existing }
    if index < Inode.directBlocks {
      guard let new = disk.allocate() else { return nil }
      inodes[Int(number)].blocks[index] = new
      return new
    }
    if inodes[Int(number)].blocks[Inode.directBlocks] == 0 {
      guard let indirect = disk.allocate() else { return nil }
      inodes[Int(number)].blocks[Inode.directBlocks] = indirect
    }
    guard let new = disk.allocate() else { return nil }
    disk.setWord(
      index - Inode.directBlocks, of: inodes[Int(number)].blocks[Inode.directBlocks], to: new)
    return new
  }

  /// Hands the bytes from `offset` on, `count` at most, to `consume`, a block's worth at a time.
  ///
  /// - Returns: how many were consumed, or nil when `consume` returned false.
  func read(
    _ number: InodeNumber, at offset: Int, count: Int,
    _ consume: (UnsafeRawBufferPointer) -> Bool
  ) -> Int? {
    let size = Int(inodes[Int(number)].size)
    guard offset < size else { return 0 }
    let end = offset + min(count, size - offset)
    var position = offset
    while position < end {
      let within = position % Disk.blockSize
      let length = min(end - position, Disk.blockSize - within)
      let source = block(position / Disk.blockSize, of: number)
      let consumed = disk.withBytes(of: source) {
        consume(UnsafeRawBufferPointer(rebasing: $0[within..<within + length]))
      }
      guard consumed else { return nil }
      position += length
    }
    return end - offset
  }

  /// The bytes from `offset` on, `count` at most.
  package func read(_ number: InodeNumber, at offset: Int, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, min(count, Int(inodes[Int(number)].size) - offset)))
    _ = read(number, at: offset, count: count) {
      bytes.append(contentsOf: $0)
      return true
    }
    return bytes
  }

  /// Writes bytes at `offset`; the file grows with what is written.
  ///
  /// What was written before a refusal stays.
  mutating func write(_ number: InodeNumber, at offset: Int, _ bytes: UnsafeRawBufferPointer)
    -> WriteResult
  {
    let index = Int(number)
    guard offset <= Int(inodes[index].size) else {
      return WriteResult(written: 0, refusal: .offsetPastEnd)
    }
    guard offset + bytes.count <= Inode.maximumSize else {
      return WriteResult(written: 0, refusal: .fileTooLarge)
    }
    var written = 0
    var refusal: Refusal?
    while written < bytes.count {
      let within = (offset + written) % Disk.blockSize
      let length = min(bytes.count - written, Disk.blockSize - within)
      guard let target = makeBlock((offset + written) / Disk.blockSize, of: number) else {
        refusal = .noBlock
        break
      }
      disk.withMutableBytes(of: target) {
        UnsafeMutableRawBufferPointer(rebasing: $0[within..<within + length])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[written..<written + length]))
      }
      written += length
    }
    inodes[index].size = max(inodes[index].size, UInt32(offset + written))
    return WriteResult(written: written, refusal: refusal)
  }
}
