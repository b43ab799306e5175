import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// A trace holds what its recorder made, and nothing else: what somebody adds can make SQL tell of
/// another session than the one that a replay compares with.
struct SealedSchemaTests {
  let folder: TemporaryFolder
  let session: String

  init() throws {
    folder = try TemporaryFolder()
    session = folder.file("s.db")
    try record(GuestRun.scenario(["pingpong", "300"]), to: session)
  }

  private static let additions = [
    ("CREATE INDEX lie ON event (kind)", "found index lie on event"),
    ("CREATE UNIQUE INDEX lie ON name (id) WHERE id > 3", "found index lie on name"),
    ("CREATE VIEW lie AS SELECT 1", "found view lie"),
    ("CREATE TABLE lie (x)", "found table lie"),
    ("CREATE VIRTUAL TABLE lie USING fts5 (x)", "found virtual table lie, table lie_data"),
    (
      "CREATE TRIGGER lie AFTER INSERT ON event BEGIN DELETE FROM event; END",
      "found trigger lie on event"
    ),
    ("ANALYZE", "found table sqlite_stat1"),
    (
      "CREATE INDEX a ON event (pid); CREATE INDEX b ON event (a0); CREATE VIEW c AS SELECT 1;"
        + "CREATE VIEW d AS SELECT 1; CREATE VIEW e AS SELECT 1",
      "found index a on event, index b on event, view c and 2 more"
    ),
  ]

  @Test(arguments: additions)
  func whatTheRecorderDidNotMakeIsNamed(sql: String, words: String) throws {
    try expectNamed(sql, words)
  }

  /// What a killed recorder leaves is sealed from its first commit on.
  @Test func inACutRecordingToo() throws {
    let growing = folder.file("growing.db")
    let writer = try TraceWriter(path: growing, scenario: Scenario())
    for suffix in ["", "-wal"] {
      try? FileManager.default.removeItem(atPath: session + suffix)
      try FileManager.default.copyItem(atPath: growing + suffix, toPath: session + suffix)
    }
    _ = try writer.finish(NameTable(), at: .zero, .inputEnded)
    // Another program puts the log into the file.
    try TraceSurgery.execute("PRAGMA journal_mode = delete", on: session)
    try expectNamed("CREATE INDEX lie ON event (kind)", "found index lie on event")
    let altered = folder.file("altered.db")
    try TraceSurgery.alter(
      session, "DROP VIEW syscall; CREATE VIEW syscall AS SELECT 1", into: altered)
    #expect(try TraceReader(path: altered).alterations.map(\.table) == ["views"])
  }

  private func expectNamed(_ sql: String, _ words: String) throws {
    let copy = folder.file("copy.db")
    try TraceSurgery.alter(session, sql, into: copy)
    for verb in ["replay", "verify"] {
      let run = try DrydockTool.run([verb, copy])
      #expect(run.status == 2 && run.output.isEmpty, "\(run)")
      #expect(run.errorLines.count == 1 && run.errors.contains(words), "\(run)")
    }
    for arguments in [
      ["info", copy], ["query", copy, "SELECT 1"], ["stat", "sched", copy], ["dump", copy],
      ["report", copy, "-o", folder.file("page.html")], ["export", "--format", "csv", copy],
      ["diff", "--brief", session, copy],
    ] {
      let run = try DrydockTool.run(arguments)
      let warnings = run.errorLines.filter { $0.contains("which its recorder did not make") }
      #expect(warnings.count == 1 && warnings[0].contains(words), "\(arguments): \(run)")
      #expect(run.status == 0, "\(arguments): \(run)")
    }
  }

  /// A seal is a check, and no signature. What the tool says comes from its own views all the same.
  @Test func viewsThatAreSealedAnewTellNothing() throws {
    let copy = folder.file("copy.db")
    try TraceSurgery.alter(
      session, "DROP VIEW trap; CREATE VIEW trap AS SELECT 7 AS seq; CREATE VIEW lie AS SELECT 1",
      into: copy)
    try TraceSurgery.sealViews(copy)
    for arguments in [
      ["replay", copy], ["verify", copy], ["info", copy], ["stat", "syscalls", copy],
      ["query", copy, "SELECT count(*) FROM trap"],
    ] {
      let run = try DrydockTool.run(arguments)
      #expect(run.status == 0 && run.errorLines.count == 1, "\(arguments): \(run)")
      #expect(run.errors.contains("found view trap, view lie, not as this drydock"), "\(run)")
      var plain = arguments
      plain[plain.firstIndex(of: copy) ?? 0] = session
      guard arguments[0] == "query" else { continue }
      let honest = try DrydockTool.run(plain)
      #expect(run.output == honest.output)
    }
  }

  /// Looking up a row takes another way through the tree than going through all of them; here one
  /// way is changed.
  @Test func aTreeThatHidesRowsFromLookingUpIsTold() throws {
    let copy = folder.file("copy.db")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: session))
    let root = try TraceSurgery.strings(
      "SELECT rootpage FROM sqlite_schema WHERE name = 'event'", on: session)
    let page = try (#require(root.first.flatMap { Int($0) }) - 1) * 4096
    // A page of the tree's inside: after a head of 12 bytes, the places of its cells; a cell is the
    // number of a page and the largest key there, whose last byte is made a smaller one.
    #expect(bytes[page] == 5)
    let cell = page + Int(bytes[page + 12]) << 8 + Int(bytes[page + 13])
    let last = (cell + 4..<cell + 13).first { bytes[$0] < 0x80 } ?? cell + 4
    #expect(bytes[last] > 8)
    bytes[last] -= 5
    try bytes.write(to: URL(fileURLWithPath: copy))
    for verb in ["replay", "verify"] {
      let run = try DrydockTool.run([verb, copy])
      #expect(run.status == 2 && run.output.isEmpty, "\(run)")
      #expect(run.errors.contains("damaged: SQL can show other rows than there are"), "\(run)")
    }
  }
}
