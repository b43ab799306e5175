// Runs a recorded session again, from its file alone, and holds every event against the recording.
// Where they part, that is a value, not an error; errors are for traces that cannot be read.

import Recorder
import Sim

/// What one step of a replay came to.
public enum ReplayStep: Equatable, Sendable {
  /// All events of this step, perhaps none, were as recorded.
  case matched
  /// The recording has come to its end, and everything was as recorded.
  case finished(ReplaySummary)
  /// Indirect, so that the steps that match, which are nearly all, hand on a few bytes only.
  indirect case diverged(Divergence)
}

/// What a replay that matched came to.
public struct ReplaySummary: Equatable, Sendable {
  /// How many events were compared.
  public var events: Int64
  /// Whether the recording had been closed properly, so that its end was compared too.
  public var isComplete: Bool

  public init(events: Int64, isComplete: Bool) {
    self.events = events
    self.isComplete = isComplete
  }
}

/// A recorded session that is run again.
public struct ReplaySession: ~Copyable {
  public let reader: TraceReader
  public private(set) var simulation: Simulation
  private var decisions: RecordedDecisions
  private var sink: ComparingSink
  private var ending: ReplayStep?
  private var checker: InvariantChecker?
  /// Of the recording's summary, what every step looks at.
  private let stop: TraceSummary.Stop?
  private let isComplete: Bool
  /// Whether ticks are so long that a program could run for hours before the next event shows that it is
  /// another one: then the recording's times are looked at as well.
  private let watchesTime: Bool

  /// - Parameter invariants: what is checked after every step.
  /// - Throws: `ScenarioError` if the recorded scenario cannot be set up, `TraceError` if that is
  ///   because it was altered.
  public init(_ reader: TraceReader, checking invariants: [Invariant] = Invariant.allCases) throws {
    let altered = reader.alterations.first
    do {
      simulation = try Simulation(reader.scenario)
    } catch {
      guard let altered else { throw error }
      throw TraceError(.damaged, reader.path, altered.description)
    }
    self.reader = reader
    stop = reader.summary.stop
    isComplete = reader.summary.isComplete
    watchesTime = reader.scenario.tick > ReplaySession.longTick
    decisions = RecordedDecisions(reader)
    sink = ComparingSink(reader)
    if !invariants.isEmpty {
      checker = InvariantChecker(invariants)
      sink.keepsStep = true
    }
    if let altered { ending = .diverged(divergence(.altered(altered))) }
  }

  /// In instructions: a fraction of a second.
  private static let longTick: UInt64 = 10_000_000

  /// How many events have matched so far.
  public var matched: Int64 { sink.matched }

  /// What did not hold so far: the first of each invariant that was violated.
  public var violations: [Violation] { checker?.violations ?? [] }

  /// Runs the machine one step further and compares what it does.
  ///
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step() throws(TraceError) -> ReplayStep {
    if let ending { return ending }
    let step = try advance()
    if step != .matched {
      ending = step
      if case .finished = step { checker?.finish(in: simulation) }
    }
    return step
  }

  /// How far user code may run in one step: where ticks are long, no further than just past the time of
  /// the next event, so that a machine which never comes to it is noticed there.
  private var instructionsAtMost: Int {
    guard watchesTime else { return .max }
    let now = simulation.now.instructions
    let next = sink.expected?.time.instructions ?? now
    // The file may say any time.
    return max(1, Int(clamping: (max(next, now) - now).addingReportingOverflow(1).partialValue))
  }

  private mutating func advance() throws(TraceError) -> ReplayStep {
    let result = simulation.step(&decisions, into: &sink, atMost: instructionsAtMost)
    if checker != nil {
      checker?.check(sink.step, in: simulation)
      sink.step.removeAll(keepingCapacity: true)
    }
    if let diverged = try findings() { return diverged }
    if watchesTime, let expected = sink.expected, simulation.now > expected.time {
      return .diverged(
        divergence(.missing(expected: expected, because: "the machine has gone past its time")))
    }
    if let stop, sink.matched == stop.after, !stop.idle || result == .waitingForInput {
      simulation.stop(into: &sink)
      if let diverged = try findings() { return diverged }
      return try finish(because: "the session was stopped")
    }
    if !isComplete, sink.isAtEnd {
      if let failure = sink.failure { throw failure }
      // A text is committed together with the first event that mentions it.
      if sink.matched > 0, let finding = differingName() {
        return .diverged(divergence(finding))
      }
      return .finished(ReplaySummary(events: sink.matched, isComplete: false))
    }
    switch result {
    case .ran:
      // What ends a session is its last event.
      if watchesTime, isComplete, sink.isAtEnd { return .diverged(divergence(.unended)) }
      return .matched
    case .waitingForInput:
      return try finish(because: "the machine waits for input that the recording does not have")
    case .ended(let reason):
      return try finish(because: "the session ended: \(EndReason.names[Int(reason.code) - 1])")
    }
  }

  private mutating func findings() throws(TraceError) -> ReplayStep? {
    if let finding = decisions.finding { return .diverged(divergence(finding)) }
    switch sink.mismatch {
    case .event(let expected, let actual)?:
      return .diverged(divergence(.event(expected: expected, actual: actual)))
    case .extra(let actual)?:
      // A recording that was cut short simply has no more to compare with.
      guard isComplete else { return nil }
      return .diverged(divergence(.extra(actual: actual)))
    case .unreadable(let error)?: throw error
    case nil: return nil
    }
  }

  /// The machine has stopped: the recording must be at its end too.
  private mutating func finish(because reason: String) throws(TraceError) -> ReplayStep {
    if let expected = sink.expected {
      return .diverged(divergence(.missing(expected: expected, because: reason)))
    }
    if let failure = sink.failure { throw failure }
    if let finding = decisions.leftOver(reader.summary) { return .diverged(divergence(finding)) }
    if let finding = differingName() { return .diverged(divergence(finding)) }
    return .finished(ReplaySummary(events: sink.matched, isComplete: true))
  }

  private func differingName() -> Divergence.Finding? {
    let names = simulation.names
    for number in 0..<max(names.count, reader.names.count) {
      let recorded = number < reader.names.count ? reader.names[number] : nil
      let actual = number < names.count ? names[NameID(raw: Int32(number))] : nil
      if recorded != actual {
        return .name(
          number: number, recorded: recorded.map { printable($0) },
          actual: actual.map { printable($0) })
      }
    }
    return nil
  }

  private func divergence(_ finding: Divergence.Finding) -> Divergence {
    let sequence = sink.matched + 1
    let recordedText = EventText(reader)
    let machineText = EventText(simulation.names)
    var expected: Event?
    var actual: Event?
    switch finding {
    case .event(let old, let new): (expected, actual) = (old, new)
    case .missing(let old, _): expected = old
    case .extra(let new): actual = new
    case .unended, .choice, .unusedChoice, .choiceCount, .lateInput, .unusedInput, .name, .altered,
      .unreadable:
      break
    }
    var fields: [Divergence.Field] = []
    if let expected, let actual {
      fields = Divergence.fields(expected, actual, recordedText, machineText)
    }
    var before: [String] = []
    let first = max(1, sequence - 5)
    // Whatever is wrong with the trace is told already; here it only shortens the context.
    if first < sequence, let events = try? reader.events(in: first...sequence - 1) {
      before = zip(first..., events).map { recordedText.line($1, $0) }
    }
    return Divergence(
      finding: finding, sequence: sequence, time: actual?.time ?? expected?.time ?? simulation.now,
      fields: fields, expectedLine: expected.map { recordedText.line($0, sequence) },
      actualLine: actual.map { machineText.line($0, sequence) }, before: before,
      processes: sequence == 1 ? [] : simulation.describeProcesses().map { printable($0) },
      command: command(finding, around: sequence))
  }

  private func command(_ finding: Divergence.Finding, around sequence: Int64) -> String {
    if case .altered(let alteration) = finding {
      return "drydock query \(shellWord(reader.path)) \"\(alteration.query)\""
    }
    return
      "drydock dump \(shellWord(reader.path)) --from \(max(1, sequence - 5)) --to \(sequence + 5)"
  }
}

/// Holds each event against the next one of the recording.
struct ComparingSink: EventSink {
  /// Indirect, since every step asks whether there is one.
  indirect enum Mismatch {
    case event(expected: Event, actual: Event)
    case extra(actual: Event)
    case unreadable(TraceError)
  }

  private let stream: EventStream
  private(set) var matched: Int64 = 0
  /// The first event that was not as recorded; nothing after it is compared.
  private(set) var mismatch: Mismatch?
  /// The events of the step that is being made, for whoever looks at them together.
  var step: [Event] = []
  var keepsStep = false
  /// Whether the machine was switched on from another scenario than the recorded one.
  var ignoresScenario = false

  init(_ reader: TraceReader) { stream = reader.events() }

  var interest: EventInterest { .everything }
  /// The next event of the recording; nil at its end.
  var expected: Event? { stream.peek()?.pointee }
  var isAtEnd: Bool { stream.peek() == nil }
  var failure: TraceError? { stream.failure }

  mutating func receive(_ event: Event) {
    if keepsStep { step.append(event) }
    if let expected = stream.peek(), expected.pointee == event, mismatch == nil {
      stream.advance()
      matched += 1
    } else if mismatch == nil {
      differ(event)
    }
  }

  @inline(never)
  private mutating func differ(_ event: Event) {
    if ignoresScenario, event.kind == .boot, stream.peek()?.pointee.kind == .boot {
      stream.advance()
      matched += 1
      return
    }
    if let expected = stream.peek() {
      mismatch = .event(expected: expected.pointee, actual: event)
    } else if let failure = stream.failure {
      mismatch = .unreadable(failure)
    } else {
      mismatch = .extra(actual: event)
    }
  }
}
