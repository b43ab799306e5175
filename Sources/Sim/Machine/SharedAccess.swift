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
  /// Where the instruction stands.
  public var pc: UInt64
}

extension Operation {
  /// What an operation does to memory.
  struct MemoryAccess {
    /// In bytes.
    var size: Int
    var stores: Bool
    /// Whether the immediate is an offset to the address.
    var hasOffset: Bool
  }

  /// What it does to memory; nil when it does nothing to it.
  var memoryAccess: MemoryAccess? {
    switch self {
    case .lb, .lh, .lw, .ld, .lbu, .lhu, .lwu:
      MemoryAccess(size: accessSize, stores: false, hasOffset: true)
    case .sb, .sh, .sw, .sd:
      MemoryAccess(size: accessSize, stores: true, hasOffset: true)
    case .lrW, .lrD:
      MemoryAccess(size: self == .lrW ? 4 : 8, stores: false, hasOffset: false)
    case let other
    where (Operation.lrW.rawValue...Operation.amomaxuD.rawValue).contains(other.rawValue):
      MemoryAccess(
        size: other.rawValue < Operation.lrD.rawValue ? 4 : 8, stores: true, hasOffset: false)
    default: nil
    }
  }
}
