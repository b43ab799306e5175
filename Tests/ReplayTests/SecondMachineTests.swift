// Recording and replaying are of any machine, not of the one with the kernel: here of a few counters.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

/// Counters, one of which is chosen to go up at each step; what arrives makes the first one jump. When one
/// gets to the end, the session is over.
private struct Counters: ~Copyable, Machine {
  struct Snapshot: Sendable {
    var counts = [0, 0, 0]
    var time: UInt64 = 0
    var arrivals: [TimedInput] = []
    var events: Int64 = 0
    var end: EndReason?
  }

  private var state = Snapshot()
  let names = NameTable()
  /// The step at which it miscounts, for a machine that is not the one that was recorded.
  private let fault: UInt64?

  init(fault: UInt64? = nil) { self.fault = fault }

  var scenario: Scenario { Scenario() }
  var now: Instant { Instant(instructions: state.time) }
  var isInRun: Bool { false }
  func snapshot() -> Snapshot { state }
  mutating func restore(_ snapshot: Snapshot) { state = snapshot }

  func describe(_ process: ProcessID) -> String? {
    guard (1...state.counts.count).contains(Int(process.raw)) else { return nil }
    return "counter \(process.raw) at \(state.counts[Int(process.raw) - 1])"
  }

  func describeProcesses() -> [String] {
    (1...state.counts.count).compactMap { describe(ProcessID(raw: Int32($0))) }
  }

  mutating func step(
    _ decisions: inout some Decisions, into sink: inout some EventSink, atMost: Int
  ) -> StepResult {
    if let end = state.end { return .ended(end) }
    let request = InputRequest(
      earliest: Instant(instructions: state.time + 1), idle: false, wanted: true, hasRoom: true)
    if case .bytes(let input) = decisions.input(request) { state.arrivals.append(input) }
    state.time += 1
    while let input = state.arrivals.first, input.time <= now {
      state.arrivals.removeFirst()
      state.counts[0] += input.bytes.count
      emit(.input, of: 1, Int64(input.bytes.count), into: &sink)
    }
    let choice = Choice(
      .dispatch(HartID(raw: 0)), options: state.counts.count, sequence: state.events + 1)
    let chosen = decisions.choose(choice) { .process(ProcessID(raw: Int32($0 + 1))) }
    state.counts[chosen] += fault == state.time ? 2 : 1
    emit(.dispatch, of: chosen + 1, Int64(state.counts[chosen]), into: &sink)
    guard let most = state.counts.max(), most >= 40 else { return .ran }
    state.end = .halted(status: 0)
    emit(.end, of: 0, 1, into: &sink)
    return .ended(.halted(status: 0))
  }

  mutating func stop(into sink: inout some EventSink) {
    guard state.end == nil else { return }
    state.end = .stopped
    emit(.end, of: 0, 6, into: &sink)
  }

  private mutating func emit(
    _ kind: Event.Kind, of counter: Int, _ value: Int64, into sink: inout some EventSink
  ) {
    state.events += 1
    sink.receive(
      Event(
        time: now, hart: HartID(raw: 0), kind: kind, process: ProcessID(raw: Int32(counter)),
        container: .outside, value, 0, 0, 0, 0, 0))
  }
}

struct SecondMachineTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  /// Drawn choices, and two inputs.
  private struct Drawn: Decisions {
    private var choices: SeededChoices
    private var inputs = [
      TimedInput(time: Instant(instructions: 12), bytes: [1, 2]),
      TimedInput(time: Instant(instructions: 30), bytes: [3]),
    ][...]

    init(seed: UInt64) { choices = SeededChoices(seed: seed) }

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      choices.choose(choice)
    }

    mutating func input(_ request: InputRequest) -> InputAnswer {
      inputs.popFirst().map { .bytes($0) } ?? .ended
    }
  }

  private func record(steps: Int = .max) throws -> Int64 {
    var session = try RecordingSession(
      Counters(), Drawn(seed: 4), to: path, alsoTo: IgnoringSink())
    var made = 0
    while made < steps, try session.step() == .ran { made += 1 }
    return try session.finish()
  }

  private func replay(fault: UInt64? = nil) throws -> ReplayStep {
    var session = try ReplaySession(try TraceReader(path: path)) { _ in Counters(fault: fault) }
    while true {
      let step = try session.step()
      if step != .matched { return step }
    }
  }

  @Test(arguments: [20, .max])
  func itsSessionIsRecordedAndReplayed(steps: Int) throws {
    let count = try record(steps: steps)
    let reader = try TraceReader(path: path)
    #expect(reader.inputs.count == 2 && reader.summary.choices > 10)
    #expect(reader.summary.end == (steps == 20 ? "stopped" : "halted"))
    #expect(try replay() == .finished(ReplaySummary(events: count, isComplete: true)))
  }

  @Test func oneThatMiscountsDivergesWhereItDoes() throws {
    _ = try record()
    guard case .diverged(let divergence) = try replay(fault: 20) else {
      Issue.record("matched")
      return
    }
    #expect(divergence.time == Instant(instructions: 20))
    #expect(divergence.headline.hasPrefix("dispatch differs in "), "\(divergence)")
    #expect(divergence.processes.count == 3)
    #expect(divergence.processes[0].hasPrefix("counter 1 at "))
  }

  @Test func whatIsPutBackGoesOnAsItDid() throws {
    var machine = Counters()
    var decisions = Drawn(seed: 9)
    var sink = CollectingSink()
    for _ in 0..<15 { _ = machine.step(&decisions, into: &sink) }
    let kept = (machine.snapshot(), decisions, sink)
    while machine.step(&decisions, into: &sink) == .ran {}
    let whole = sink.events
    machine.restore(kept.0)
    (decisions, sink) = (kept.1, kept.2)
    while machine.step(&decisions, into: &sink) == .ran {}
    #expect(sink.events == whole)
  }
}
