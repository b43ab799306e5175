// Preemption as a choice: whoever asks for it decides, before each thing that others can see, whether the
// process that is about to do it goes on. Nobody else is asked, and nothing is different for them.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct PreemptionTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws { folder = try TemporaryFolder() }

  private static func lostUpdate(rounds: Int = 20) -> Scenario {
    GuestRun.scenario(["lostupdate", "\(rounds)"])
  }

  /// Takes the first option everywhere, but where it is told to preempt.
  private struct Preempting: Decisions {
    /// Whether to preempt at a preemption point, by its number from 1.
    let isChosen: @Sendable (Int) -> Bool
    private(set) var asked = 0
    /// Those that it was asked about, and whom each time.
    private(set) var pairs: [[Candidate]] = []
    var wantsPreemption: Bool { true }

    init(_ isChosen: @escaping @Sendable (Int) -> Bool) { self.isChosen = isChosen }

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      guard case .preempt = choice.point else { return 0 }
      asked += 1
      pairs.append((0..<choice.options).map(candidate))
      return isChosen(asked) ? 1 : 0
    }

    func input(_ request: InputRequest) -> InputAnswer { .ended }
  }

  private func run(
    _ scenario: Scenario, _ decisions: inout some Decisions, atMost instructions: Int = .max
  ) throws -> CollectingSink {
    var machine = try Simulation(scenario)
    var sink = CollectingSink()
    while true {
      let result = machine.step(&decisions, into: &sink, atMost: instructions)
      if case .ended = result { return sink }
    }
  }

  @Test func aSearchFindsALostUpdateByPreemptionAlone() throws {
    let scenario = PreemptionTests.lostUpdate()
    // Nothing is lost where nobody is preempted.
    #expect(try GuestRun(scenario).console.contains("unsafe, 0 of 40 updates lost"))
    var found: Int?
    search: for point in 1...200 {
      var decisions = Preempting { $0 == point }
      let console = try run(scenario, &decisions).console
      if decisions.asked < point { break search }
      if !console.contains(" 0 of 40 updates lost") {
        found = point
        break
      }
    }
    let point = try #require(found)

    // What was found is recorded, and the recording shows it again.
    var session = try RecordingSession(
      scenario, Preempting { $0 == point }, to: path, alsoTo: CollectingSink())
    while case .ran = try session.step() {}
    let count = try session.finish()
    #expect(!session.sink.other.console.contains(" 0 of 40 updates lost"))
    #expect(try TraceReader(path: path).summary.asksPreemption)
    #expect(
      try RecordedSession.replay(path)
        == .finished(ReplaySummary(events: count, isComplete: true)))
    let rows = try TraceQuery.run(
      """
      SELECT decided, (SELECT event FROM sched_event s WHERE s.seq = decision.seq) FROM decision
      """, on: path
    ).rows
    #expect(rows.count == 1 && rows.first?.last == .text("yield"), "\(rows)")
    guard case .text(let words)? = rows.first?.first else { return }
    #expect(words.contains(" loses the hart, and pid "), "\(words)")
  }

  /// An event; of a dispatch, not among how many it was: whoever is asked may have any of those who wait run
  /// again before the others.
  private struct Told: Equatable {
    var event: Event?
    var time: Instant
    var process: ProcessID
    var chosen: Int64 = 0

    init(_ event: Event) {
      self.event = event.kind == .dispatch || event.kind == .digest ? nil : event
      time = event.time
      process = event.process
      if event.kind == .dispatch { chosen = event[DispatchEvent.chosen] }
      if event.kind == .end { self.event = nil }
    }
  }

  @Test(arguments: [1, 2])
  func whoIsAskedAndLetsEverybodyGoOnSeesTheSameSession(harts: Int) throws {
    var scenario = PreemptionTests.lostUpdate()
    scenario.harts = harts
    scenario.recordsSharedAccesses = true
    var decisions = Preempting { _ in false }
    let asked = try run(scenario, &decisions)
    #expect(try asked.events.map(Told.init) == GuestRun(scenario).events.map(Told.init))
    if harts == 1 {
      #expect(decisions.asked > 40)
      let differ = decisions.pairs.allSatisfy { $0.count == 2 && $0[0] != $0[1] }
      #expect(differ, "it is between two processes")
    }
  }

  @Test(arguments: [1, 2])
  func whoAlwaysPreemptsKeepsNobodyFromGettingOn(harts: Int) throws {
    var scenario = PreemptionTests.lostUpdate()
    scenario.harts = harts
    var decisions = Preempting { _ in true }
    let console = try run(scenario, &decisions).console
    #expect(console.contains("of 40 updates lost"), "\(console)")
    // On two harts nobody waits for one.
    #expect(harts > 1 || decisions.asked > 40)
  }

  @Test(arguments: [1, 2])
  func aRunThatIsStoppedAnywhereIsPreemptedAtTheSamePlaces(harts: Int) throws {
    var scenario = PreemptionTests.lostUpdate()
    scenario.harts = harts
    var whole = Preempting { $0 % 3 == 1 }
    var cut = Preempting { $0 % 3 == 1 }
    let events = try run(scenario, &whole).events
    #expect(try run(scenario, &cut, atMost: 7).events == events)
    #expect(cut.asked == whole.asked && cut.pairs == whole.pairs)
  }

  @Test func aPreemptedSessionKeepsTheInvariants() throws {
    let scenario = PreemptionTests.lostUpdate()
    var session = try RecordingSession(
      scenario, Preempting { $0 % 2 == 0 }, to: path, alsoTo: IgnoringSink())
    while case .ran = try session.step() {}
    _ = try session.finish()
    var replay = try CheckedReplay(try TraceReader(path: path))
    while try replay.step() == .matched {}
    #expect(replay.violations.isEmpty, "\(replay.violations)")
  }
}
