import Foundation
import GRDB
import Recorder
import Sim
import TestSupport
import Testing

/// A recording that has not ended is in two files: what belongs together is read together, and
/// nothing else is.
struct TraceLogTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What a killed recorder leaves.
  private func cut(_ name: String, events: Int) throws -> String {
    let path = folder.file("growing-\(name)")
    let writer = try SyntheticSession(events: events).write(to: path, finishing: false)
    let copy = folder.file(name)
    try copyBoth(path, to: copy)
    _ = try writer.finish(NameTable(), at: .zero, .inputEnded)
    return copy
  }

  private func copyBoth(_ path: String, to copy: String) throws {
    for suffix in ["", "-wal"] {
      try? FileManager.default.removeItem(atPath: copy + suffix)
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
  }

  private func expectRefusal(_ path: String, _ words: String) {
    let error = #expect(throws: TraceError.self) { try TraceReader(path: path) }
    #expect(error?.reason == .damaged, "\(error?.description ?? "")")
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  private func put(_ log: String, beside path: String) throws {
    try? FileManager.default.removeItem(atPath: path + "-wal")
    try FileManager.default.copyItem(atPath: log, toPath: path + "-wal")
  }

  /// Short ones, of which everything is in the log, and long ones, of which most is in the file.
  @Test(arguments: [(300, 300), (300, 100_000), (100_000, 300)])
  func swappedLogsAreTold(first: Int, second: Int) throws {
    let a = try cut("a.db", events: first)
    let b = try cut("b.db", events: second)
    #expect(try TraceReader(path: a).allEvents().count == first)
    try copyBoth(a, to: folder.file("c.db"))
    try put(b + "-wal", beside: a)
    try put(folder.file("c.db-wal"), beside: b)
    for path in [a, b] { expectRefusal(path, "the log of another recording") }
  }

  /// What the file alone says is read with the schema's errors passed over.
  @Test("A file whose schema goes on for ever comes to an end, with its log beside it")
  func aSchemaWithoutEnd() throws {
    let path = try cut("a.db", events: 300)
    var pages = try DatabasePages(path: path)
    pages.leadInCircles(1)
    try pages.write(to: path)
    if let reader = try? TraceReader(path: path) {
      #expect(try reader.allEvents().count == 300)
    }
  }

  @Test func aLogBesideACompleteSessionIsTold() throws {
    let a = try cut("a.db", events: 300)
    let complete = folder.file("complete.db")
    try SyntheticSession(events: 300).write(to: complete)
    try put(a + "-wal", beside: complete)
    expectRefusal(complete, "the log of another recording")
  }

  /// A copy takes its time, and the recorder goes on meanwhile.
  @Test func aFileAndALogOfTwoMomentsAreTold() throws {
    let path = folder.file("s.db")
    let session = SyntheticSession(events: 60_000)
    let writer = try TraceWriter(path: path, scenario: session.scenario)
    var copies: [String] = []
    for moment in 0..<4 {
      for event in session.events { writer.receive(event) }
      for _ in 0..<2 { try writer.handOver(session.names, committing: true) }
      let copy = folder.file("\(moment).db")
      try copyBoth(path, to: copy)
      #expect(try TraceReader(path: copy).summary.events == Int64(moment + 1) * 60_000)
      copies.append(copy)
    }
    _ = try writer.finish(session.names, at: .zero, .inputEnded)
    let older = folder.file("older.db")
    try copyBoth(copies[0], to: older)
    try put(copies[3] + "-wal", beside: older)
    expectRefusal(older, "is newer than the file")
    try put(copies[0] + "-wal", beside: copies[3])
    expectRefusal(copies[3], "is older than the file")
  }

  @Test func whatIsNoLogIsTold() throws {
    let a = try cut("a.db", events: 300)
    try Data("nothing of the kind, but long enough to be one".utf8)
      .write(to: URL(fileURLWithPath: a + "-wal"))
    expectRefusal(a, "no log of a database")
  }

  /// Of a recording whose log is missing there is what the file has, and a word about the rest.
  @Test func aMissingLogIsSaidToBe() throws {
    let a = try cut("a.db", events: 100_000)
    try FileManager.default.removeItem(atPath: a + "-wal")
    let reader = try TraceReader(path: a)
    #expect(reader.condition == .cut && reader.summary.events > 0)
    #expect(reader.warnings.count == 1)
    #expect(reader.warnings.first?.contains("there is no log \(a)-wal beside it") == true)
    _ = try reader.allEvents()
    // Reading it has not made one.
    #expect(!FileManager.default.fileExists(atPath: a + "-wal"))
    let run = try DrydockTool.run(["info", a])
    #expect(run.status == 0 && run.errors.contains("there is no log"), "\(run)")
  }

  /// SQLite takes what follows for something that was never finished.
  @Test func nothingIsLostOfALogWithoutAWord() throws {
    let a = try cut("a.db", events: 300)
    let whole = try TraceReader(path: a)
    #expect(whole.warnings.isEmpty && whole.summary.events == 300)
    let log = try Data(contentsOf: URL(fileURLWithPath: a + "-wal"))
    var told = 0
    for byte in [13, 40, 100] + stride(from: 200, to: log.count, by: log.count / 20) {
      var changed = log
      changed[byte] ^= 4
      try changed.write(to: URL(fileURLWithPath: a + "-wal"))
      // Of a file whose only commit is lost nothing is left that could be taken for a session.
      guard let reader = try? TraceReader(path: a) else { continue }
      let warning = reader.warnings.first ?? ""
      #expect(reader.summary.events == 300 || !warning.isEmpty, "byte \(byte)")
      guard !warning.isEmpty else { continue }
      told += 1
      #expect(warning.contains("\(a)-wal beside it is damaged at byte "), "\(warning)")
      #expect(warning.contains("bytes, could not be used"), "\(warning)")
    }
    #expect(told > 0)
  }

  /// A recorder that is killed leaves the half of a commit, and nothing is wrong with that.
  @Test func theHalfOfACommitIsNoDamage() throws {
    let a = try cut("a.db", events: 300)
    var log = try Data(contentsOf: URL(fileURLWithPath: a + "-wal"))
    log.removeLast(log.count / 3)
    try log.write(to: URL(fileURLWithPath: a + "-wal"))
    guard let reader = try? TraceReader(path: a) else { return }
    #expect(reader.warnings.isEmpty, "\(reader.warnings)")
  }

  /// As in a folder that cannot be written: SQLite cannot put its index of the log there.
  @Test func aCutRecordingIsReadWhereNothingCanBeWritten() throws {
    let a = try cut("a.db", events: 300)
    try FileManager.default.createDirectory(
      atPath: a + "-shm", withIntermediateDirectories: false)
    let before = try Data(contentsOf: URL(fileURLWithPath: a + "-wal"))
    let reader = try TraceReader(path: a)
    #expect(try reader.allEvents().count == 300 && reader.warnings.isEmpty)
    #expect(try TraceQuery.run("SELECT count(*) FROM event", on: a).rows == [[.integer(300)]])
    #expect(try Data(contentsOf: URL(fileURLWithPath: a + "-wal")) == before)
  }

  /// One left by another file is no reason to read anything else than what there is.
  @Test func aForeignIndexOfTheLogChangesNothing() throws {
    let a = try cut("a.db", events: 300)
    let b = try cut("b.db", events: 500)
    _ = try TraceReader(path: b).allEvents()
    let index = try Data(contentsOf: URL(fileURLWithPath: b + "-shm"))
    try index.write(to: URL(fileURLWithPath: a + "-shm"))
    #expect(try TraceReader(path: a).allEvents().count == 300)
  }

  // MARK: Others that read it when it ends

  /// As Datasette or a notebook: no transaction is open, but the file is.
  @Test func whoHasTheFileOpenDoesNotHinderItsEnd() throws {
    let path = folder.file("s.db")
    let session = SyntheticSession(events: 300)
    let writer = try session.write(to: path, finishing: false)
    let other = try DatabaseQueue(path: path)
    #expect(try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") } == 300)
    let started = Date()
    #expect(try writer.finish(session.names, at: .zero, .halted(status: 0)) == 300)
    #expect(Date().timeIntervalSince(started) < 6)
    #expect(writer.closingNote?.contains("in WAL mode") == true, "\(writer.closingNote ?? "")")
    // Everything is in the file: its log is not needed.
    let copy = folder.file("copy.db")
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    for file in [path, copy] {
      let reader = try TraceReader(path: file)
      #expect(reader.summary.isComplete && reader.alterations.isEmpty && reader.warnings.isEmpty)
      #expect(try reader.allEvents().count == 300)
    }
    #expect(!FileManager.default.fileExists(atPath: copy + "-shm"))
    try other.close()
  }

  /// It may go on with what it sees; the rest is in the log, which belongs to the file then.
  @Test func whoReadsOnDoesNotHinderItsEnd() throws {
    let path = folder.file("s.db")
    let session = SyntheticSession(events: 300)
    let writer = try session.write(to: path, finishing: false)
    let other = try DatabaseQueue(path: path)
    try other.read { (db: Database) throws -> Void in
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM event") == 300)
      for event in session.events { writer.receive(event) }
      #expect(try writer.finish(session.names, at: .zero, .halted(status: 0)) == 600)
      #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM event") == 300)
    }
    #expect(writer.closingNote?.contains("s.db-wal, which has to stay beside it") == true)
    #expect(try TraceReader(path: path).allEvents().count == 600)
    let copy = folder.file("copy.db")
    try copyBoth(path, to: copy)
    #expect(try TraceReader(path: copy).allEvents().count == 600)
    try other.close()
    #expect(try TraceReader(path: path).allEvents().count == 600)
  }
}
