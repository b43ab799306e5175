import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct TraceDiffTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func recorded(_ scenario: Scenario, _ name: String) throws -> TraceReader {
    try record(scenario, to: folder.file(name))
    return try TraceReader(path: folder.file(name))
  }

  @Test func sessionsThatDifferPartWhereTheyDo() throws {
    let first = try recorded(GuestRun.scenario(["primes", "20"]), "a.db")
    let second = try recorded(GuestRun.scenario(["primes", "21"]), "b.db")
    let difference = try #require(try TraceDiff.difference(first, second))
    #expect(difference.start == ["program: primes 20 and primes 21"])
    let sequence = try #require(difference.sequence)
    let events = (
      try RecordedSession.events(first.path), try RecordedSession.events(second.path)
    )
    let place = Int(sequence) - 1
    #expect(events.0[1..<place] == events.1[1..<place])
    #expect(events.0[place] != events.1[place])
    #expect(difference.before.count == 3)
    #expect(difference.first.count == 4 && difference.second.count == 4)
    let text = difference.text("a.db", "b.db")
    #expect(text.hasPrefix("--- a.db\n+++ b.db\n@@ start @@ program: "))
  }

  @Test func aSessionThatEndsEarlierIsToldSo() throws {
    let scenario = RecordedSession.shell(harts: 1)
    let whole = try recorded(scenario, "a.db")
    let path = folder.file("b.db")
    var session = try RecordingSession(
      scenario, ScriptedDecisions(scenario), to: path, alsoTo: IgnoringSink())
    for _ in 0..<300 { _ = try session.step() }
    try session.commit()
    try session.commit()
    let part = try TraceReader(path: path)
    let difference = try #require(try TraceDiff.difference(whole, part))
    #expect(difference.headline == "\(path) ends here")
    #expect(difference.sequence == part.summary.events + 1)
    #expect(difference.second == [])
  }

  @Test func textsAreComparedAsTextsWhateverTheirNumbers() throws {
    // The same calls, but the machines learn the texts in another order.
    var scenario = GuestRun.scenario(["ls", "/d"])
    scenario.files.append(GuestFile(path: "/d", content: .directory))
    let first = try recorded(scenario, "a.db")
    try TraceSurgery.alter(first.path, "UPDATE meta SET value = value", into: folder.file("b.db"))
    let second = try TraceReader(path: folder.file("b.db"))
    #expect(try TraceDiff.difference(first, second) == nil)
  }

  @Test func anAlteredTraceIsNotCompared() throws {
    let first = try recorded(GuestRun.scenario(["true"]), "a.db")
    try TraceSurgery.alter(
      first.path, "UPDATE name SET text = 'x' WHERE id = 1", into: folder.file("b.db"))
    let second = try TraceReader(path: folder.file("b.db"))
    let error = #expect(throws: TraceError.self) { try TraceDiff.difference(first, second) }
    #expect(error?.description.contains("name 1 was altered") == true)
  }
}
