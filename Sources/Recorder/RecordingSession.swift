// A machine and its recorder, so that their driver cannot forget a hand-over.

import Sim

/// Passes on what another source decides, and records it.
public struct RecordingDecisions<Base: Decisions>: Decisions {
  public var base: Base
  private let writer: TraceWriter

  public init(_ base: Base, to writer: TraceWriter) {
    self.base = base
    self.writer = writer
  }

  public var wantsPreemption: Bool { base.wantsPreemption }

  public mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    let chosen = base.choose(choice, candidate: candidate)
    precondition((0..<choice.options).contains(chosen), "chose \(chosen) of \(choice.options)")
    writer.receive(chosen, at: choice, candidate: candidate)
    return chosen
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    let answer = base.input(request)
    if case .bytes(let input) = answer { writer.receive(input) }
    return answer
  }
}

/// Writes events and passes them on to another sink.
public struct RecordingSink<Other: EventSink>: EventSink {
  public let writer: TraceWriter
  public var other: Other

  public init(writer: TraceWriter, other: Other) {
    self.writer = writer
    self.other = other
  }

  public var interest: EventInterest { .everything }

  public mutating func receive(_ event: Event) {
    writer.receive(event)
    other.receive(event)
  }
}

/// Takes events and does nothing with them.
public struct IgnoringSink: EventSink {
  public init() {}
  public var interest: EventInterest { .output }
  public mutating func receive(_ event: Event) {}
}

/// A machine of any kind that is being recorded.
public struct RecordingSession<Kept: Machine & ~Copyable, Base: Decisions, Other: EventSink>:
  ~Copyable
{
  public private(set) var machine: Kept
  public var decisions: RecordingDecisions<Base>
  public var sink: RecordingSink<Other>
  private var ending: EndReason?
  private var waiting = false
  /// Whether the last step emitted anything.
  private var emitted = false

  /// Makes the trace's file for a machine that has not begun yet.
  ///
  /// - Throws: `TraceError` if the file cannot be made.
  public init(
    _ machine: consuming Kept, _ decisions: Base, to path: String, overwrite: Bool = false,
    alsoTo other: Other
  ) throws(TraceError) {
    let writer = try TraceWriter(
      path: path, scenario: machine.scenario, overwrite: overwrite,
      asksPreemption: decisions.wantsPreemption)
    self.machine = machine
    self.decisions = RecordingDecisions(decisions, to: writer)
    sink = RecordingSink(writer: writer, other: other)
  }

  /// How many events there are so far.
  public var eventCount: Int64 { sink.writer.eventCount }

  /// What is to be known of the file when the trace is closed, as a clause; nil if it is one plain file.
  public var closingNote: String? { sink.writer.closingNote }

  /// One step of the machine.
  ///
  /// - Throws: `TraceError` if the trace cannot be written any further.
  public mutating func step() throws(TraceError) -> StepResult {
    let before = eventCount
    let result = machine.step(&decisions, into: &sink)
    emitted = eventCount != before
    waiting = result == .waitingForInput
    if case .ended(let reason) = result {
      // The last events are handed over when the trace is closed.
      ending = reason
    } else if sink.writer.isFull {
      try sink.writer.handOver(machine.names)
    }
    return result
  }

  /// Makes sure that everything so far is in the file, as when the machine waits for a person.
  public mutating func commit() throws(TraceError) {
    try sink.writer.handOver(machine.names, committing: true)
  }

  /// Ends the session from outside, where a replay can find the place again: behind an event, or
  /// where the machine stands still.
  public mutating func stop() throws(TraceError) {
    while ending == nil, !waiting, !emitted { _ = try step() }
    guard ending == nil else { return }
    sink.writer.willStop(idle: waiting)
    machine.stop(into: &sink)
    ending = .stopped
  }

  /// Closes the trace; a machine that still runs is stopped before.
  ///
  /// - Returns: how many events were recorded.
  public mutating func finish() throws(TraceError) -> Int64 {
    try stop()
    return try sink.writer.finish(machine.names, at: machine.now, ending ?? .stopped)
  }
}

extension RecordingSession where Kept == Simulation {
  /// Sets a machine with a kernel up and makes the trace's file.
  ///
  /// - Throws: `ScenarioError` if the machine cannot be set up, before any file is made;
  ///   `TraceError` if the file cannot be made.
  public init(
    _ scenario: Scenario, _ decisions: Base, to path: String, overwrite: Bool = false,
    alsoTo other: Other
  ) throws {
    let machine = try Simulation(scenario)
    try self.init(machine, decisions, to: path, overwrite: overwrite, alsoTo: other)
  }
}

/// Records a scenario with its own script and seed, to its end.
///
/// - Returns: how the session ended.
/// - Throws: `ScenarioError` or `TraceError`.
@discardableResult
public func record(_ scenario: Scenario, to path: String, overwrite: Bool = false) throws
  -> EndReason
{
  var session = try RecordingSession(
    scenario, ScriptedDecisions(scenario), to: path, overwrite: overwrite, alsoTo: IgnoringSink())
  while true {
    switch try session.step() {
    case .ran, .holding: continue
    case .waitingForInput:
      _ = try session.finish()
      return .stopped
    case .ended(let reason):
      _ = try session.finish()
      return reason
    }
  }
}
