// Questions to a trace in SQL, on a connection of their own that can only read: SQLite opens the file
// read-only, and an authorizer turns down everything but SELECT on it. What comes out of a guest is
// shown escaped, never as it is.

import Foundation
import GRDBSQLite

/// The rows that a query gave.
public struct QueryResult: Equatable, Sendable {
  public enum Value: Equatable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
  }

  public var columns: [String]
  public var rows: [[Value]]

  public init(columns: [String], rows: [[Value]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// Why a query has no answer.
public struct QueryError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String
}

/// Asks a trace in SQL.
public enum TraceQuery {
  /// Runs one SELECT and keeps its rows.
  ///
  /// - Throws: as the other `run`.
  public static func run(_ sql: String, on path: String) throws -> QueryResult {
    var result = QueryResult(columns: [], rows: [])
    try run(sql, on: path) {
      result.columns = $0
    } row: {
      result.rows.append($0)
    }
    return result
  }

  /// Runs one SELECT, giving its columns' names and then each row as it comes.
  ///
  /// - Throws: `TraceError` if the file cannot be read, `QueryError` if the query is not understood,
  ///   is more than one, or would do anything but read.
  public static func run(
    _ sql: String, on path: String, columns: ([String]) throws -> Void,
    row: ([QueryResult.Value]) throws -> Void
  ) throws {
    // Reading a few rows through the ordinary door says what is wrong with a file that is no trace.
    _ = try TraceReader(path: path)
    var connection: OpaquePointer?
    let opened = sqlite3_open_v2(
      path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    defer { sqlite3_close(connection) }
    guard opened == SQLITE_OK, let connection else {
      throw TraceError(.cannotOpen, path, message(connection))
    }
    sqlite3_busy_timeout(connection, 5000)
    sqlite3_set_authorizer(
      connection,
      { _, action, first, second, _, _ in
        TraceQuery.authorize(action, first, second)
      }, nil)

    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    let rest = try prepare(sql, connection, &statement)
    guard let statement else { throw QueryError(description: "the query is empty") }
    guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
      throw QueryError(description: "more than one statement; expected a single SELECT")
    }
    let count = sqlite3_column_count(statement)
    try columns(
      (0..<count).map { index in
        sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      })
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try row((0..<count).map { value(statement, $0) })
      case SQLITE_DONE: return
      default: throw QueryError(description: message(connection))
      }
    }
  }

  private static func prepare(
    _ sql: String, _ connection: OpaquePointer, _ statement: inout OpaquePointer?
  ) throws -> String {
    guard !sql.utf8.contains(0) else {
      throw QueryError(description: "a NUL in the query; expected SQL")
    }
    return try sql.withCString { start in
      var tail: UnsafePointer<CChar>?
      guard sqlite3_prepare_v2(connection, start, -1, &statement, &tail) == SQLITE_OK else {
        let problem = message(connection)
        if problem == "not authorized" || sqlite3_errcode(connection) == SQLITE_AUTH {
          throw QueryError(
            description: "\(problem): a trace can only be read, by SELECT")
        }
        let offset = Int(sqlite3_error_offset(connection))
        throw QueryError(description: problem + caret(under: sql, at: offset))
      }
      return tail.map { String(cString: $0) } ?? ""
    }
  }

  /// The query's line with a caret under the place that SQLite complains about.
  private static func caret(under sql: String, at offset: Int) -> String {
    guard offset >= 0, offset <= sql.utf8.count else { return "" }
    let bytes = Array(sql.utf8)
    let start = bytes[..<offset].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: 10) ?? bytes.count
    let before = printable(bytes[start..<offset])
    let indent = String(repeating: " ", count: before.count)
    return "\n  \(before)\(printable(bytes[offset..<end]))\n  \(indent)^"
  }

  private static func value(_ statement: OpaquePointer, _ index: Int32) -> QueryResult.Value {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, index))
    case SQLITE_TEXT:
      // A text may hold NULs, so that its length counts, not its end.
      let pointer = sqlite3_column_text(statement, index)
      let length = Int(sqlite3_column_bytes(statement, index))
      return .text(
        String(decoding: UnsafeBufferPointer(start: pointer, count: length), as: UTF8.self))
    case SQLITE_BLOB:
      let pointer = sqlite3_column_blob(statement, index)
      let length = Int(sqlite3_column_bytes(statement, index))
      return .blob(Array(UnsafeRawBufferPointer(start: pointer, count: length)))
    default: return .null
    }
  }

  private static func message(_ connection: OpaquePointer?) -> String {
    connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
  }

  private static func authorize(
    _ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?
  ) -> Int32 {
    switch action {
    case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
    case SQLITE_FUNCTION:
      let name = second.map { String(cString: $0).lowercased() } ?? ""
      return name == "load_extension" ? SQLITE_DENY : SQLITE_OK
    case SQLITE_PRAGMA:
      // Those that describe the schema, and only without an argument that could set something.
      let name = first.map { String(cString: $0).lowercased() } ?? ""
      let describing = ["table_info", "table_xinfo", "table_list", "index_list", "index_info"]
      return describing.contains(name) ? SQLITE_OK : SQLITE_DENY
    default: return SQLITE_DENY
    }
  }
}
