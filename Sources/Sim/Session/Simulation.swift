// SKELETON of the public door: to be replaced by the real thing, with this face.

/// What one step of the machine came to.
public enum StepResult: Equatable, Sendable {
  /// Something ran.
  case ran
  /// Nothing can run before input comes, and the decisions have none yet.
  case waitingForInput
  /// The session is over; every further step says so again.
  case ended(EndReason)
}

/// A machine with a kernel and its programs.
public struct Simulation: ~Copyable {
  public let scenario: Scenario

  /// Sets the machine up: disk, console, init. No event is emitted yet.
  public init(_ scenario: Scenario) throws(ScenarioError) { self.scenario = scenario }

  /// Virtual time: no event to come is earlier.
  public var now: Instant { .zero }
  /// Texts that events mention by number.
  public var names: NameTable { NameTable() }

  /// One hart's next run or trap, or one arrival; emits zero or more events.
  public mutating func step(_ decisions: inout some Decisions, into sink: inout some EventSink)
    -> StepResult
  { .ended(.stopped) }

  /// Ends the session from outside: emits the final digest and the `end` event.
  public mutating func stop(into sink: inout some EventSink) {}

  /// One line for each live process: pid, parent, state, name.
  public func describeProcesses() -> [String] { [] }
}
