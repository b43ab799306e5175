// Inodes: what a file is, and where its data lies. As xv6: 12 direct blocks and one block of 256
// more; where files may be larger, as in the courses' exercise: 11, 256, and 256 blocks of 256.
// An inode is freed when no directory names it and nothing in the machine refers to it.
//
// An inode counts in the group of the process that made it, and so do all blocks that it leads to, whoever
// writes them, until it is freed. `DiskUse.swift` has the one place where either is taken and given back.

/// A file, directory or device.
package struct Inode: Sendable {
  package enum Kind: Int16, Sendable {
    case free = 0
    case directory = 1
    case file = 2
    case device = 3
  }

  package internal(set) var kind = Kind.free
  var major: Int16 = 0
  var minor: Int16 = 0
  /// Directory entries that name it; a directory's own `.` does not count.
  package internal(set) var links: Int16 = 0
  /// In bytes.
  package internal(set) var size: UInt32 = 0
  /// Blocks in order, 0 where there is none; the last, or the last two, hold further block numbers.
  package internal(set) var blocks = InlineArray<13, BlockNumber>(repeating: 0)
  /// Open files, working directories, roots, mounts and unions that refer to it.
  package internal(set) var references = 0
  /// Whether a directory of a layer hides what the layers below it have.
  package internal(set) var isOpaque = false
  /// Rises with every change of a directory; for who remembers what was in it.
  var changes: UInt32 = 0
  /// Mounts, in all tables, that hide it.
  package internal(set) var mountPoints = 0
  /// The container in which it was made.
  var maker = ContainerID.outside
  /// The group in which it counts, with its blocks; the root's for what was there from the beginning.
  package internal(set) var payer = GroupID.root
  /// How many had been made before it, itself counted.
  package internal(set) var serial: UInt64 = 0
}

/// How an inode's block numbers lead to a file's blocks.
package struct FileLayout: Equatable, Sendable {
  /// Block numbers in a block of them.
  package static let fanOut = Disk.blockSize / 4
  /// What the usual layout reaches, and what the other does.
  static let usualBlocks = 12 + fanOut
  static let mostBlocks = 11 + fanOut + fanOut * fanOut

  /// Blocks that the inode names itself.
  package let directBlocks: Int
  /// Whether behind the block of block numbers there is one more, of numbers of such blocks.
  package let isDouble: Bool
  /// The largest file, in bytes.
  let maximumSize: Int

  /// - Parameter fileBlocks: blocks of the largest file.
  init(fileBlocks: Int) {
    isDouble = fileBlocks > FileLayout.usualBlocks
    directBlocks = isDouble ? 11 : 12
    maximumSize = min(fileBlocks, FileLayout.mostBlocks) * Disk.blockSize
  }
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

  package internal(set) var disk: Disk
  package internal(set) var inodes: [Inode]
  package let layout: FileLayout
  /// The groups, in which inodes and blocks count.
  package internal(set) var groups = GroupTable()
  /// The group of whoever makes inodes now.
  var payer = GroupID.root
  /// The group that had no room for the last that was to be taken.
  var full: FullDisk?
  /// Inodes made so far.
  package internal(set) var madeCount: UInt64 = 0
  /// What containers leave.
  var reserve = DiskReserve()
  /// Mistakes in counting that are to be made.
  var mistakes = DiskMistakes()

  /// A disk with nothing but an empty root directory.
  init(blocks: Int, inodes count: Int, fileBlocks: Int = FileLayout.usualBlocks)
    throws(ScenarioError)
  {
    let least = Disk.reservedBlocks(of: blocks, inodes: count) + 1
    guard blocks >= least, count >= 2 else {
      throw ScenarioError(
        "disk: found \(blocks) blocks and \(count) inodes, expected at least \(least) and 2")
    }
    disk = Disk(blocks: blocks, inodes: count)
    layout = FileLayout(fileBlocks: fileBlocks)
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

  /// References to inodes in all, and how many inodes are in use for nothing. Counted here, for from
  /// another module the whole table would be copied.
  package var inodeUse: (references: Int, useless: Int) {
    var sums = (references: 0, useless: 0)
    for number in 1..<inodes.count {
      sums.references += inodes[number].references
      if inodes[number].links != 0 || inodes[number].references != 0 { continue }
      if inodes[number].kind != .free { sums.useless += 1 }
    }
    return sums
  }

  // MARK: Life

  /// A new inode with no links and one reference, or nil when all are taken, or all that a group may have.
  mutating func allocate(_ kind: Inode.Kind, major: Int16 = 0, minor: Int16 = 0) -> InodeNumber? {
    for number in 1..<inodes.count where inodes[number].kind == .free {
      guard leavesInodes() else {
        noteKept(
          .inodes, all: inodes.count - 1, free: freeInodeCount, kept: reserve.inodes, unit: 1)
        return nil
      }
      guard takes(.inodes, 1, in: payer) else { return nil }
      madeCount += 1
      inodes[number] = Inode()
      inodes[number].payer = payer
      inodes[number].serial = madeCount
      inodes[number].kind = kind
      inodes[number].major = major
      inodes[number].minor = minor
      inodes[number].references = 1
      inodes[number].maker = disk.maker
      return InodeNumber(number)
    }
    return nil
  }

  /// From now on, inodes and blocks are taken for somebody in this container and this group.
  mutating func take(for container: ContainerID, in group: GroupID) {
    disk.maker = container
    payer = group
    full = nil
  }

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
      giveBack(.inodes, 1, in: inodes[index].payer)
    }
  }

  /// Marks a directory of a layer as one that hides what is below.
  mutating func makeOpaque(_ number: InodeNumber) { inodes[Int(number)].isOpaque = true }

  /// Whether an inode stands for a name that was removed: a device 0, 0, as on Linux.
  package func isWhiteout(_ number: InodeNumber) -> Bool {
    let index = Int(number)
    return inodes[index].kind == .device && inodes[index].major == 0 && inodes[index].minor == 0
  }

  /// Takes bytes from a file's end, and gives back the blocks that hold nothing else.
  mutating func shrink(_ number: InodeNumber, to size: UInt32) {
    let index = Int(number)
    guard size < inodes[index].size else { return }
    let kept = (Int(size) + Disk.blockSize - 1) / Disk.blockSize
    let had = (Int(inodes[index].size) + Disk.blockSize - 1) / Disk.blockSize
    for block in kept..<max(kept, had) { dropBlock(block, of: number) }
    inodes[index].size = size
    inodes[index].changes &+= 1
  }

  /// Gives a block back, and the inode's block of block numbers when nothing is in it any more.
  private mutating func dropBlock(_ block: Int, of number: InodeNumber) {
    let index = Int(number)
    let old = self.block(block, of: number)
    guard old != 0 else { return }
    giveBack(old, of: number)
    if block < layout.directBlocks {
      inodes[index].blocks[block] = 0
      return
    }
    let within = block - layout.directBlocks
    guard within < FileLayout.fanOut else {
      let further = within - FileLayout.fanOut
      let table = word(
        further / FileLayout.fanOut, of: inodes[index].blocks[layout.directBlocks + 1])
      disk.setWord(further % FileLayout.fanOut, of: table, to: 0)
      return
    }
    let table = inodes[index].blocks[layout.directBlocks]
    disk.setWord(within, of: table, to: 0)
    if within == 0 {
      giveBack(table, of: number)
      inodes[index].blocks[layout.directBlocks] = 0
    }
  }

  /// Counts mounts that hide an inode.
  mutating func changeMountPoints(of number: InodeNumber, by change: Int) {
    inodes[Int(number)].mountPoints += change
  }

  mutating func addLink(_ number: InodeNumber) { inodes[Int(number)].links += 1 }

  mutating func removeLink(_ number: InodeNumber) {
    precondition(inodes[Int(number)].links > 0, "inode \(number) has no link")
    inodes[Int(number)].links -= 1
    if mistakes.contains(.unnamedFree), inodes[Int(number)].links == 0 { stopCounting(number) }
  }

  /// Frees the inode's blocks and makes its size 0.
  mutating func truncate(_ number: InodeNumber) {
    let index = Int(number)
    for slot in 0..<layout.directBlocks where inodes[index].blocks[slot] != 0 {
      giveBack(inodes[index].blocks[slot], of: number)
      inodes[index].blocks[slot] = 0
    }
    for depth in 1...(layout.isDouble ? 2 : 1) {
      let slot = layout.directBlocks + depth - 1
      if inodes[index].blocks[slot] != 0 {
        releaseTree(inodes[index].blocks[slot], depth: depth, of: number)
      }
      inodes[index].blocks[slot] = 0
    }
    inodes[index].size = 0
  }

  /// Frees a block of block numbers and all that it leads to.
  private mutating func releaseTree(_ table: BlockNumber, depth: Int, of number: InodeNumber) {
    for slot in 0..<FileLayout.fanOut {
      let block = disk.word(slot, of: table)
      if block == 0 { continue }
      if depth == 1 {
        giveBack(block, of: number)
      } else {
        releaseTree(block, depth: depth - 1, of: number)
      }
    }
    giveBack(table, of: number)
  }

  // MARK: Data

  /// The block that holds the file's `index`-th kilobyte, or 0 if it has none.
  private func block(_ index: Int, of number: InodeNumber) -> BlockNumber {
    let blocks = inodes[Int(number)].blocks
    if index < layout.directBlocks { return blocks[index] }
    let within = index - layout.directBlocks
    if within < FileLayout.fanOut { return word(within, of: blocks[layout.directBlocks]) }
    let further = within - FileLayout.fanOut
    return word(
      further % FileLayout.fanOut,
      of: word(further / FileLayout.fanOut, of: blocks[layout.directBlocks + 1]))
  }

  /// A number in a block of them; 0 where that block is missing.
  private func word(_ index: Int, of table: BlockNumber) -> BlockNumber {
    table == 0 ? 0 : disk.word(index, of: table)
  }

  /// As `block`, allocating what is missing; nil when the disk is full, or a group, and then nothing is.
  private mutating func makeBlock(_ index: Int, of number: InodeNumber) -> BlockNumber? {
    let existing = block(index, of: number)
    if existing != 0 { return existing }
    if index < layout.directBlocks { return makeBlock(inSlot: index, of: number) }
    let within = index - layout.directBlocks
    if within < FileLayout.fanOut {
      return makeBlock(behind: layout.directBlocks, of: number) { disk, table in
        disk.makeBlock(inWord: within, of: table, for: number)
      }
    }
    let further = within - FileLayout.fanOut
    return makeBlock(behind: layout.directBlocks + 1, of: number) { disk, double in
      let place = further / FileLayout.fanOut
      let isNew = disk.disk.word(place, of: double) == 0
      guard let table = disk.makeBlock(inWord: place, of: double, for: number) else { return nil }
      let word = further % FileLayout.fanOut
      if let new = disk.makeBlock(inWord: word, of: table, for: number) { return new }
      if isNew {
        disk.disk.setWord(place, of: double, to: 0)
        disk.giveBack(table, of: number)
      }
      return nil
    }
  }

  /// Makes a block behind a block of block numbers, which is there only if it is for something.
  private mutating func makeBlock(
    behind slot: Int, of number: InodeNumber,
    _ make: (inout FileSystem, BlockNumber) -> BlockNumber?
  ) -> BlockNumber? {
    let isNew = inodes[Int(number)].blocks[slot] == 0
    guard let table = makeBlock(inSlot: slot, of: number) else { return nil }
    if let new = make(&self, table) { return new }
    if isNew {
      inodes[Int(number)].blocks[slot] = 0
      giveBack(table, of: number)
    }
    return nil
  }

  /// The block that an inode names in one of its slots, allocated if it names none.
  private mutating func makeBlock(inSlot slot: Int, of number: InodeNumber) -> BlockNumber? {
    if inodes[Int(number)].blocks[slot] != 0 { return inodes[Int(number)].blocks[slot] }
    guard let new = takeBlock(for: number, isTable: slot >= layout.directBlocks) else { return nil }
    inodes[Int(number)].blocks[slot] = new
    return new
  }

  /// The block that a block of block numbers names, allocated if it names none.
  private mutating func makeBlock(
    inWord index: Int, of table: BlockNumber, for number: InodeNumber
  ) -> BlockNumber? {
    let existing = disk.word(index, of: table)
    if existing != 0 { return existing }
    guard let new = takeBlock(for: number) else { return nil }
    disk.setWord(index, of: table, to: new)
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

  /// Makes an empty file one with the data of another.
  ///
  /// - Returns: how many bytes that are.
  mutating func copyData(from source: InodeNumber, to copy: InodeNumber) throws(Refusal) -> Int {
    let size = inodes[Int(source)].size
    for index in 0..<(Int(size) + Disk.blockSize - 1) / Disk.blockSize {
      guard let target = makeBlock(index, of: copy) else { throw .noBlock }
      disk.copy(block(index, of: source), to: target)
    }
    inodes[Int(copy)].size = size
    return Int(size)
  }

  /// Writes bytes at `offset`; the file grows with what is written.
  ///
  /// What was written before a refusal stays.
  /// - Parameter grows: false for bytes behind the end to be in their block, and not of the file yet.
  mutating func write(
    _ number: InodeNumber, at offset: Int, _ bytes: UnsafeRawBufferPointer, grows: Bool = true
  ) -> WriteResult {
    let index = Int(number)
    guard offset <= Int(inodes[index].size) else {
      return WriteResult(written: 0, refusal: .offsetPastEnd)
    }
    guard offset + bytes.count <= layout.maximumSize else {
      return WriteResult(written: 0, refusal: .fileTooLarge)
    }
    if inodes[index].kind == .directory { inodes[index].changes &+= 1 }
    var written = 0
    var refusal: Refusal?
    while written < bytes.count {
      let within = (offset + written) % Disk.blockSize
      let length = min(bytes.count - written, Disk.blockSize - within)
      guard let target = makeBlock((offset + written) / Disk.blockSize, of: number) else {
        refusal = .noBlock
        break
      }
      disk.write(
        UnsafeRawBufferPointer(rebasing: bytes[written..<written + length]), at: within, of: target)
      written += length
    }
    if grows { inodes[index].size = max(inodes[index].size, UInt32(offset + written)) }
    return WriteResult(written: written, refusal: refusal)
  }
}

extension Inode: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(kind.rawValue)
    digest.combine(major)
    digest.combine(minor)
    digest.combine(links)
    digest.combine(size)
    for slot in blocks.indices { digest.combine(blocks[slot]) }
    digest.combine(references)
    digest.combine(isOpaque)
    digest.combine(mountPoints)
    digest.combine(maker.raw)
    digest.combine(payer.raw)
  }
}

extension FileSystem: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(disk)
    for number in inodes.indices where inodes[number].kind != .free {
      digest.combine(number)
      digest.combine(inodes[number])
    }
  }

  /// Folds the blocks that were written since the last call into a hash.
  mutating func takeWritten() -> UInt64 { disk.takeWritten() }
}
