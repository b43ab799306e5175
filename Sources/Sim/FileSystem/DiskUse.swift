// What of the disk groups have: inodes where they were made, and blocks with the inode that leads to them. The one
// place where either is counted and given back; for what nobody in a group has made, that is a comparison.

/// A group that had no room for a file or a block; none where it was kept for processes outside containers.
struct FullDisk {
  var resource: GroupResource
  var group: FullGroup
}

/// What of the disk is kept for processes outside containers.
struct DiskReserve: Sendable {
  var blocks = 0
  var inodes = 0
  /// Blocks that there are for files.
  var allBlocks = 0
}

/// Mistakes that a kernel can be told to make when it counts what groups have of the disk.
struct DiskMistakes: OptionSet, Sendable {
  var rawValue: UInt8

  /// Limits are not looked at.
  static let unchecked = DiskMistakes(rawValue: 1)
  static let writerPays = DiskMistakes(rawValue: 2)
  static let unnamedFree = DiskMistakes(rawValue: 4)
  static let copiesFree = DiskMistakes(rawValue: 8)
  static let tablesFree = DiskMistakes(rawValue: 16)
}

extension FileSystem {
  /// Takes so much in a group and in all above it, unless one of them is full: then `full` says which.
  @inline(__always)
  mutating func takes(_ resource: GroupResource, _ amount: Int, in group: GroupID) -> Bool {
    group == .root || takesInGroup(resource, amount, group)
  }

  private mutating func takesInGroup(
    _ resource: GroupResource, _ amount: Int, _ group: GroupID
  ) -> Bool {
    do {
      try groups.take(resource, amount, in: group, checking: !mistakes.contains(.unchecked))
      return true
    } catch {
      full = FullDisk(resource: resource, group: error)
      return false
    }
  }

  /// Gives back what was taken by somebody in a group.
  @inline(__always)
  mutating func giveBack(_ resource: GroupResource, _ amount: Int, in group: GroupID) {
    if group != .root { groups.giveBack(resource, amount, in: group) }
  }

  /// Whether somebody in a container may have an inode, unless that is kept for processes outside.
  func leavesInodes() -> Bool {
    disk.maker == .outside || reserve.inodes == 0 || freeInodeCount > reserve.inodes
  }

  private func leavesBlocks() -> Bool {
    disk.maker == .outside || reserve.blocks == 0 || disk.freeCount > reserve.blocks
  }

  /// Notes that there is some of the disk, but that it is kept.
  mutating func noteKept(_ resource: GroupResource, all: Int, free: Int, kept: Int, unit: Int) {
    if free == 0 { return }
    let full = FullGroup(group: .none, limit: (all - kept) * unit, held: (all - free) * unit)
    self.full = FullDisk(resource: resource, group: full)
  }

  /// A block for an inode; nil when the disk is full, or a group in which the inode counts.
  ///
  /// - Parameter isTable: whether it is to hold block numbers.
  mutating func takeBlock(for number: InodeNumber, isTable: Bool = false) -> BlockNumber? {
    var group = inodes[Int(number)].payer
    if mistakes.contains(.writerPays) { group = payer }
    if isTable && mistakes.contains(.tablesFree) { group = .root }
    guard leavesBlocks() else {
      noteKept(
        .disk, all: reserve.allBlocks, free: disk.freeCount, kept: reserve.blocks,
        unit: Disk.blockSize)
      return nil
    }
    guard takes(.disk, Disk.blockSize, in: group) else { return nil }
    if let block = disk.allocate() { return block }
    giveBack(.disk, Disk.blockSize, in: group)
    return nil
  }

  /// Frees a block that an inode has led to.
  mutating func giveBack(_ block: BlockNumber, of number: InodeNumber) {
    disk.release(block)
    giveBack(.disk, Disk.blockSize, in: inodes[Int(number)].payer)
  }

  /// Has an inode and its blocks count nowhere any more, which takes a defect.
  mutating func stopCounting(_ number: InodeNumber) {
    let group = inodes[Int(number)].payer
    inodes[Int(number)].payer = .root
    giveBack(.inodes, 1, in: group)
    giveBack(.disk, blockCount(of: number) * Disk.blockSize, in: group)
  }

  /// The inodes in use that were made after so many.
  package func made(after count: UInt64) -> [InodeNumber] {
    var found: [InodeNumber] = []
    for number in inodes.indices where inodes[number].serial > count {
      if inodes[number].kind != .free { found.append(InodeNumber(number)) }
    }
    return found
  }

  /// Blocks that an inode leads to, those of block numbers included.
  func blockCount(of number: InodeNumber) -> Int {
    let blocks = inodes[Int(number)].blocks
    var count = 0
    for slot in 0..<layout.directBlocks where blocks[slot] != 0 { count += 1 }
    for slot in layout.directBlocks..<blocks.count where blocks[slot] != 0 {
      count += blockCount(below: blocks[slot], depth: slot - layout.directBlocks + 1)
    }
    return count
  }

  private func blockCount(below table: BlockNumber, depth: Int) -> Int {
    var count = 1
    for word in 0..<FileLayout.fanOut {
      let block = disk.word(word, of: table)
      if block != 0 { count += depth == 1 ? 1 : blockCount(below: block, depth: depth - 1) }
    }
    return count
  }
}
