// What is taken for a failure of a run. Two runs failed the same way if these values are equal: that is
// what keeps findings apart, and what shrinking holds on to.

import Sim

/// How a run failed, and where.
public enum Failure: Hashable, Sendable {
  /// An instruction that could not be executed; of several the first.
  case fault(program: String, cause: String, pc: UInt64)
  /// Nobody can ever run again; who waits for what.
  case deadlock([String])
  /// The limit of ticks was reached.
  case limit(ticks: UInt64)
  case status(Int32, expected: Int32)
  /// The console showed a text that it should not.
  case console(String)
  /// A query of the run's recording gave rows.
  case rows(String)
  /// An invariant did not hold.
  case invariant(String)
  /// A program went on reading the console after its input had ended.
  case input(String)

  /// As a clause without a subject.
  public var description: String {
    switch self {
    case .fault(let program, let cause, let pc):
      "fault in \(program): \(cause) at pc 0x\(String(pc, radix: 16))"
    case .deadlock(let waiting): "deadlock: " + waiting.joined(separator: "; ")
    case .limit(let ticks): "no end within \(ticks) ticks"
    case .status(let status, let expected): "exit status \(status), expected \(expected)"
    case .console(let text): "the console shows \"\(text)\""
    case .rows(let query): "rows of \(query)"
    case .invariant(let name): "invariant \(name) does not hold"
    case .input(let who): "the input has ended, and \(who)"
    }
  }
}

/// What is to be taken for one, besides faults, deadlocks and runs without an end.
public struct FailureRules: Equatable, Sendable {
  public var status: Int32 = 0
  /// Bytes that the console should not show.
  public var text: String?
  /// A query whose rows show a failure; each run is recorded for it.
  public var query: String?
  /// Whether the kernel's invariants are checked in each run.
  public var checksInvariants = false

  public init(status: Int32 = 0, text: String? = nil, checksInvariants: Bool = false) {
    self.status = status
    self.text = text
    self.checksInvariants = checksInvariants
  }
}
