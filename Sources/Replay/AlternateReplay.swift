// Asks a recorded session "what if": the same programs, files and input, on a machine with another
// seed, other harts or a defect. The first divergence from the recording is reported once; from there on the
// two are different sessions, and what counts is whether the invariants hold.

import Recorder
import Sim

/// A recorded session, run under other conditions.
public struct AlternateReplay: ~Copyable {
  /// The first event that is another one.
  public struct Parting: Equatable, Sendable {
    /// Its number.
    public var sequence: Int64
    /// The recording's event there as text; nil if it had come to its end.
    public var recorded: String?
    /// The machine's; nil if that had come to its end.
    public var actual: String?
  }

  /// How it came to its end.
  public enum Ending: Equatable, Sendable {
    case ended(EndReason)
    /// The recording, which was not closed, has no more to compare with; up to there all was as
    /// recorded.
    case recordingEnded
  }

  public private(set) var simulation: Simulation
  /// Where the session left its recording; nil while it has not.
  public private(set) var parting: Parting?
  /// Whether it was stopped because it went on for so long after the recording's end.
  public private(set) var wasCutOff = false
  private let reader: TraceReader
  private var decisions: RepeatedInput
  private var sink: ComparingSink
  private var checker: InvariantChecker
  private let limit: UInt64
  /// Of the recording's summary, what every step looks at.
  private let stop: TraceSummary.Stop?
  private let isComplete: Bool

  /// - Parameter change: makes the recorded scenario into the one to be run.
  /// - Throws: `ScenarioError` if no machine can be made of that.
  public init(
    _ reader: TraceReader, checking invariants: [Invariant] = Invariant.allCases,
    _ change: (inout Scenario) -> Void
  ) throws(ScenarioError) {
    var scenario = reader.scenario
    change(&scenario)
    self.reader = reader
    simulation = try Simulation(scenario)
    stop = reader.summary.stop
    isComplete = reader.summary.isComplete
    decisions = RepeatedInput(reader, seed: scenario.seed)
    sink = ComparingSink(reader)
    sink.keepsStep = true
    sink.ignoresScenario = true
    sink.ignoresScheduler = scenario.scheduler != reader.scenario.scheduler
    checker = InvariantChecker(invariants)
    // A session that a person stopped might never end otherwise.
    let recorded = min(UInt64(max(0, reader.summary.instructions)), Instant.end.instructions)
    limit = recorded * 2 + scenario.tick * 1000
  }

  /// What did not hold so far, in the order in which it was seen.
  public var violations: [Violation] { checker.violations }
  /// How many events the machine has made so far.
  public var eventCount: Int64 { checker.eventCount }

  /// One step of the machine.
  ///
  /// - Returns: how the session ended, once it has.
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step() throws(TraceError) -> Ending? {
    var result = simulation.step(&decisions, into: &sink)
    if result.isRunning, shouldStop(result) {
      wasCutOff = simulation.now.instructions > limit
      simulation.stop(into: &sink)
      result = .ended(.stopped)
    }
    checker.check(sink.step, in: simulation)
    sink.step.removeAll(keepingCapacity: true)
    if parting == nil {
      if !isComplete, sink.isAtEnd {
        if let failure = sink.failure { throw failure }
        checker.finish(in: simulation)
        return .recordingEnded
      }
      if let mismatch = sink.mismatch { try part(mismatch) }
    }
    guard case .ended(let reason) = result else { return nil }
    checker.finish(in: simulation)
    if parting == nil {
      if let expected = sink.expected {
        parting = Parting(
          sequence: sink.matched + 1,
          recorded: EventText(reader).line(expected, sink.matched + 1), actual: nil)
      } else if let failure = sink.failure {
        throw failure
      }
    }
    return .ended(reason)
  }

  /// Whether the recorded session was stopped here, or nothing else will stop this one.
  private func shouldStop(_ result: StepResult) -> Bool {
    if result == .waitingForInput || simulation.now.instructions > limit { return true }
    guard let stop, !stop.idle else { return false }
    return parting == nil && sink.mismatch == nil && sink.matched == stop.after
  }

  private mutating func part(_ mismatch: ComparingSink.Mismatch) throws(TraceError) {
    let sequence = sink.matched + 1
    let machine = EventText(simulation.names, reader.sourcePlaces)
    switch mismatch {
    case .event(let expected, let actual):
      parting = Parting(
        sequence: sequence, recorded: EventText(reader).line(expected, sequence),
        actual: machine.line(actual, sequence))
    case .extra(let actual):
      parting = Parting(
        sequence: sequence, recorded: nil, actual: machine.line(actual, sequence))
    case .unreadable(let error): throw error
    }
  }
}

extension StepResult {
  fileprivate var isRunning: Bool {
    if case .ended = self { return false }
    return true
  }
}

/// The recording's input at its times, or as soon after them as the machine can take it, and choices from
/// a seed.
public struct RepeatedInput: Decisions, Sendable {
  private var arrivals: RecordedArrivals
  private var choices: SeededChoices

  public init(_ reader: TraceReader, seed: UInt64) {
    arrivals = RecordedArrivals(reader)
    choices = SeededChoices(seed: seed)
  }

  public mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    choices.choose(choice)
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    guard var input = arrivals.next?.input else { return arrivals.afterLast(request) }
    arrivals.advance()
    input.time = max(input.time, request.earliest)
    return .bytes(input)
  }
}
