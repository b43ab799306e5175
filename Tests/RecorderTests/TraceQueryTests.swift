import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct TraceQueryTests {
  let folder: TemporaryFolder
  var path: String { folder.file("t.db") }

  init() throws {
    folder = try TemporaryFolder()
    try SyntheticSession(events: 100).write(to: path)
  }

  @Test(arguments: [
    "DELETE FROM event", "INSERT INTO mark VALUES (1, 2, 3)", "UPDATE meta SET value = 1",
    "DROP TABLE event", "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH 'x.db' AS x",
    "PRAGMA user_version = 7", "PRAGMA journal_mode = WAL", "PRAGMA writable_schema = 1", "VACUUM",
    "VACUUM INTO 'x.db'", "BEGIN IMMEDIATE", "SELECT load_extension('x')", "REINDEX", "ANALYZE",
    "WITH x AS (SELECT 1) DELETE FROM event",
  ])
  func aQueryCanOnlyRead(sql: String) throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    #expect(error?.description.isEmpty == false)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try folder.names == ["t.db"])
  }

  /// Of what fits into no memory as little is kept in files as the query may have.
  @Test func aQueryThatSortsWithoutEndIsStopped() throws {
    var limits = QueryLimits.none
    limits.temporaryBytes = 1 << 20
    let sql = """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
      SELECT i, hex(randomblob(100)) AS noise FROM n ORDER BY noise
      """
    let error = #expect(throws: QueryError.self) {
      try TraceQuery.run(sql, on: path, limits: limits, columns: { _ in }, row: { _ in })
    }
    #expect(error?.description.contains("more than 1 MiB of temporary files") == true)
    #expect(try TraceQuery.run("SELECT * FROM event ORDER BY a0", on: path).rows.count == 100)
  }

  @Test(arguments: [
    ("SELECT 1; DELETE FROM event", "more than one statement"), ("", "empty"),
    ("SELECT nme FROM kind", "no such column: nme"), ("SELEC 1", "syntax error"),
    ("SELECT 1 FROM\n  nowhere", "no such table: nowhere"),
  ])
  func aWrongQueryIsToldWhatIsWrong(sql: String, words: String) throws {
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    (
      "SELECT name FROM scehd WHERE 'scehd' = name", "no such table: scehd",
      "                 ^", "sched"
    ),
    ("SELECT nme FROM kind", "no such column: nme", "       ^", "name"),
    ("SELECT \"nmae\" FROM kind", "no such column: nmae", "       ^", "name"),
    ("SELECT e.tiem FROM event AS e", "no such column: e.tiem", "       ^", "time"),
    (
      "SELECT /* kidn */ *\nFROM event JOIN [kidn]", "no such table: kidn", "                ^",
      "kind"
    ),
    ("SELECT cuont(*) FROM event", "no such function: cuont", "       ^", "count"),
    ("SELECT * FORM event", "near \"FORM\": syntax error", "         ^", "FROM"),
    // SQLite takes the word for another name of the table.
    (
      "SELECT * FROM event WEHRE seq = 1", "near \"seq\": syntax error",
      "                    ^", "WHERE"
    ),
    (
      "SELECT kind FROM event GROPU BY 1", "near \"BY\": syntax error",
      "                       ^", "GROUP"
    ),
    ("SELECT * FROM event LIMTI 3", "near \"3\": syntax error", "                    ^", "LIMIT"),
  ])
  func aTypoIsShownAndTheNearestNameIsNamed(
    sql: String, message: String, caret: String, nearest: String
  ) throws {
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    let lines = error?.description.split(separator: "\n").map(String.init) ?? []
    try #require(lines.count == 4, "\(lines)")
    #expect(lines[0] == message)
    #expect(sql.hasSuffix(lines[1].dropFirst(2)))
    #expect(lines[2] == "  " + caret)
    #expect(lines[3] == "  nearest: \(nearest)")
  }

  @Test(arguments: [
    ("SELECT 1 WHERE (", "                ^"), ("SELECT 1 WHERE\n  1 IN (  \n", "        ^"),
    ("SELECT 'é漢😀', nme FROM kind", "                ^"),
    ("SELECT 'e\u{301}한ﾊ', nme FROM kind", "               ^"),
  ])
  func theCaretIsBelowTheMistake(sql: String, caret: String) throws {
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    #expect(error?.description.split(separator: "\n").dropFirst(2).first == "  \(caret)")
  }

  @Test func theBeginningOfANameIsCompleted() throws {
    let error = #expect(throws: QueryError.self) {
      try TraceQuery.run("SELECT blocked FROM syscall", on: path)
    }
    #expect(error?.nearest == "blocked_time")
  }

  @Test func aNameThatIsFarFromAllIsNotGuessedAt() throws {
    let error = #expect(throws: QueryError.self) {
      try TraceQuery.run("SELECT * FROM elephants", on: path)
    }
    #expect(error?.nearest == nil && error?.place?.column == 14)
  }

  @Test(arguments: [
    ("DELETE FROM event", "DELETE FROM event is refused"),
    ("INSERT INTO mark VALUES (1, 2, 3)", "INSERT INTO mark is refused"),
    ("UPDATE meta SET value = 1", "UPDATE of meta is refused"),
    ("PRAGMA user_version = 7", "PRAGMA user_version is refused"),
    ("ATTACH 'x.db' AS x", "ATTACH is refused"), ("VACUUM", "is refused"),
  ])
  func aWriteIsRefusedInASentence(sql: String, words: String) throws {
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    let text = error?.description ?? ""
    #expect(
      text.contains(words) && text.hasSuffix("a trace can only be read, by SELECT"), "\(text)")
  }

  @Test func theSchemaCanBeAskedForAsRows() throws {
    let columns = try TraceQuery.run("SELECT name FROM pragma_table_info('choice')", on: path)
    #expect(columns.rows.count == 8 && columns.rows.first == [.text("ordinal")], "\(columns)")
    let values = try TraceQuery.run("SELECT value FROM json_each('[1,2]')", on: path)
    #expect(values.rows == [[.integer(1)], [.integer(2)]])
    let databases = try TraceQuery.run("SELECT name FROM pragma_database_list", on: path)
    #expect(databases.rows == [[.text("main")]])
    let functions = try TraceQuery.run(
      "SELECT DISTINCT name FROM pragma_function_list WHERE name = 'lead'", on: path)
    #expect(functions.rows == [[.text("lead")]])
  }

  private func run(_ sql: String, _ limits: QueryLimits, _ stop: QueryStop = QueryStop()) throws
    -> (rows: Int, complete: Bool)
  {
    var rows = 0
    let complete = try TraceQuery.run(sql, on: path, limits: limits, stop: stop) { _ in
    } row: { _ in
      rows += 1
    }
    return (rows, complete)
  }

  static let endless = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n
    """

  @Test func rowsBeyondTheLimitAreLeftOut() throws {
    #expect(try run("SELECT * FROM event", QueryLimits(rows: 7)) == (7, false))
    #expect(try run("SELECT * FROM event", QueryLimits(rows: 100)) == (100, true))
  }

  @Test func aQueryThatRunsAwayIsStopped() throws {
    let error = #expect(throws: QueryError.self) {
      try run(TraceQueryTests.endless, QueryLimits(seconds: 0.1))
    }
    #expect(error?.message.hasPrefix("stopped after 0 seconds") == true)
  }

  @Test func aQueryIsStoppedFromAnotherThread() throws {
    let stop = QueryStop()
    // The second row never comes; when the first is there, the query runs.
    let sql = "SELECT 1 UNION ALL SELECT * FROM (\(TraceQueryTests.endless))"
    let error = #expect(throws: QueryError.self) {
      try TraceQuery.run(sql, on: path, limits: QueryLimits(seconds: 60), stop: stop) { _ in
      } row: { _ in
        Thread.detachNewThread { stop.stop() }
      }
    }
    #expect(error?.message == "stopped")
  }

  @Test(arguments: [
    "SELECT zeroblob(1000000000)", "SELECT length(randomblob(1e9))",
    "SELECT hex(zeroblob(900000))",
  ])
  func aHugeValueIsRefused(sql: String) throws {
    let limits = QueryLimits(seconds: 10, rows: 10, valueBytes: 1_000_000)
    let error = #expect(throws: QueryError.self) { try run(sql, limits) }
    #expect(error?.message.contains("too big") == true)
  }

  @Test func manyLargeValuesAreLeftOutBeyondTheLimit() throws {
    let sql = "SELECT zeroblob(100000) FROM event"
    #expect(try run(sql, QueryLimits(valueBytes: 100_000)) == (8, false))
  }

  @Test func valuesKeepTheirTypes() throws {
    let result = try TraceQuery.run(
      "SELECT 1 AS a, 'x' || char(0) || 'y' AS b, x'00ff' AS c, 0.5 AS d, NULL AS e;", on: path)
    #expect(result.columns == ["a", "b", "c", "d", "e"])
    #expect(
      result.rows == [[.integer(1), .text("x\0y"), .blob([0, 255]), .real(0.5), .null]])
  }
}
