// The kernel's way into a process's pages. Addresses come from guests, so each is checked against
// the page table; nothing a guest passes can reach a frame that it could not reach itself.

extension Kernel {
  /// Copies bytes from user memory; nil when part of the range cannot be read.
  package func copyIn(_ slot: Slot, _ address: UInt64, count: Int) -> [UInt8]? {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      failed = !copyIn(slot, address, into: UnsafeMutableRawBufferPointer(buffer))
      initialized = failed ? 0 : count
    }
    return failed ? nil : bytes
  }

  /// Fills `room` from user memory; false when part of the range cannot be read.
  func copyIn(_ slot: Slot, _ address: UInt64, into room: UnsafeMutableRawBufferPointer) -> Bool {
    var done = 0
    while done < room.count {
      let here = address &+ UInt64(done)
      guard let entry = processes[slot].table.entry(at: here), entry.permissions.contains(.read)
      else { return false }
      let within = Int(here & 4095)
      let length = min(room.count - done, pageSize - within)
      // In bounds: `within + length` is at most a page, `done + length` at most `room.count`.
      room.baseAddress?.advanced(by: done)
        .copyMemory(from: memory.bytes(of: entry.frame) + within, byteCount: length)
      done += length
    }
    return true
  }

  /// A NUL-terminated string of at most `limit` bytes, NUL included; the NUL is left out.
  func copyInString(_ slot: Slot, _ address: UInt64, limit: Int) throws(Refusal) -> [UInt8] {
    var text: [UInt8] = []
    while text.count < limit {
      let here = address &+ UInt64(text.count)
      guard let entry = processes[slot].table.entry(at: here), entry.permissions.contains(.read)
      else { throw .badAddress }
      let within = Int(here & 4095)
      let length = min(limit - text.count, pageSize - within)
      let page = UnsafeRawBufferPointer(
        start: memory.bytes(of: entry.frame) + within, count: length)
      if let end = page.firstIndex(of: 0) {
        text.append(contentsOf: page[..<end])
        return text
      }
      text.append(contentsOf: page)
    }
    throw .nameTooLong
  }

  /// The path at a user address.
  func copyInPath(_ slot: Slot, _ address: UInt64) throws(Refusal) -> [UInt8] {
    try copyInString(slot, address, limit: limits.pathLength)
  }

  /// A 64-bit word.
  func copyInWord(_ slot: Slot, _ address: UInt64) throws(Refusal) -> UInt64 {
    // As xv6's fetchaddr: the whole word lies below the process's size.
    let size = processes[slot].size
    guard address < size, size - address >= 8, let bytes = copyIn(slot, address, count: 8)
    else { throw .badAddress }
    return LayoutReader(bytes: bytes).unsigned64(0)
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
    guard let entry = processes[slot].table.entry(at: address) else { return nil }
    if entry.permissions.contains(.write) { return entry.frame }
    guard entry.permissions.contains(.copyOnWrite) else { return nil }
    if defects.contains(.callWritesShared) { return entry.frame }
    guard unshare(slot, page: PageNumber(truncatingIfNeeded: address >> 12)) else { return nil }
    return processes[slot].table.entry(at: address)?.frame
  }

  /// Gives a process its own writable copy of a page that others use as well; false when memory is
  /// out, which cannot be if it is copy-on-write.
  mutating func unshare(_ slot: Slot, page: PageNumber) -> Bool {
    let entry = processes[slot].table.entries[page]
    var frame = entry.frame
    if memory.userCount(frame) > 1, !defects.contains(.writeWithoutCopy) {
      forgetCopy(of: entry)
      guard let copy = memory.allocate() else { return false }
      memory.writableBytes(of: copy)
        .copyMemory(from: memory.bytes(of: frame), byteCount: pageSize)
      memory.release(frame)
      frame = copy
    }
    var permissions = entry.permissions
    permissions.remove(.copyOnWrite)
    permissions.insert(.write)
    processes[slot].table.entries[page] = PageEntry(frame: frame, permissions: permissions)
    mappingsChanged = true
    copies += 1
    lastCopy = (slot, page)
    return true
  }

  /// Drops every page of a table.
  mutating func releasePages(of table: PageTable) {
    for entry in table.entries where entry.present { releasePage(entry) }
  }

  /// Drops a page of a table.
  mutating func releasePage(_ entry: PageEntry) {
    forgetCopy(of: entry)
    memory.release(entry.frame)
  }

  /// One of those who share a page by fork copies it or lets go of it: of n there were n - 1 copies to
  /// come.
  private mutating func forgetCopy(of entry: PageEntry) {
    guard entry.isOwn, memory.userCount(entry.frame) > 1, copiesOwed > 0 else { return }
    copiesOwed -= 1
    memory.unreserve(1)
  }
}
