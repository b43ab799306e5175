// SKELETON of the seam: to be replaced by the real hart.

/// The 32 integer registers; x0 reads zero.
public struct RegisterFile: Equatable, Sendable {
  private var words: [UInt64] = Array(repeating: 0, count: 32)
  public init() {}
  public subscript(_ index: Int) -> UInt64 {
    get { words[index] }
    set { if index != 0 { words[index] = newValue } }
  }
}

public final class Hart {
  /// Where the next instruction stands.
  public var pc: UInt64 = 0
  /// This hart's virtual time; `run` advances it by what retires, its holder by anything else.
  public var clock = Instant.zero
  public init() {}

  /// The registers of whatever runs on the hart.
  public var registers: RegisterFile {
    get { RegisterFile() }
    set { _ = newValue }
  }
  public subscript(register index: Int) -> UInt64 {
    get { 0 }
    set { _ = newValue }
  }

  /// Forgets what was remembered of the address space (TLBs, jump cache, reservation): called when
  /// another one is attached or the present one changed.
  public func forgetAddressSpace() {}

  /// Runs user code until the budget is spent, exactly, or a trap ends it.
  ///
  /// `retired` counts only completed instructions; `ecall` counts as completed, a faulting one not.
  public func run(budget: Int, in table: inout PageTable, _ memory: inout Memory)
    -> (retired: Int, trap: Trap)
  { (0, .budgetSpent) }
}
