// The A extension. Harts take turns, so every operation is atomic by itself; what is left are
// alignment, permissions, and the reservation, which ends with a trap, or when its holder takes it.

extension Hart {
  /// Performs the `lr`, `sc` or `amo` at `p`.
  func atomic(_ p: OpPointer, _ table: borrowing PageTable, _ memory: inout Memory) -> Outcome {
    let operation = p.code
    let onWords = operation.rawValue < Operation.lrD.rawValue
    let size = onWords ? 4 : 8
    let address = x[p.rs1]
    let isLoad = operation == .lrW || operation == .lrD
    guard address & UInt64(size - 1) == 0 else {
      return .fault(isLoad ? .misalignedLoad : .misalignedStore, value: address)
    }

    if isLoad {
      guard let host = readable(address, table, memory) else {
        return .fault(.loadPage, value: address)
      }
      x[p.rd] = Hart.load(host, onWords)
      x.reservation = address
      return .resume(p + 1)
    }

    let isConditional = operation == .scW || operation == .scD
    let isReserved = x.reservation == address
    if isConditional { x.reservation = nil }
    let epoch = memory.epoch
    guard let host = writable(address, size: size, table, &memory) else {
      return .fault(.storePage, value: address)
    }

    if isConditional {
      if isReserved { Hart.store(x[p.rs2], host, onWords) }
      x[p.rd] = isReserved ? 0 : 1
    } else {
      let old = Hart.load(host, onWords)
      // Words are compared sign-extended, which keeps the order of unsigned ones as well.
      let source = onWords ? Integer.signExtendWord(x[p.rs2]) : x[p.rs2]
      Hart.store(Hart.combine(operation, old, source), host, onWords)
      x[p.rd] = old
    }
    return memory.epoch == epoch ? .resume(p + 1) : .leave
  }

  /// Whether `p` is an `sc` without a reservation, which leaves memory as it is.
  func storesNothing(_ p: OpPointer) -> Bool {
    (p.code == .scW || p.code == .scD) && x.reservation != x[p.rs1]
  }

  /// What an `amo` stores.
  private static func combine(_ operation: Operation, _ old: UInt64, _ source: UInt64) -> UInt64 {
    switch operation {
    case .amoswapW, .amoswapD: source
    case .amoaddW, .amoaddD: old &+ source
    case .amoxorW, .amoxorD: old ^ source
    case .amoandW, .amoandD: old & source
    case .amoorW, .amoorD: old | source
    case .amominW, .amominD: Integer.less(old, source) ? old : source
    case .amomaxW, .amomaxD: Integer.less(old, source) ? source : old
    case .amominuW, .amominuD: min(old, source)
    case .amomaxuW, .amomaxuD: max(old, source)
    default: preconditionFailure("\(operation) is no amo")
    }
  }

  private static func load(_ host: UnsafeRawPointer, _ word: Bool) -> UInt64 {
    word ? UInt64(bitPattern: Int64(host.load(as: Int32.self))) : host.load(as: UInt64.self)
  }

  private static func store(_ value: UInt64, _ host: UnsafeMutableRawPointer, _ word: Bool) {
    if word {
      host.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    } else {
      host.storeBytes(of: value, as: UInt64.self)
    }
  }
}
