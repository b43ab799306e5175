// The kernel's way into a process's pages. Addresses come from guests, so each is checked against
// the page table; nothing a guest passes can reach a frame that it could not reach itself.

extension Kernel {
  /// Copies bytes from user memory; nil when part of the range cannot be read.
  package mutating func copyIn(_ slot: Slot, _ address: UInt64, count: Int) -> [UInt8]? {
    let bytes = copyInPrefix(slot, address, count: count)
    return bytes.count == count ? bytes : nil
  }

  /// Copies bytes from user memory, up to the first page that cannot be read.
  mutating func copyInPrefix(_ slot: Slot, _ address: UInt64, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let room = UnsafeMutableRawBufferPointer(buffer)
      while initialized < count {
        let here = address &+ UInt64(initialized)
        guard let frame = readableFrame(slot, at: here) else { return }
        let within = Int(here & 4095)
        let length = min(count - initialized, pageSize - within)
        // In bounds: `within + length` is at most a page, `initialized + length` at most `count`.
        room.baseAddress?.advanced(by: initialized)
          .copyMemory(from: memory.bytes(of: frame) + within, byteCount: length)
        initialized += length
      }
    }
  }

  /// What user memory holds, without touching it; for checks and displays.
  package func peek(_ slot: Slot, _ address: UInt64, count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let here = address &+ UInt64(bytes.count)
      guard let space = processes[slot].addressSpace,
        let entry = addressSpaces[space].table.entry(at: here), entry.permissions.contains(.read)
      else { return nil }
      let within = Int(here & 4095)
      bytes += UnsafeRawBufferPointer(
        start: memory.bytes(of: entry.frame) + within,
        count: min(count - bytes.count, pageSize - within))
    }
    return bytes
  }

  /// A NUL-terminated string of at most `limit` bytes, NUL included; the NUL is left out.
  mutating func copyInString(_ slot: Slot, _ address: UInt64, limit: Int) throws(Refusal)
    -> [UInt8]
  {
    var text: [UInt8] = []
    while text.count < limit {
      let here = address &+ UInt64(text.count)
      guard let frame = readableFrame(slot, at: here) else { throw .badAddress }
      let within = Int(here & 4095)
      let length = min(limit - text.count, pageSize - within)
      let page = UnsafeRawBufferPointer(start: memory.bytes(of: frame) + within, count: length)
      if let end = page.firstIndex(of: 0) {
        text.append(contentsOf: page[..<end])
        return text
      }
      text.append(contentsOf: page)
    }
    throw .nameTooLong
  }

  /// The path at a user address.
  mutating func copyInPath(_ slot: Slot, _ address: UInt64) throws(Refusal) -> [UInt8] {
    try copyInString(slot, address, limit: limits.pathLength)
  }

  /// A 64-bit word.
  mutating func copyInWord(_ slot: Slot, _ address: UInt64) throws(Refusal) -> UInt64 {
    // As xv6's fetchaddr: the whole word lies below the process's size.
    let size = addressSpaces[space(of: slot)].size
    guard address < size, size - address >= 8 else { throw .badAddress }
    var word: UInt64 = 0
    var done = 0
    while done < 8 {
      let here = address &+ UInt64(done)
      guard let frame = readableFrame(slot, at: here) else { throw .badAddress }
      let within = Int(here & 4095)
      let bytes = memory.bytes(of: frame)
      // In bounds: `offset` is below a page.
      for offset in within..<min(within + 8 - done, pageSize) {
        word |= UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self)) << UInt64(done * 8)
        done += 1
      }
    }
    return word
  }

  /// Copies bytes to user memory, up to the first page that cannot be written.
  ///
  /// - Returns: how many were copied.
  mutating func copyOut(_ slot: Slot, _ address: UInt64, _ bytes: UnsafeRawBufferPointer) -> Int {
    var done = 0
    while done < bytes.count {
      let here = address &+ UInt64(done)
      guard let frame = writableFrame(slot, at: here) else { return done }
      let within = Int(here & 4095)
      let length = min(bytes.count - done, pageSize - within)
      // In bounds: `within + length` is at most a page, `done + length` at most `bytes.count`.
      if let source = bytes.baseAddress {
        (memory.writableBytes(of: frame, changing: within..<within + length) + within)
          .copyMemory(from: source + done, byteCount: length)
      }
      done += length
    }
    return done
  }

  /// Copies all of `bytes` to user memory, or as far as pages can be written.
  mutating func copyOut(_ slot: Slot, _ address: UInt64, _ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { copyOut(slot, address, $0) } == bytes.count
  }

  /// The frame that a store to `address` goes to, copied first if it is shared copy-on-write.
  private mutating func writableFrame(_ slot: Slot, at address: UInt64) -> PageFrame? {
    guard let entry = addressSpaces[space(of: slot)].table.entry(at: address) else {
      return touch(slot, at: address)
    }
    if entry.permissions.contains(.write) { return entry.frame }
    guard entry.permissions.contains(.copyOnWrite) else { return nil }
    if defects.contains(.callWritesShared) { return entry.frame }
    guard unshare(slot, page: PageNumber(truncatingIfNeeded: address >> 12)) else { return nil }
    return addressSpaces[space(of: slot)].table.entry(at: address)?.frame
  }

  /// The frame that a load from `address` reads.
  private mutating func readableFrame(_ slot: Slot, at address: UInt64) -> PageFrame? {
    guard let entry = addressSpaces[space(of: slot)].table.entry(at: address) else {
      return touch(slot, at: address)
    }
    return entry.permissions.contains(.read) ? entry.frame : nil
  }

  /// The bytes from `address` to the end of its page, to be read before the memory is next changed; nil
  /// when they cannot be.
  mutating func readablePage(_ slot: Slot, at address: UInt64) -> UnsafeRawBufferPointer? {
    guard let frame = readableFrame(slot, at: address) else { return nil }
    let within = Int(address & 4095)
    // In bounds: what is left of the page.
    return UnsafeRawBufferPointer(
      start: memory.bytes(of: frame) + within, count: pageSize - within)
  }

  /// Brings the page at `address` if it comes when it is touched: zeros, to read and write.
  ///
  /// - Returns: its frame; nil when no page is to come there, or memory is out, the machine's or its group's.
  mutating func touch(_ slot: Slot, at address: UInt64) -> PageFrame? {
    let page = PageNumber(truncatingIfNeeded: address >> 12)
    let space = space(of: slot)
    guard page < addressSpaces[space].table.count, addressSpaces[space].table[page].isUntouched,
      let frame = try? takeFrame(for: slot, keepingContents: defects.contains(.heapNotZeroed))
    else { return nil }
    addressSpaces[space].table[page] = PageEntry(frame: frame, permissions: [.read, .write])
    return frame
  }

  /// Gives a process its own writable copy of a page that others use as well; false when memory is
  /// out, which cannot be if it is copy-on-write and the process is in the group in which it was forked.
  mutating func unshare(_ slot: Slot, page: PageNumber) -> Bool {
    let space = space(of: slot)
    let entry = addressSpaces[space].table[page]
    var frame = entry.frame
    let copies = memory.userCount(frame) > 1 && !defects.contains(.writeWithoutCopy)
    if copies {
      guard let copy = takeCopyFrame(of: entry, for: slot) else { return false }
      memory.writableBytes(of: copy)
        .copyMemory(from: memory.bytes(of: frame), byteCount: pageSize)
      memory.release(frame)
      frame = copy
    }
    var permissions = entry.permissions
    permissions.remove(.copyOnWrite)
    permissions.insert(.write)
    addressSpaces[space].table[page] = PageEntry(frame: frame, permissions: permissions)
    self.copies += 1
    lastCopy = (slot, page)
    lastCopyIsNew = copies
    return true
  }

  /// Drops every page of a table, for a process.
  mutating func releasePages(of table: PageTable, by slot: Slot) {
    let copies = min(memory.release(allIn: table), copiesOwed)
    copiesOwed -= copies
    memory.unreserve(copies)
    repay(allIn: table, by: processes[slot].group)
  }

  /// Drops a page of a table, for a process.
  mutating func releasePage(_ entry: PageEntry, by slot: Slot) {
    forgetCopy(of: entry, by: processes[slot].group)
    dropFrame(entry.frame, by: processes[slot].group)
  }
}
