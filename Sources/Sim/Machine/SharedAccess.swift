// Loads from and stores to shared pages, for those who look for a race.

/// One load or store, as an instruction made it. An `amo` counts as the store of its operand.
public struct SharedAccess: Equatable, Sendable {
  /// When the instruction ran.
  public var time: Instant
  /// Virtual, in the process that ran it.
  public var address: UInt64
  /// In bytes.
  public var size: Int
  /// What was loaded, as the register has it, or what was to be stored.
  public var value: UInt64
  public var isStore: Bool
  /// Whether the instruction is one of the A extension.
  public var isAtomic: Bool
  /// Where the instruction stands.
  public var pc: UInt64
}

extension Operation {
  /// What an operation does to memory.
  struct MemoryAccess {
    /// In bytes.
    var size: Int
    var stores: Bool
    /// Whether it is of the A extension; the immediate of any other is an offset to the address.
    var isAtomic = false
  }

  /// What it does to memory; nil when it does nothing to it.
  var memoryAccess: MemoryAccess? {
    switch family {
    case .load(let bytes, _): MemoryAccess(size: Int(bytes), stores: false)
    case .store(let bytes): MemoryAccess(size: Int(bytes), stores: true)
    case .loadReserved(let bytes):
      MemoryAccess(size: Int(bytes), stores: false, isAtomic: true)
    case .storeConditional(let bytes), .atomic(_, let bytes):
      MemoryAccess(size: Int(bytes), stores: true, isAtomic: true)
    case .fused(let first): first.memoryAccess
    case .constant, .computation, .jump, .branch, .ordering, .counter, .call, .breakpoint,
      .illegal, .guardHalf, .boundary, .fusedComputation:
      nil
    }
  }
}
