import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// Files that are no traces, and traces that are no longer whole: each is an error that says so.
struct TraceDamageTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }
  var copy: String { folder.file("copy.db") }

  init() throws { folder = try TemporaryFolder() }

  @Test func whatIsNoTraceIsToldSo() throws {
    let text = try folder.write("no database at all, but long enough to be looked at", to: "a")
    let empty = try folder.write("", to: "b")
    let other = folder.file("c")
    try TraceSurgery.execute("CREATE TABLE event (x)", on: other)
    for file in [text, empty, other, folder.path] {
      let error = #expect(throws: TraceError.self) { try TraceReader(path: file) }
      #expect(error?.reason == .notATrace, "\(error?.description ?? "")")
    }
    let missing = #expect(throws: TraceError.self) { try TraceReader(path: copy) }
    #expect(missing?.reason == .cannotOpen)
  }

  /// Another program may be killed while it changes a trace; whoever only reads may not undo that.
  @Test func aChangeThatWasBrokenOffIsToldSo() throws {
    try SyntheticSession(events: 10_000).write(to: path)
    try TraceSurgery.breakOff("UPDATE event SET hart = 7", on: path, into: copy)
    let error = #expect(throws: TraceError.self) { try TraceReader(path: copy) }
    #expect(error?.reason == .cannotOpen)
    #expect(
      error?.description.contains("copy.db-journal says that a program") == true,
      "\(error?.description ?? "")")
    // As the message says.
    try TraceSurgery.execute("SELECT 1 FROM event", on: copy)
    #expect(try TraceReader(path: copy).summary.events == 10_000)
  }

  @Test(arguments: [
    ("PRAGMA user_version = 9", TraceError.Reason.version, "newer drydock: found trace format 9"),
    ("PRAGMA user_version = 3", .version, "older drydock: found trace format 3, expected 8"),
    ("PRAGMA application_id = 5", .notATrace, "application id 5"),
    ("DELETE FROM meta", .damaged, "found state none"),
    ("DELETE FROM meta WHERE key = 'events'", .damaged, "found no events"),
    ("DROP TABLE event", .damaged, "table event: found none, expected one"),
    ("DROP TABLE choice", .damaged, "table choice: found none"),
    (
      "ALTER TABLE event RENAME COLUMN a3 TO a9", .damaged,
      "found the definition \"a9 INTEGER NOT NULL,\", expected \"a3 INTEGER"
    ),
    ("UPDATE meta SET value = 'recording' WHERE key = 'state'", .damaged, "the seals of an end"),
    ("UPDATE scenario SET value = x'00' WHERE key = 'harts'", .damaged, "scenario 1"),
    ("UPDATE scenario SET key = 'hart' WHERE key = 'harts'", .damaged, "scenario 1"),
    (
      "UPDATE scenario SET value = -1 WHERE key = 'harts'", .damaged,
      "scenario: harts: found -1, expected 1 to 8"
    ),
    (
      "UPDATE scenario SET value = \(Int64.max) WHERE key = 'frames'", .damaged,
      "scenario: frames: found \(Int64.max), expected 64 to 1048576"
    ),
    ("UPDATE file SET kind = 'pipe' WHERE ordinal = 2", .damaged, "file 2: found kind pipe"),
    ("UPDATE file SET major = 70000 WHERE ordinal = 4", .damaged, "file 4: found device 70000"),
    ("UPDATE file SET content = x'00' WHERE ordinal = 2", .damaged, "1 bytes as content"),
    ("UPDATE file SET content = NULL WHERE ordinal = 1", .damaged, "found NULL as content"),
  ])
  func aTraceThatCannotBeUnderstoodIsAnError(
    sql: String, reason: TraceError.Reason, words: String
  ) throws {
    try SyntheticSession(events: 100).write(to: path)
    try TraceSurgery.alter(path, sql, into: copy)
    let error = #expect(throws: TraceError.self) { try TraceReader(path: copy) }
    #expect(error?.reason == reason)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("DELETE FROM event WHERE seq = 300", "found event 301, expected 300", 299),
    ("DELETE FROM event WHERE seq = 1", "found event 2, expected 1", 0),
    ("DELETE FROM event WHERE seq > 4990", "found 4990 events, expected 5000", 4990),
    ("UPDATE event SET kind = 255 WHERE seq = 17", "event 17: found hart 1, kind 255", 16),
    ("UPDATE event SET hart = 256 WHERE seq = 17", "event 17: found hart 256", 16),
    ("UPDATE event SET pid = 1 << 40 WHERE seq = 17", "event 17", 16),
    ("UPDATE event SET a4 = a4 + 1 WHERE seq = 9", "event 1 to 4096", 4096),
    ("UPDATE event SET a4 = a4 + 1 WHERE seq = 4999", "event 4097 to 5000", 5000),
    ("UPDATE mark SET seal = 1", "event 1 to 4096", 4096),
    ("DELETE FROM mark", "event 1 to 4096", 4096),
  ])
  func whatIsWrongWithEventsIsToldWhereItIs(sql: String, words: String, before: Int) throws {
    try SyntheticSession(events: 5000).write(to: path)
    try TraceSurgery.alter(path, sql, into: copy)
    let stream = try TraceReader(path: copy).events()
    var count = 0
    let error = #expect(throws: TraceError.self) {
      while try stream.next() != nil { count += 1 }
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(count == before)
  }

  @Test func aReportOfADamagedTableIsAnError() throws {
    try SyntheticSession(events: 100).write(to: path)
    // The rows of another table, whose values are of other types.
    try TraceSurgery.alter(
      path,
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET rootpage = (
        SELECT rootpage FROM sqlite_schema WHERE name = 'name') WHERE name = 'process';
      """, into: copy)
    let reader = try TraceReader(path: copy)
    #expect(reader.alterations.map(\.table) == ["process"])
    let error = #expect(throws: TraceError.self) { try ReportSet.tables(reader) }
    #expect(error?.reason == .damaged && error?.description.contains("found a pid") == true)
  }

  @Test func everyTruncationIsAnErrorOrLosesNothing() throws {
    let session = SyntheticSession(events: 3000)
    try session.write(to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in stride(from: 0, to: whole.count, by: whole.count / 40 + 1) {
      try whole.prefix(length).write(to: URL(fileURLWithPath: copy))
      #expect(throws: TraceError.self) { _ = try TraceReader(path: copy).allEvents() }
    }
  }

  @Test func noFlippedByteIsReadAsSomethingElse() throws {
    let session = SyntheticSession(events: 3000)
    try session.write(to: path)
    let original = try TraceReader(path: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = RandomSource(seed: 11)
    for _ in 0..<120 {
      var bytes = whole
      bytes[random.next(below: whole.count)] ^= UInt8(1 << random.next(below: 8))
      try bytes.write(to: URL(fileURLWithPath: copy))
      do {
        let reader = try TraceReader(path: copy)
        let events = try reader.allEvents()
        if !reader.alterations.isEmpty { continue }
        // The byte was one that holds nothing, or nothing that a replay looks at.
        #expect(events == session.events && reader.summary.isComplete)
        #expect(reader.scenario == original.scenario && reader.inputs == original.inputs)
        #expect(reader.names == original.names)
      } catch {
        // Typed as TraceError: nothing else can come out.
        #expect(!error.description.isEmpty)
      }
    }
  }
}
