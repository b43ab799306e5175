// The A extension. Harts take turns, so every operation is atomic by itself; what is left are
// alignment, permissions, and the reservation, which ends with a trap, or when its holder takes it.

extension Hart {
  /// Performs the `lr` at `p`.
  func loadReserved(
    _ p: OpPointer, bytes size: Int, _ table: borrowing PageTable, _ memory: Memory
  ) -> Outcome {
    let address = x[p.rs1]
    guard address & UInt64(size - 1) == 0 else {
      return .fault(.misalignedLoad, value: address)
    }
    guard let host = readable(address, table, memory) else {
      return .fault(.loadPage, value: address)
    }
    x[p.rd] = Hart.load(host, onWords: size == 4)
    x.reservation = address
    return .resume(p + 1)
  }

  /// Performs the `sc` at `p`.
  func storeConditional(
    _ p: OpPointer, bytes size: Int, _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Outcome {
    let address = x[p.rs1]
    guard address & UInt64(size - 1) == 0 else {
      return .fault(.misalignedStore, value: address)
    }
    let isReserved = x.reservation == address
    x.reservation = nil
    let epoch = memory.epoch
    guard let host = writable(address, size: size, table, &memory) else {
      return .fault(.storePage, value: address)
    }
    if isReserved { Hart.store(x[p.rs2], host, onWords: size == 4) }
    x[p.rd] = isReserved ? 0 : 1
    return memory.epoch == epoch ? .resume(p + 1) : .leave
  }

  /// Performs the `amo` at `p`.
  func atomic(
    _ p: OpPointer, _ combination: AtomicCombination, bytes size: Int,
    _ table: borrowing PageTable, _ memory: inout Memory
  ) -> Outcome {
    let address = x[p.rs1]
    guard address & UInt64(size - 1) == 0 else {
      return .fault(.misalignedStore, value: address)
    }
    let epoch = memory.epoch
    guard let host = writable(address, size: size, table, &memory) else {
      return .fault(.storePage, value: address)
    }
    let onWords = size == 4
    let old = Hart.load(host, onWords: onWords)
    // Words are compared sign-extended, which keeps the order of unsigned ones as well.
    let source = onWords ? Integer.signExtendWord(x[p.rs2]) : x[p.rs2]
    Hart.store(combination.combine(old, source), host, onWords: onWords)
    x[p.rd] = old
    return memory.epoch == epoch ? .resume(p + 1) : .leave
  }

  /// Whether `p` is an `sc` without a reservation, which leaves memory as it is.
  func storesNothing(_ p: OpPointer) -> Bool {
    guard case .storeConditional = p.code.family else { return false }
    return x.reservation != x[p.rs1]
  }

  private static func load(_ host: UnsafeRawPointer, onWords: Bool) -> UInt64 {
    onWords ? UInt64(bitPattern: Int64(host.load(as: Int32.self))) : host.load(as: UInt64.self)
  }

  private static func store(
    _ value: UInt64, _ host: UnsafeMutableRawPointer, onWords: Bool
  ) {
    if onWords {
      host.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    } else {
      host.storeBytes(of: value, as: UInt64.self)
    }
  }
}

extension AtomicCombination {
  /// What is stored.
  fileprivate func combine(_ old: UInt64, _ source: UInt64) -> UInt64 {
    switch self {
    case .swap: source
    case .add: old &+ source
    case .xor: old ^ source
    case .and: old & source
    case .or: old | source
    case .minimum: Integer.less(old, source) ? old : source
    case .maximum: Integer.less(old, source) ? source : old
    case .unsignedMinimum: min(old, source)
    case .unsignedMaximum: max(old, source)
    }
  }
}
