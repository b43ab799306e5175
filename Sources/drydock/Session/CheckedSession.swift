// A session that is recorded and checked at once.

import Recorder
import Replay
import Sim

/// A machine that is recorded while the invariants watch it.
struct CheckedSession: ~Copyable, DrivenSession {
  private var session: RecordingSession<Simulation, ConsoleDecisions, StepSink>
  private var checker: InvariantChecker

  init(
    _ scenario: Scenario, _ decisions: ConsoleDecisions, to path: String, overwrite: Bool,
    _ sink: ConsoleSink, checking invariants: [Invariant]
  ) throws {
    session = try RecordingSession(
      scenario, decisions, to: path, overwrite: overwrite, alsoTo: StepSink(console: sink))
    checker = InvariantChecker(invariants)
  }

  var now: Instant { session.now }
  var names: NameTable { session.names }
  var events: Int64? { session.eventCount }
  func describe(_ process: ProcessID) -> String? { session.describe(process) }
  /// What did not hold so far.
  var violations: [Violation] { checker.violations }
  /// What is to be known of the file when the trace is closed.
  var closingNote: String? { session.closingNote }
  mutating func commit() throws { try session.commit() }

  mutating func step() throws -> StepResult {
    // What cannot be written any more has happened all the same.
    defer { check() }
    return try session.step()
  }

  mutating func stop() throws {
    defer { check() }
    try session.stop()
  }

  private mutating func check() {
    checker.check(session.sink.other.events, in: session.machine)
    session.sink.other.events.removeAll(keepingCapacity: true)
  }

  /// Closes the trace.
  ///
  /// - Returns: how many events there are.
  mutating func finish() throws -> Int64 {
    let events = try session.finish()
    check()
    checker.finish(in: session.machine)
    return events
  }
}

/// Keeps the events of a step besides showing them.
private struct StepSink: EventSink {
  var console: ConsoleSink
  var events: [Event] = []

  var interest: EventInterest { .everything }

  mutating func receive(_ event: Event) {
    console.receive(event)
    events.append(event)
  }
}
