import Recorder
import Replay
import Sim
import TestGuests
import TestSupport
import Testing

/// Every guest program is recorded, replayed, and recorded again; the traces are equal.
struct EveryProgramTests {
  @Test(arguments: TestGuests.all.map(\.name))
  func aGuestProgramIsRecordedReplayedAndRecordedAgain(name: String) throws {
    let folder = try TemporaryFolder()
    var scenario = GuestRun.scenario([name])
    scenario.harts = 2
    scenario.seed = 5
    let paths = (folder.file("a.db"), folder.file("b.db"))
    try record(scenario, to: paths.0)
    let reader = try TraceReader(path: paths.0)
    let expected = ReplaySummary(events: reader.summary.events, isComplete: true)
    #expect(try RecordedSession.replay(paths.0) == .finished(expected))
    try record(scenario, to: paths.1)
    #expect(try TraceDiff.difference(reader, try TraceReader(path: paths.1)) == nil)
  }
}
