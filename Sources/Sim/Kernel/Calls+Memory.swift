// sbrk: the address space's size grows and shrinks in bytes, its pages in whole pages. What grows lazily
// has no pages yet: each comes when it is first touched (`UserMemory.swift`).

extension Kernel {
  /// The second argument of `sbrk` for growth that takes pages only as they are touched (upstream's
  /// SBRK_LAZY); any other, or what a program that knows of none left there, takes them at once.
  private static let lazyGrowth: Int32 = 2

  mutating func sbrk(_ slot: Slot, by count: Int32, type: Int32) throws(Refusal) -> CallOutcome {
    let space = space(of: slot)
    let old = addressSpaces[space].size
    if count > 0 {
      try grow(slot, space, to: old + UInt64(count), lazily: type == Kernel.lazyGrowth)
    } else if count < 0, UInt64(-Int64(count)) <= old {
      let size = old - UInt64(-Int64(count))
      let hasShared = addressSpaces[space].sharedMappings.contains {
        UInt64(($0.page + 1) * pageSize) > size
      }
      if hasShared { throw .wouldShrinkOverShared }
      shrink(slot, space, to: size)
    }
    // A shrink below 0 changes nothing and succeeds, as in xv6.
    return .value(Int64(bitPattern: old))
  }

  /// Moves the end up to `size`; unless that is to be lazy, maps zeroed pages up to there, all or none.
  private mutating func grow(
    _ slot: Slot, _ space: AddressSpaceIndex, to size: UInt64, lazily: Bool
  ) throws(Refusal) {
    let old = addressSpaces[space].size
    let wanted = Kernel.pageCount(size)
    let added = lazily ? 0 : max(0, wanted - addressSpaces[space].table.count)
    guard size <= Kernel.userTop, added <= memory.freeCount else { throw .noMemory }
    let payer = try takeMemory(frames: added, for: slot)
    // What lay behind the end in the last page may be left over from before a shrink.
    let leftover = min(size, UInt64(Kernel.pageCount(old) * pageSize)) - old
    if leftover > 0, !zero(slot, space, at: old, count: Int(leftover)) {
      giveBackMemory(frames: added, in: payer)
      throw .noMemory
    }
    if lazily {
      addressSpaces[space].table.extend(to: max(wanted, addressSpaces[space].table.count))
    }
    while addressSpaces[space].table.count < wanted {
      let keepsContents = defects.contains(.heapNotZeroed)
      guard let frame = frame(payer: payer, keepingContents: keepsContents) else {
        giveBackMemory(frames: wanted - addressSpaces[space].table.count, in: payer)
        shrink(slot, space, to: old)
        throw .noMemory
      }
      addressSpaces[space].table.append(PageEntry(frame: frame, permissions: [.read, .write]))
    }
    addressSpaces[space].size = size
  }

  /// Unmaps whole pages behind `size`.
  private mutating func shrink(_ slot: Slot, _ space: AddressSpaceIndex, to size: UInt64) {
    let wanted = Kernel.pageCount(size)
    while let entry = addressSpaces[space].table.removeLastMapped(from: wanted) {
      releasePage(entry, by: slot)
    }
    addressSpaces[space].table.shorten(to: wanted)
    addressSpaces[space].size = size
  }

  /// Zeroes part of one page, whatever its permissions; false when it had to be copied and memory
  /// is out.
  private mutating func zero(
    _ slot: Slot, _ space: AddressSpaceIndex, at address: UInt64, count: Int
  ) -> Bool {
    let page = PageNumber(truncatingIfNeeded: address >> 12)
    let entry = addressSpaces[space].table[page]
    // One that nobody has touched comes as zeros.
    if entry.isUntouched { return true }
    guard entry.present else {
      // A shared page was unmapped here; what grows into the hole is a page of its own.
      guard let frame = try? takeFrame(for: slot) else { return false }
      addressSpaces[space].table[page] = PageEntry(frame: frame, permissions: [.read, .write])
      return true
    }
    if entry.permissions.contains(.copyOnWrite) || memory.userCount(entry.frame) > 1 {
      guard unshare(slot, page: page) else { return false }
      if !entry.permissions.contains(.copyOnWrite) {
        addressSpaces[space].table[page].permissions = entry.permissions
      }
    }
    guard let frame = addressSpaces[space].table.entry(at: address)?.frame else { return true }
    (memory.writableBytes(of: frame) + Int(address & 4095))
      .initializeMemory(as: UInt8.self, repeating: 0, count: count)
    return true
  }

  /// Pages that hold `size` bytes.
  static func pageCount(_ size: UInt64) -> Int {
    Int(truncatingIfNeeded: (size + UInt64(pageSize) - 1) / UInt64(pageSize))
  }
}
