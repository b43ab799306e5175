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

  @Test(arguments: [
    ("SELECT 1; DELETE FROM event", "more than one statement"), ("", "empty"),
    ("SELECT nme FROM kind", "no such column: nme"), ("SELEC 1", "syntax error"),
    ("SELECT 1 FROM\n  nowhere", "no such table: nowhere"),
  ])
  func aWrongQueryIsToldWhatIsWrong(sql: String, words: String) throws {
    let error = #expect(throws: QueryError.self) { try TraceQuery.run(sql, on: path) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test func valuesKeepTheirTypes() throws {
    let result = try TraceQuery.run(
      "SELECT 1 AS a, 'x' || char(0) || 'y' AS b, x'00ff' AS c, 0.5 AS d, NULL AS e;", on: path)
    #expect(result.columns == ["a", "b", "c", "d", "e"])
    #expect(
      result.rows == [[.integer(1), .text("x\0y"), .blob([0, 255]), .real(0.5), .null]])
  }
}
