// What whoever records, replays or drives a session holds: a machine of any kind. It takes its decisions
// and tells its events by what is in `Boundary/`, and all else that is asked of it is here. What only a Drydock
// kernel has, as the invariants look at it, is asked of `Simulation`.

/// What one step of a machine came to.
public enum StepResult: Equatable, Sendable {
  /// Something ran.
  case ran
  /// Nothing can run before input comes, and the decisions have none yet.
  case waitingForInput
  /// Nothing runs, and the decisions hold the time at which something is due.
  case holding
  /// The session is over; every further step says so again.
  case ended(EndReason)
}

/// A machine whose sessions can be recorded, replayed and driven.
///
/// Two machines of one kind, made from equal scenarios, emit the same events where their decisions are the
/// same.
public protocol Machine: ~Copyable {
  /// A state between two steps, with nothing in it that can run.
  associatedtype Snapshot: Sendable

  /// What the session starts from.
  var scenario: Scenario { get }

  // MARK: Stepping

  /// The smallest thing that is done at once; emits zero or more events.
  ///
  /// - Parameter instructions: how much of what runs between two events is run at most. What is stopped
  ///   by it goes on in the next step, and comes to the same as what is not stopped.
  mutating func step(
    _ decisions: inout some Decisions, into sink: inout some EventSink,
    atMost instructions: Int
  ) -> StepResult

  /// Whether the last step was stopped by its limit.
  var isInRun: Bool { get }

  /// Ends the session from outside.
  mutating func stop(into sink: inout some EventSink)

  // MARK: Keeping and putting back

  /// The state as it is now. Where decisions stand is not in it: they are outside the machine.
  func snapshot() -> Snapshot

  /// Puts back a state of a session of the same scenario. What follows is what followed then, where
  /// the decisions are the same.
  mutating func restore(_ snapshot: Snapshot)

  // MARK: For people

  /// Virtual time: no event to come is earlier.
  var now: Instant { get }

  /// Texts that events mention by number.
  var names: NameTable { get }

  /// One line for each process, in order of pids; where a machine has none, what it has in their place.
  func describeProcesses() -> [String]

  /// The line of one process; nil if there is none of that number.
  func describe(_ process: ProcessID) -> String?
}

extension Machine where Self: ~Copyable {
  /// A step of any length.
  public mutating func step(
    _ decisions: inout some Decisions, into sink: inout some EventSink
  ) -> StepResult {
    step(&decisions, into: &sink, atMost: .max)
  }
}
