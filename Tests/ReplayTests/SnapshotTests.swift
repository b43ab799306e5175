// A machine's state can be kept and put back, and a run can be stopped anywhere: neither changes what
// happens. Tried with every session in `traces/`, on one, two and four harts.

import Recorder
import Sim
import TestSupport
import Testing

@Suite("Keeping, putting back and stopping")
struct SnapshotTests {
  private static let harts = [1, 2, 4]

  @Test("What is put back goes on as it went on", arguments: CommittedTraces.names, harts)
  func putBack(name: String, harts: Int) throws {
    var run = try SteppedRun(name, harts: harts)
    var random = RandomSource(seed: UInt64(name.utf8.count * 8 + harts))
    let start = random.next(below: run.startsBelow)
    run.skip(start)
    let steps = 1 + random.next(below: 4000)
    run.step(steps)
    let kept = run.snapshot()
    run.finish()
    let whole = run.events
    // Twice: the second time what is put back has been in use.
    for _ in 0..<2 {
      run.restore(kept)
      #expect(run.events.count <= whole.count)
      run.finish()
      #expect(firstDifference(run.events, whole) == nil, "after \(start) and \(steps) steps")
    }
  }

  @Test(
    "A run that is stopped anywhere goes on as if it had not been",
    arguments: CommittedTraces.names, harts)
  func stopped(name: String, harts: Int) throws {
    var whole = try SteppedRun(name, harts: harts)
    var random = RandomSource(seed: UInt64(name.utf8.count * 8 + harts + 4))
    let start = random.next(below: whole.startsBelow)
    whole.skip(start)
    whole.finish()
    var cut = try SteppedRun(name, harts: harts)
    cut.skip(start)
    while !cut.hasEnded {
      // Now and then many short pieces, so that every kind of operation is stopped in front of.
      for _ in 0..<40 { cut.step(1, atMost: random.next(below: 60)) }
      cut.step(1 + random.next(below: 60), atMost: 100 + random.next(below: 5000))
      if random.next(below: 4) == 0 { cut.restore(cut.snapshot()) }
    }
    #expect(firstDifference(cut.events, whole.events) == nil)
    #expect(cut.stops > 5)
  }

  @Test("A session that is ended while a run is stopped ends where the run does")
  func endedWithinARun() throws {
    var whole = try SteppedRun("shell", harts: 2)
    var cut = try whole.another()
    for _ in 0..<300 {
      whole.step(1)
      cut.step(1, atMost: 7)
      while cut.isInRun { cut.step(1, atMost: 7) }
    }
    while !cut.isInRun {
      whole.step(1)
      cut.step(1, atMost: 1)
    }
    whole.end()
    cut.end()
    #expect(firstDifference(cut.events, whole.events) == nil)
  }
}

/// Where two sessions part, in words; nil if they do not. A comparison of the whole arrays would spend
/// minutes on finding all that they have in common.
private func firstDifference(_ events: [Event], _ expected: [Event]) -> String? {
  let index = zip(events, expected).enumerated().first { $1.0 != $1.1 }?.offset
  guard let index else {
    return events.count == expected.count ? nil : "\(events.count) of \(expected.count) events"
  }
  return "event \(index + 1): \(events[index]), expected \(expected[index])"
}

/// A committed session's scenario on some harts, as far as it has got. Of long ones, so many steps from
/// some place on.
private struct SteppedRun: ~Copyable {
  private let scenario: Scenario
  /// Places to begin at. In a short session that is its beginning; in a long one there is more behind them
  /// than before, and to go further would take too long.
  let startsBelow: Int
  private var machine: Simulation
  private var decisions: ScriptedDecisions
  private var sink = CollectingSink()
  private var stepsLeft = 5000
  private(set) var hasEnded = false
  /// How often a run was stopped before its end.
  private(set) var stops = 0

  var events: [Event] { sink.events }
  var isInRun: Bool { machine.isInRun }

  init(_ name: String, harts: Int) throws {
    let reader = try TraceReader(path: CommittedTraces.path(name))
    var scenario = reader.scenario
    scenario.harts = harts
    let isLong = reader.summary.events > 10_000
    try self.init(
      scenario, startsBelow: isLong ? Int(min(reader.summary.events / 4, 20_000)) : 1)
  }

  private init(_ scenario: Scenario, startsBelow: Int) throws {
    self.scenario = scenario
    self.startsBelow = startsBelow
    machine = try Simulation(scenario)
    decisions = ScriptedDecisions(scenario)
  }

  /// The same from the beginning.
  func another() throws -> SteppedRun {
    try SteppedRun(scenario, startsBelow: startsBelow)
  }

  /// Goes ahead, as far as there is something after it; what happens there is not kept.
  mutating func skip(_ steps: Int) {
    var ignoring = IgnoringSink()
    for _ in 0..<steps where !hasEnded {
      if case .ended = machine.step(&decisions, into: &ignoring) { hasEnded = true }
    }
  }

  mutating func step(_ count: Int, atMost instructions: Int = .max) {
    for _ in 0..<count where !hasEnded {
      let result = machine.step(&decisions, into: &sink, atMost: instructions)
      if machine.isInRun { stops += 1 } else { stepsLeft -= 1 }
      if case .ended = result { hasEnded = true }
      if stepsLeft == 0 { hasEnded = true }
    }
  }

  mutating func finish() {
    while !hasEnded { step(1) }
  }

  mutating func end() { machine.stop(into: &sink) }

  struct Snapshot {
    fileprivate let machine: Simulation.Snapshot
    fileprivate let decisions: ScriptedDecisions
    fileprivate let sink: CollectingSink
    fileprivate let stepsLeft: Int
    fileprivate let hasEnded: Bool
  }

  func snapshot() -> Snapshot {
    Snapshot(
      machine: machine.snapshot(), decisions: decisions, sink: sink, stepsLeft: stepsLeft,
      hasEnded: hasEnded)
  }

  mutating func restore(_ snapshot: Snapshot) {
    machine.restore(snapshot.machine)
    decisions = snapshot.decisions
    sink = snapshot.sink
    stepsLeft = snapshot.stepsLeft
    hasEnded = snapshot.hasEnded
  }
}
