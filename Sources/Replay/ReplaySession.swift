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

/// A recorded session that is run again, on a machine of any kind. What has to hold besides, on a machine
/// with a kernel, `CheckedReplay` looks at.
public struct ReplaySession<Kept: Machine & ~Copyable>: ~Copyable {
  public let reader: TraceReader
  public private(set) var machine: Kept
  private var decisions: RecordedDecisions
  private var sink: ComparingSink
  private var ending: ReplayStep?
  /// Of the recording's summary, what every step looks at.
  private let stop: TraceSummary.Stop?
  private let isComplete: Bool
  /// Whether ticks are so long that a program could run for hours before the next event shows that it is
  /// another one: then the recording's times are looked at as well.
  private let watchesTime: Bool

  /// - Parameter makeMachine: sets the machine up as it was recorded.
  /// - Throws: what `makeMachine` throws, or `TraceError` if that is because the scenario was altered.
  public init(_ reader: TraceReader, _ makeMachine: (Scenario) throws -> Kept) throws {
    let altered = reader.alterations.first
    do {
      machine = try makeMachine(reader.scenario)
    } catch {
      guard let altered else { throw error }
      throw TraceError(.damaged, reader.path, altered.description)
    }
    self.reader = reader
    stop = reader.summary.stop
    isComplete = reader.summary.isComplete
    watchesTime = reader.scenario.tick > longTick
    decisions = RecordedDecisions(reader)
    sink = ComparingSink(reader)
    if let altered { ending = .diverged(divergence(.altered(altered))) }
  }

  /// How many events have matched so far.
  public var matched: Int64 { sink.matched }

  /// Keeps the events of each step until they are taken, for whoever looks at them together.
  mutating func keepSteps() { sink.keepsStep = true }

  /// The events since they were last dropped.
  var keptEvents: [Event] { sink.step }
  mutating func dropKeptEvents() { sink.step.removeAll(keepingCapacity: true) }

  /// Runs the machine one step further and compares what it does.
  ///
  /// - Throws: `TraceError` if the trace cannot be read at the place reached.
  public mutating func step() throws(TraceError) -> ReplayStep {
    if let ending { return ending }
    let step = try advance()
    if step != .matched { ending = step }
    return step
  }

  /// How far user code may run in one step: where ticks are long, no further than just past the time of
  /// the next event, so that a machine which never comes to it is noticed there.
  private var instructionsAtMost: Int {
    guard watchesTime else { return .max }
    let now = machine.now.instructions
    let next = sink.expected?.time.instructions ?? now
    // The file may say any time.
    return max(1, Int(clamping: (max(next, now) - now).addingReportingOverflow(1).partialValue))
  }

  private mutating func advance() throws(TraceError) -> ReplayStep {
    let result = machine.step(&decisions, into: &sink, atMost: instructionsAtMost)
    if let diverged = try findings() { return diverged }
    if watchesTime, let expected = sink.expected, machine.now > expected.time {
      return .diverged(
        divergence(.missing(expected: expected, because: "the machine has gone past its time")))
    }
    if let stop, sink.matched == stop.after, !stop.idle || result == .waitingForInput {
      machine.stop(into: &sink)
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
    case .ran, .holding:
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
    let names = machine.names
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
    let machineText = EventText(machine.names, reader.sourcePlaces)
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
    // Errors of the trace have been reported already; here they only shorten the context.
    if first < sequence, let events = try? reader.events(in: first...sequence - 1) {
      before = zip(first..., events).map { recordedText.line($1, $0) }
    }
    return Divergence(
      finding: finding, sequence: sequence, time: actual?.time ?? expected?.time ?? machine.now,
      fields: fields, expectedLine: expected.map { recordedText.line($0, sequence) },
      actualLine: actual.map { machineText.line($0, sequence) }, before: before,
      processes: sequence == 1 ? [] : machine.describeProcesses().map { printable($0) },
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

extension ReplaySession where Kept == Simulation {
  /// Has the machine keep what is sent and read at sockets; and hands that over.
  mutating func keepPayloads() { machine.keepPayloads() }
  mutating func takePayloads() -> [[UInt8]] { machine.takePayloads() }

  /// Has the machine keep loads and stores that others see; and hands them over.
  mutating func keepAccesses() { machine.keepAccesses() }
  mutating func takeAccesses() -> [KeptAccess] { machine.takeAccesses() }

  /// A session of a machine with a kernel.
  ///
  /// - Throws: `ScenarioError` if the recorded scenario cannot be set up, `TraceError` if that is
  ///   because it was altered.
  public init(_ reader: TraceReader) throws {
    try self.init(reader) { try Simulation($0) }
  }
}

/// In instructions: a fraction of a second.
private let longTick: UInt64 = 10_000_000
