// Why a hart came back from user mode. The owner of the hart decides what a trap means.

/// What ended a run of the hart.
public enum Trap: Equatable, Sendable {
  /// The budget is spent, to the instruction.
  case budgetSpent
  /// In front of a watched access that is not to be made yet: `Hart.sharedAccessEnd`, or
  /// `sharedAccessesAtMost`.
  case outOfTurn
  /// `ecall`; it has retired, and pc is behind it.
  case call
  /// The instruction at pc did not complete, and pc still points at it.
  case fault(Fault)
}

/// A synchronous exception.
public struct Fault: Equatable, Sendable {
  /// Numbered as `scause` in the RISC-V privileged architecture, table 3.6.
  public enum Cause: UInt8, Sendable, CaseIterable {
    case misalignedFetch = 0
    case fetchAccess = 1
    case illegalInstruction = 2
    case breakpoint = 3
    case misalignedLoad = 4
    case loadAccess = 5
    case misalignedStore = 6
    case storeAccess = 7
    case fetchPage = 12
    case loadPage = 13
    case storePage = 15

    public var name: String {
      switch self {
      case .misalignedFetch: "misaligned fetch"
      case .fetchAccess: "fetch access"
      case .illegalInstruction: "illegal instruction"
      case .breakpoint: "breakpoint"
      case .misalignedLoad: "misaligned load"
      case .loadAccess: "load access"
      case .misalignedStore: "misaligned store"
      case .storeAccess: "store access"
      case .fetchPage: "fetch page"
      case .loadPage: "load page"
      case .storePage: "store page"
      }
    }
  }

  public var cause: Cause
  /// Where the instruction stands.
  public var pc: UInt64
  /// `stval`: the address that failed, or the illegal instruction's bits.
  public var value: UInt64

  /// Whether it was a load or a store that found no page at `value`.
  var isOfData: Bool { cause == .loadPage || cause == .storePage }

  public init(cause: Cause, pc: UInt64, value: UInt64) {
    self.cause = cause
    self.pc = pc
    self.value = value
  }
}
