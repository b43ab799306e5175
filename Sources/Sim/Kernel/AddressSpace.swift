// What a program runs in, apart from who runs there: a process names its address space by an index, and
// several could name one. fork makes another, exec puts a new one in the place of the old, exit lets go
// of it; with its last user its pages go.

/// Pages, where they end, and what of them is shared by name.
package struct AddressSpace: Sendable {
  package internal(set) var table = PageTable()
  /// In bytes, as `sbrk` reports it; pages up to here are mapped.
  package internal(set) var size: UInt64 = 0
  /// The page that exec gave the program for a stack.
  var stackPage: PageNumber = 0
  package internal(set) var sharedMappings: [SharedMapping] = []
  /// Processes that run in it; 0 only where nothing is kept.
  package fileprivate(set) var users = 0
  /// Whether there were ever several. What is watched of them must not hang on which of them has ended already.
  fileprivate(set) var hasHadThreads = false

  /// Whether the stack's page is still there and may be written.
  var canWriteStack: Bool {
    guard stackPage < table.count else { return false }
    return table[stackPage].isOwn && table[stackPage].permissions.contains(.write)
  }
}

/// The machine's address spaces; an index is used again when nobody has it any more.
package struct AddressSpaceTable: Sendable {
  private var spaces: [AddressSpace] = []
  private var free = FreeList(0..<Int(Int32.max))
  /// Users of all address spaces together.
  package private(set) var useCount = 0

  /// The number of slots, used or not.
  package var slotCount: Int { spaces.count }

  package subscript(_ index: AddressSpaceIndex) -> AddressSpace {
    _read {
      precondition(spaces[index.index].users > 0, "the address space is free")
      yield spaces[index.index]
    }
    _modify {
      precondition(spaces[index.index].users > 0, "the address space is free")
      yield &spaces[index.index]
    }
  }

  /// Keeps an address space, with one user.
  mutating func insert(_ space: AddressSpace) -> AddressSpaceIndex {
    guard let number = free.take() else { preconditionFailure("more address spaces than indices") }
    let index = AddressSpaceIndex(Int(number))
    if index.index == spaces.count { spaces.append(AddressSpace()) }
    spaces[index.index] = space
    spaces[index.index].users = 1
    spaces[index.index].hasHadThreads = false
    useCount += 1
    return index
  }

  /// One more user.
  mutating func retain(_ index: AddressSpaceIndex) {
    self[index].users += 1
    self[index].hasHadThreads = true
    useCount += 1
  }

  /// One user less.
  ///
  /// - Returns: the address space if that was the last one, whose pages are the caller's to release.
  mutating func release(_ index: AddressSpaceIndex) -> AddressSpace? {
    self[index].users -= 1
    useCount -= 1
    guard spaces[index.index].users == 0 else { return nil }
    var last = AddressSpace()
    swap(&last, &spaces[index.index])
    free.giveBack(UInt32(index.index))
    return last
  }

  /// Pages that have a frame, of all address spaces together.
  package var mappedCount: Int {
    var count = 0
    for number in spaces.indices where spaces[number].users > 0 {
      count += spaces[number].table.mappedCount
    }
    return count
  }

  /// Lends each address space that is in use, in order of indices, without a copy.
  package func forEachUsed(_ body: (AddressSpaceIndex, borrowing AddressSpace) -> Void) {
    spaces.withUnsafeBufferPointer { spaces in
      for number in spaces.indices where spaces[number].users > 0 {
        body(AddressSpaceIndex(number), spaces[number])
      }
    }
  }
}

extension Kernel {
  /// Where the pages are of a process that has not exited.
  @inline(__always)
  func space(of slot: Slot) -> AddressSpaceIndex {
    guard let space = processes.addressSpace(of: slot) else {
      preconditionFailure("a process that has exited has no pages")
    }
    return space
  }

  /// A process's address space; none when it has exited.
  package func addressSpace(of slot: Slot) -> AddressSpace? {
    processes[slot].addressSpace.map { addressSpaces[$0] }
  }

  /// Visits the pages of a range that a process has frames for, in order; without a copy of its table.
  package func forEachMapped(
    of slot: Slot, in range: Range<PageNumber>, _ body: (PageNumber, PageEntry) -> Void
  ) {
    guard let space = processes.addressSpace(of: slot) else { return }
    addressSpaces[space].table.forEachMapped(in: range, body)
  }

  /// Takes a process out of its address space, whose pages go if nobody else runs there.
  mutating func leaveAddressSpace(_ slot: Slot) {
    let space = space(of: slot)
    processes[slot].addressSpace = nil
    if let left = addressSpaces.release(space) { releasePages(of: left.table, by: slot) }
  }
}

extension AddressSpace: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(table)
    digest.combine(size)
    digest.combine(stackPage)
    digest.combine(sharedMappings)
    digest.combine(users)
    digest.combine(hasHadThreads)
  }
}

extension AddressSpaceTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(free)
    for space in spaces where space.users > 0 { digest.combine(space) }
  }
}
