// A replay with the invariants watching: what happens is held against the recording, and what is, against
// what must be. The first is of any machine, the second of one with a kernel.

import Recorder
import Sim

/// A recorded session that is run again on a machine with a kernel, and checked after every step.
public struct CheckedReplay: ~Copyable {
  public private(set) var session: ReplaySession<Simulation>
  private var checker: InvariantChecker
  /// Whether any invariant is checked. If the checker were an optional, each step would copy it.
  private let isChecked: Bool
  private var hasEnded = false

  /// - Parameter invariants: what is checked after every step.
  /// - Throws: `ScenarioError` if the recorded scenario cannot be set up, `TraceError` if that is
  ///   because it was altered.
  public init(_ reader: TraceReader, checking invariants: [Invariant] = Invariant.allCases) throws {
    session = try ReplaySession(reader)
    checker = InvariantChecker(invariants)
    isChecked = !invariants.isEmpty
    if isChecked { session.keepSteps() }
  }

  /// How many events have matched so far.
  public var matched: Int64 { session.matched }

  /// What did not hold so far: the first of each invariant that was violated.
  public var violations: [Violation] { checker.violations }

  /// Runs the machine one step further, compares what it does, and looks at what it has come to.
  ///
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step() throws(TraceError) -> ReplayStep {
    let step = try session.step()
    if hasEnded { return step }
    if isChecked {
      checker.check(session.keptEvents, in: session.machine)
      session.dropKeptEvents()
    }
    if step != .matched {
      hasEnded = true
      if isChecked, case .finished = step { checker.finish(in: session.machine) }
    }
    return step
  }
}
