// Loads and stores: the fast path, which the loop inlines, and the slow path, which looks at the
// page table, takes accesses that cross pages apart, and notices stores into translated code.

extension HartState {
  /// Loads as `p` says if the page is in the TLB.
  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ p: OpPointer) -> Bool {
    load(T.self, p, at: self[p.rs1] &+ p.immediate)
  }

  @inline(__always)
  func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ p: OpPointer, at address: UInt64)
    -> Bool
  {
    guard knows(HartState.loads, address, size: MemoryLayout<T>.size) else { return false }
    let host = host(HartState.loads, address)
    self[p.rd] = UInt64(truncatingIfNeeded: host.loadUnaligned(as: T.self))
    return true
  }

  /// Stores as `p` says if the page is in the TLB.
  @inline(__always)
  func store<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ p: OpPointer) -> Bool {
    store(T.self, p, at: self[p.rs1] &+ p.immediate)
  }

  @inline(__always)
  func store<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ p: OpPointer, at address: UInt64)
    -> Bool
  {
    guard knows(HartState.stores, address, size: MemoryLayout<T>.size) else { return false }
    let host = host(HartState.stores, address)
    host.storeBytes(of: T(truncatingIfNeeded: self[p.rs2]), as: T.self)
    return true
  }
}

/// What came of an operation that was performed outside the loop.
enum Outcome {
  /// The loop goes on at this operation of the same block.
  case resume(OpPointer)
  /// It retired, but its block may be gone: go on behind it, by its address.
  case leave
  /// It did not retire.
  case fault(Fault.Cause, value: UInt64)
  /// It did not retire, and must be translated anew, alone.
  case translateAlone
  /// It did not retire: memory is to see another hart's access first.
  case outOfTurn
  /// `ecall`.
  case call
}

extension Hart {
  /// The load at `p`, whose page was not in the TLB.
  func load(
    _ p: OpPointer, bytes size: Int, isSigned: Bool, _ table: borrowing PageTable, _ memory: Memory
  ) -> Outcome {
    let address = x[p.rs1] &+ p.immediate
    guard let first = readable(address, table, memory) else {
      return .fault(.loadPage, value: address)
    }
    let inFirst = pageSize - Int(truncatingIfNeeded: address & 0xfff)
    if size <= inFirst && !isWatching {
      x.remember(HartState.loads, page: address, bytes: first - (pageSize - inFirst))
      return .resume(p)
    }
    let boundary = (address | 0xfff) &+ 1
    guard let second = size <= inFirst ? first : readable(boundary, table, memory) else {
      return .fault(.loadPage, value: boundary)
    }
    var value: UInt64 = 0
    for index in 0..<size {
      // In bounds: `first` has `inFirst` bytes to its page's end, `second` is a page's start.
      let byte =
        index < inFirst
        ? first.load(fromByteOffset: index, as: UInt8.self)
        : second.load(fromByteOffset: index - inFirst, as: UInt8.self)
      value |= UInt64(byte) << UInt64(8 * index)
    }
    let unused = Int64(64 - 8 * size)
    x[p.rd] =
      isSigned
      ? UInt64(bitPattern: Int64(bitPattern: value << UInt64(unused)) >> unused) : value
    return .resume(p + 1)
  }

  /// The store at `p`, whose page was not in the TLB.
  func store(
    _ p: OpPointer, bytes size: Int, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Outcome {
    let address = x[p.rs1] &+ p.immediate
    let epoch = memory.epoch
    let inFirst = pageSize - Int(truncatingIfNeeded: address & 0xfff)
    let boundary = (address | 0xfff) &+ 1
    // Nothing may be written when either page faults.
    if !canWrite(address, table) { return .fault(.storePage, value: address) }
    if size > inFirst && !canWrite(boundary, table) {
      return .fault(.storePage, value: boundary)
    }
    let value = x[p.rs2]
    write(value, size: min(size, inFirst), at: address, table, &memory)
    if size > inFirst {
      let rest = value >> UInt64(8 * inFirst)
      write(rest, size: size - inFirst, at: boundary, table, &memory)
    }
    return memory.epoch == epoch ? .resume(p + 1) : .leave
  }

  private func write(
    _ value: UInt64, size: Int, at address: UInt64, _ table: borrowing PageTable,
    _ memory: inout Memory
  ) {
    guard let host = writable(address, size: size, table, &memory) else {
      preconditionFailure("the page was writable a moment ago")
    }
    // In bounds: `size` bytes from here are in one page.
    for index in 0..<size {
      let byte = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
      host.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
  }

  // MARK: The page table

  /// The bytes at `address`, to the end of its page, if they can be read.
  func readable(_ address: UInt64, _ table: borrowing PageTable, _ memory: Memory)
    -> UnsafeRawPointer?
  {
    guard let entry = table.entry(at: address), entry.permissions.contains(.read) else {
      return nil
    }
    return memory.bytes(of: entry.frame) + Int(truncatingIfNeeded: address & 0xfff)
  }

  private func canWrite(_ address: UInt64, _ table: borrowing PageTable) -> Bool {
    table.entry(at: address)?.permissions.contains(.write) ?? false
  }

  /// The `size` bytes at `address`, all in one page, for writing, if that is allowed. From now on
  /// the loop writes to the page by itself, unless code was translated from it.
  func writable(
    _ address: UInt64, size: Int, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> UnsafeMutableRawPointer? {
    guard let entry = table.entry(at: address), entry.permissions.contains(.write) else {
      return nil
    }
    let offset = Int(truncatingIfNeeded: address & 0xfff)
    let page = memory.writableBytes(of: entry.frame, changing: offset..<offset + size)
    x.synchronize(with: memory)
    if !memory.isTranslated(entry.frame) && !isWatching {
      x.remember(HartState.stores, page: address, bytes: page)
    }
    return page + offset
  }
}
