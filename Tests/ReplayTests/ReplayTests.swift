import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct ReplayTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [1, 2, 4], [0, 3] as [UInt64])
  func aSessionRecordedTwiceIsTheSameAndReplays(harts: Int, seed: UInt64) throws {
    let scenario = RecordedSession.shell(harts: harts, seed: seed)
    let paths = (folder.file("a.db"), folder.file("b.db"))
    let end = try record(scenario, to: paths.0)
    try record(scenario, to: paths.1)
    #expect(end == .inputEnded)

    let events = try RecordedSession.events(paths.0)
    #expect(try RecordedSession.events(paths.1) == events)
    #expect(try GuestRun(scenario).events == events)
    let readers = (try TraceReader(path: paths.0), try TraceReader(path: paths.1))
    #expect(try TraceDiff.difference(readers.0, readers.1) == nil)

    let expected = ReplaySummary(events: Int64(events.count), isComplete: true)
    #expect(try RecordedSession.replay(paths.0) == .finished(expected))
  }

  @Test(arguments: [
    ["true"], ["false"], ["primes", "30"], ["pingpong", "200"], ["crash"], ["forkbomb"],
    ["cat", "/missing"], ["spin", "100000"], ["no-such-program"],
  ])
  func everyProgramReplays(program: [String]) throws {
    var scenario = GuestRun.scenario(program)
    scenario.harts = 2
    scenario.seed = 9
    let path = folder.file("t.db")
    try record(scenario, to: path)
    guard case .finished(let summary) = try RecordedSession.replay(path) else {
      Issue.record("diverged")
      return
    }
    #expect(summary.isComplete)
  }

  /// Under a long tick no event comes of it; the times of the recording tell.
  @Test(.timeLimit(.minutes(1)), arguments: [1, 2])
  func aProgramThatWasPutInAnothersPlaceAndLoopsIsFound(harts: Int) throws {
    func scenario(_ program: String) throws -> Scenario {
      var scenario = GuestRun.scenario(["other"])
      scenario.harts = harts
      scenario.tick = 1_000_000_000
      scenario.limitTicks = nil
      let file = try #require(GuestRun.scenario([]).files.first { $0.path == program })
      scenario.files.append(GuestFile(path: "/other", content: file.content))
      return scenario
    }
    let (recorded, looping) = (try scenario("/true"), try scenario("/spin"))
    var machine = try Simulation(recorded)
    var decisions = ScriptedDecisions(recorded)
    var sink = CollectingSink()
    while machine.step(&decisions, into: &sink) == .ran {}
    var other = try Simulation(looping)
    decisions = ScriptedDecisions(looping)
    var start = CollectingSink()
    _ = other.step(&decisions, into: &start)

    let path = folder.file("t.db")
    let writer = try TraceWriter(path: path, scenario: looping)
    for event in start.events.prefix(1) + sink.events.dropFirst() { writer.receive(event) }
    _ = try writer.finish(machine.names, at: machine.now, .halted(status: 0))
    guard case .diverged(let divergence) = try RecordedSession.replay(path) else {
      Issue.record("matched")
      return
    }
    #expect(divergence.headline.contains("the machine has gone past its time"), "\(divergence)")
  }

  @Test func aLimitOfTicksReplays() throws {
    var scenario = GuestRun.scenario(["spin", "100000000"])
    scenario.limitTicks = 20
    let path = folder.file("t.db")
    #expect(try record(scenario, to: path) == .limitReached)
    #expect(try TraceReader(path: path).summary.end == "limit reached")
    guard case .finished = try RecordedSession.replay(path) else {
      Issue.record("diverged")
      return
    }
  }

  @Test(arguments: [0, 1, 60, 700, 1200])
  func aSessionThatIsStoppedReplaysToTheStop(steps: Int) throws {
    let scenario = RecordedSession.shell(harts: 2)
    let path = folder.file("t.db")
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, alsoTo: IgnoringSink())
    for _ in 0..<steps { _ = try session.step() }
    let count = try session.finish()
    #expect(try TraceReader(path: path).summary.end == "stopped")
    #expect(
      try RecordedSession.replay(path)
        == .finished(ReplaySummary(events: count, isComplete: true)))
  }

  @Test func aSessionThatIsStoppedWhileItWaitsReplays() throws {
    let scenario = GuestRun.scenario([])
    let path = folder.file("t.db")
    var session = try RecordingSession(
      scenario, SilentDecisions(), to: path, alsoTo: IgnoringSink())
    while try session.step() == .ran {}
    for _ in 0..<3 { #expect(try session.step() == .waitingForInput) }
    let count = try session.finish()
    #expect(
      try RecordedSession.replay(path)
        == .finished(ReplaySummary(events: count, isComplete: true)))
  }

  /// Never says anything, and never that there is nothing more.
  private struct SilentDecisions: Decisions {
    func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int { 0 }
    func input(_ request: InputRequest) -> InputAnswer { .nothingYet }
  }

  @Test(arguments: [1, 500, 1500])
  func aTraceThatWasCutShortReplaysToItsEnd(steps: Int) throws {
    let scenario = RecordedSession.shell(harts: 2)
    let path = folder.file("t.db")
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, alsoTo: IgnoringSink())
    for _ in 0..<steps { _ = try session.step() }
    try session.commit()
    let committed = session.eventCount
    for _ in 0..<100 { _ = try session.step() }
    // The reader's connection waits until the committing thread is done.
    try session.commit()
    try session.commit()
    let reader = try TraceReader(path: path)
    #expect(!reader.summary.isComplete && reader.summary.events >= committed)
    guard case .finished(let summary) = try RecordedSession.replay(path) else {
      Issue.record("diverged")
      return
    }
    #expect(!summary.isComplete && summary.events >= committed)
  }
}
