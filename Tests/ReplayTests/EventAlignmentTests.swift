import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct EventAlignmentTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func recorded(_ scenario: Scenario, _ name: String) throws -> TraceReader {
    try record(scenario, to: folder.file(name))
    return try TraceReader(path: folder.file(name))
  }

  /// No event is in the list twice, and the times that it shows never step back. (What depends on the
  /// schedule alone is in no list.)
  private func requireWhole(_ alignment: EventAlignment, _ a: TraceReader, _ b: TraceReader) throws
  {
    let first = alignment.rows.map(\.first).filter { $0 != 0 }
    let second = alignment.rows.map(\.second).filter { $0 != 0 }
    #expect(first == first.sorted() && Set(first).count == first.count)
    #expect(Set(second).count == second.count)
    let alone = alignment.rows.filter { $0.first == 0 }.map(\.second)
    #expect(alone == alone.sorted())
    let events = (try RecordedSession.events(a.path), try RecordedSession.events(b.path))
    let times = alignment.rows.map { row in
      row.first != 0 ? events.0[Int(row.first) - 1].time : events.1[Int(row.second) - 1].time
    }
    #expect(times == times.sorted())
  }

  @Test func anotherSeedRunsInAnotherOrderAndDoesTheSame() throws {
    var scenario = RecordedSession.shell(harts: 2, seed: 3)
    let a = try recorded(scenario, "a.db")
    scenario.seed = 8
    let b = try recorded(scenario, "b.db")
    #expect(try TraceDiff.difference(a, b)?.sequence != nil)
    let alignment = try EventAlignment(a, b)
    try requireWhole(alignment, a, b)
    // What is left is what depends on who came first: how pipes filled, who was waited for.
    #expect(alignment.commonCount * 10 > alignment.rows.count * 9)
    let scheduled = try EventAlignment(a, b, includingSchedule: true)
    try requireWhole(scheduled, a, b)
    #expect(scheduled.rows.count > alignment.rows.count)
  }

  @Test func whatOnlyOneSessionDoesStandsAlone() throws {
    let a = try recorded(GuestRun.scenario(["primes", "20"]), "a.db")
    let b = try recorded(GuestRun.scenario(["primes", "24"]), "b.db")
    let alignment = try EventAlignment(a, b)
    try requireWhole(alignment, a, b)
    let texts = (EventText(a), EventText(b))
    var alone: [String] = []
    for row in alignment.rows where !row.isCommon {
      let sequence = max(row.first, row.second)
      let (reader, text) = row.first != 0 ? (a, texts.0) : (b, texts.1)
      let event = try #require(try reader.events(in: sequence...sequence).first)
      alone.append((row.first != 0 ? "-" : "+") + text.line(event, sequence))
    }
    // 23 is a prime that the first session does not get to: a process and a line more.
    #expect(alone.contains { $0.hasPrefix("+") && $0.contains("fork ") })
    #expect(alone.contains { $0.hasPrefix("+") && $0.contains("prime 23") })
    #expect(!alone.contains { $0.contains("prime 19") })
    let hunks = alignment.hunks(context: 2)
    let shown = hunks.reduce(0) { $0 + $1.rows.count }
    let skipped = hunks.reduce(0) { $0 + $1.skipped }
    #expect(shown + skipped <= alignment.rows.count && shown >= alone.count)
  }

  @Test func whatOnlyOneSessionFindsIsNotCommon() throws {
    var scenario = GuestRun.scenario(["setrootdemo"])
    for path in ["/home/gparmer/newroot/foo.txt", "/home/mrmcgoo/blah.txt"] {
      scenario.files.append(GuestFile(path: path, content: .file([10])))
    }
    let a = try recorded(scenario, "a.db")
    scenario.defects = [.dotDotLiteral]
    let b = try recorded(scenario, "b.db")
    // With the defect a path is found that leads out: the same event, but for its inode.
    let sequence = try #require(try TraceDiff.difference(a, b)?.sequence)
    let events = (try RecordedSession.events(a.path), try RecordedSession.events(b.path))
    #expect(events.0[Int(sequence) - 1].kind == .resolve)
    #expect(events.1[Int(sequence) - 1].kind == .resolve)
    let alignment = try EventAlignment(a, b)
    try requireWhole(alignment, a, b)
    #expect(alignment.rows.contains { $0.first == sequence && $0.second == 0 })
    #expect(alignment.rows.contains { $0.first == 0 && $0.second == sequence })
  }

  @Test func whichNumbersThingsHaveIsLeftOut() throws {
    var scenario = GuestRun.scenario(["cat", "/file"])
    let file = GuestFile(path: "/file", content: .file([10]))
    scenario.files.append(file)
    let a = try recorded(scenario, "a.db")
    scenario.files.insert(GuestFile(path: "/before", content: .file([])), at: 0)
    let b = try recorded(scenario, "b.db")
    #expect(try TraceDiff.difference(a, b)?.sequence != nil)
    #expect(try EventAlignment(a, b).rows.allSatisfy(\.isCommon))
  }

  @Test func aSessionAgainstItselfIsAllCommon() throws {
    let scenario = RecordedSession.shell(harts: 1)
    let a = try recorded(scenario, "a.db")
    let b = try recorded(scenario, "b.db")
    let alignment = try EventAlignment(a, b, includingSchedule: true)
    #expect(alignment.rows.allSatisfy { $0.isCommon && $0.first == $0.second })
    #expect(alignment.hunks().isEmpty && !alignment.rows.isEmpty)
  }
}
