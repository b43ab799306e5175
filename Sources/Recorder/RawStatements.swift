// Statements run through SQLite's C API on GRDB's connection: for the rows that there are millions of.

import GRDB
import GRDBSQLite

extension Database {
  /// Runs a statement whose parameters are bound, and makes it ready for the next time.
  ///
  /// - Parameter row: called for each row, with the statement to take its columns from.
  /// - Throws: `DatabaseError` if SQLite cannot go on, or what `row` throws.
  @inline(__always)
  func run(_ statement: Statement, row: (SQLiteStatement) throws -> Void = { _ in }) throws {
    let raw = statement.sqliteStatement
    defer { sqlite3_reset(raw) }
    while true {
      switch sqlite3_step(raw) {
      case SQLITE_ROW: try row(raw)
      case SQLITE_DONE: return
      case let code:
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: String(cString: sqlite3_errmsg(sqliteConnection)))
      }
    }
  }
}
