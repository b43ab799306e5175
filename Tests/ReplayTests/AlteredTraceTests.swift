import Foundation
import GRDB
import Recorder
import Replay
import Sim
import TestSupport
import Testing

/// "Matched" means that every row that says what happened is as it was recorded. Whatever is done to
/// a finished trace, a replay never says so of anything else.
struct AlteredTraceTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }
  var copy: String { folder.file("copy.db") }

  init() throws {
    folder = try TemporaryFolder()
    try record(RecordedSession.shell(harts: 2), to: path)
  }

  /// Everything that a trace says, row by row, as SQLite shows it.
  private func rows(_ path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    return try queue.read { db in
      let tables = [
        "meta", "scenario", "script", "file", "input", "choice", "name", "event", "mark", "process",
        "container", "kind", "call", "refusal",
      ]
      return try tables.flatMap { table in
        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { row in
          "\(table) \(Array(row.databaseValues).map(\.storage))"
        }
      }
    }
  }

  private enum Verdict: Equatable {
    case matched, diverged, refused
  }

  private func replay(_ path: String) throws -> Verdict {
    do {
      switch try RecordedSession.replay(path) {
      case .finished(let summary):
        #expect(summary.isComplete)
        return .matched
      case .diverged(let divergence):
        #expect(!divergence.headline.isEmpty)
        return .diverged
      case .matched: return .matched
      }
    } catch let error as TraceError {
      #expect(error.description.hasPrefix("\(path): "))
      return .refused
    }
  }

  @Test func aFlippedBitIsToldOrChangesNothing() throws {
    let original = try rows(path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = RandomSource(seed: 8)
    var verdicts: [Verdict] = []
    for _ in 0..<100 {
      var bytes = whole
      bytes[random.next(below: whole.count)] ^= UInt8(1 << random.next(below: 8))
      try bytes.write(to: URL(fileURLWithPath: copy))
      let verdict = try replay(copy)
      if verdict == .matched { #expect(try rows(copy) == original) }
      verdicts.append(verdict)
    }
    #expect(verdicts.contains(.matched) && verdicts.contains(.refused))
  }

  /// A bit that gives a page one row more, or points a row elsewhere.
  @Test(arguments: ["meta", "choice", "mark", "input"])
  func aFlippedBitInAPagesHeadIsToldOrChangesNothing(table: String) throws {
    let original = try rows(path)
    let root = try TraceSurgery.strings(
      "SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'", on: path)
    let page = try #require(root.first.flatMap { Int($0) })
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for bit in stride(from: 0, to: 96, by: 2) {
      var bytes = whole
      bytes[(page - 1) * 4096 + bit / 8] ^= UInt8(1 << (bit % 8))
      try bytes.write(to: URL(fileURLWithPath: copy))
      guard let reader = try? TraceReader(path: copy), reader.alterations.isEmpty else { continue }
      if try replay(copy) == .matched {
        #expect(try rows(copy) == original, "bit \(bit)")
      }
    }
  }

  @Test(arguments: [
    "UPDATE choice SET point = point + 256", "UPDATE choice SET hart = hart + 65536",
    "INSERT INTO choice VALUES (-1, 1, 0, 2, 1, 1, 1, 0)",
    "INSERT INTO choice VALUES (0, 1, 0, 2, 1, 1, 1, 0)",
    "INSERT INTO event SELECT -1, time, hart, kind, pid, cid, a0, a1, a2, a3, a4, a5 FROM event LIMIT 1",
    "INSERT INTO mark VALUES (7, 0, 0)", "INSERT INTO meta VALUES ('more', 1)",
    "UPDATE meta SET value = value + 1 WHERE key = 'host_seconds'",
    "DELETE FROM meta WHERE key = 'host_seconds'", "DELETE FROM meta WHERE key = 'seal.views'",
    "DROP VIEW syscall", "INSERT INTO name VALUES (-1, 'x', NULL, 0)",
    "UPDATE name SET bytes = CAST(text AS BLOB) WHERE id = 1",
    "UPDATE process SET end_ts = 1", "INSERT INTO call VALUES (99, 'x')",
    "UPDATE file SET path = path || char(0) || 'x' WHERE ordinal = 1",
    "UPDATE call SET name = name || char(0) WHERE id = 1",
    "UPDATE meta SET key = key || char(0) WHERE key = 'host_seconds'",
    "UPDATE script SET at_tick = 1 WHERE ordinal = 1", "DELETE FROM script WHERE ordinal > 6",
  ])
  func noAlteredRowMatches(sql: String) throws {
    try TraceSurgery.alter(path, sql, into: copy)
    let isHidden = sql.contains("VIEW") || sql.contains("char(0)")
    #expect(try isHidden || rows(copy) != rows(path), "the SQL changes something")
    #expect(try replay(copy) != .matched)
  }

  /// Somebody who seals anew what he has changed still has to change the rows.
  @Test(arguments: ["inputs", "choices", "events"])
  func aCountThatIsNotThatOfTheRowsDoesNotMatch(key: String) throws {
    try TraceSurgery.alter(
      path, "UPDATE meta SET value = value + 1 WHERE key = '\(key)'", into: copy)
    let queue = try DatabaseQueue(path: copy)
    try queue.writeWithoutTransaction { db in
      try db.execute(
        sql: "UPDATE meta SET value = ? WHERE key = 'seal.meta'",
        arguments: [try TableSeal.checkOfMeta(db)])
    }
    try queue.close()
    let reader = try TraceReader(path: copy)
    #expect(!reader.alterations.isEmpty || reader.missingEvents != nil)
    #expect(try replay(copy) != .matched)
  }

  /// Of a recording that was cut short, what can be known is compared as in a complete one.
  @Test(arguments: [
    "DELETE FROM name WHERE id = (SELECT max(id) FROM name)",
    "INSERT INTO name SELECT max(id) + 1, 'x', NULL, 7 FROM name",
    "UPDATE name SET text = 'x' WHERE id = (SELECT max(id) FROM name)",
  ])
  func noAlteredNameOfACutRecordingMatches(sql: String) throws {
    var session = try RecordingSession(
      RecordedSession.shell(harts: 1), ScriptedDecisions(RecordedSession.shell(harts: 1)),
      to: folder.file("growing.db"), alsoTo: IgnoringSink())
    for _ in 0..<3000 { _ = try session.step() }
    // The second one waits for the first.
    for _ in 0..<2 { try session.commit() }
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: folder.file("growing.db") + suffix, toPath: folder.file("cut.db") + suffix)
    }
    _ = try session.finish()
    let cut = folder.file("cut.db")
    try TraceSurgery.execute("PRAGMA journal_mode = delete", on: cut)
    guard case .finished(let summary) = try RecordedSession.replay(cut) else {
      Issue.record("did not match as it was")
      return
    }
    #expect(!summary.isComplete && summary.events > 100)
    try TraceSurgery.alter(cut, sql, into: copy)
    #expect(try replay(copy) != .matched)
  }

  @Test func aValueOfAnotherTypeIsNoEvent() throws {
    // Nothing but damage can put it there, or somebody who takes the rule away and puts it back.
    try TraceSurgery.alter(
      path,
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'CHECK(1)') WHERE name = 'event';
      """, into: copy)
    try TraceSurgery.execute("UPDATE event SET a5 = NULL WHERE a5 = 0 AND seq = 40", on: copy)
    try TraceSurgery.execute(
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(sql, 'CHECK(1)', 'NOT NULL') WHERE name = 'event';
      """, on: copy)
    #expect(try rows(copy) != rows(path))
    #expect(try replay(copy) == .refused)
  }
}
