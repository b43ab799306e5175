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

    /// How many bytes it takes, about.
    public var size: Int {
      switch self {
      case .null, .integer, .real: 8
      case .text(let text): text.utf8.count
      case .blob(let bytes): bytes.count
      }
    }
  }

  public var columns: [String]
  public var rows: [[Value]]

  public init(columns: [String], rows: [[Value]]) {
    self.columns = columns
    self.rows = rows
  }
}

/// Asks a trace in SQL.
public enum TraceQuery {
  /// Runs one SELECT and keeps its rows.
  ///
  /// - Throws: as the other `run`.
  public static func run(_ sql: String, on path: String) throws -> QueryResult {
    try run(sql, on: TraceReader(path: path))
  }

  /// Runs one SELECT on a session that is open already, and keeps its rows.
  ///
  /// - Throws: `QueryError` if there is something wrong with the query.
  public static func run(_ sql: String, on reader: TraceReader) throws -> QueryResult {
    var result = QueryResult(columns: [], rows: [])
    try run(sql, on: reader) {
      result.columns = $0
    } row: {
      result.rows.append($0)
    }
    return result
  }

  /// Runs one SELECT, giving its columns' names and then each row as it comes.
  ///
  /// - Parameters:
  ///   - limits: how much it may take; rows beyond their limit are left out.
  ///   - stop: what stops it from another thread.
  /// - Returns: whether those were all rows.
  /// - Throws: `TraceError` if the file cannot be read, `QueryError` if the query is not understood,
  ///   is more than one, would do anything but read, or is stopped.
  @discardableResult
  public static func run(
    _ sql: String, on path: String, limits: QueryLimits = .none, stop: QueryStop = QueryStop(),
    columns: ([String]) throws -> Void, row: ([QueryResult.Value]) throws -> Void
  ) throws -> Bool {
    // Reading a few rows through the ordinary door says what is wrong with a file that is no trace.
    try run(
      sql, on: TraceReader(path: path), limits: limits, stop: stop, columns: columns, row: row)
  }

  /// The same on a session that is open already; the query has a connection of its own.
  @discardableResult
  public static func run(
    _ sql: String, on reader: TraceReader, limits: QueryLimits = .none,
    stop: QueryStop = QueryStop(), columns: ([String]) throws -> Void,
    row: ([QueryResult.Value]) throws -> Void
  ) throws -> Bool {
    let path = reader.path
    var connection: OpaquePointer?
    let opened = sqlite3_open_v2(
      reader.databaseName, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    var limits = limits
    if limits.temporaryBytes == nil {
      limits.temporaryBytes = TemporarySpace.limit(ofTraceBytes: reader.bytes ?? 0)
    }
    let watcher = QueryGuard(limits, stop)
    defer { withExtendedLifetime(watcher) { _ = sqlite3_close(connection) } }
    guard opened == SQLITE_OK, let connection else {
      throw TraceError(.cannotOpen, path, message(connection))
    }
    // What has the name now has been opened.
    try reader.checkFile()
    sqlite3_busy_timeout(connection, 5000)
    TraceBounds.apply(to: connection)
    TemporarySpace.choose(for: connection)
    OwnViews.prefer(on: connection)
    watcher.watch(connection)
    return try reader.watching(connection) {
      try run(sql, connection, watcher, limits, columns, row)
    }
  }

  private static func run(
    _ sql: String, _ connection: OpaquePointer, _ watcher: QueryGuard, _ limits: QueryLimits,
    _ columns: ([String]) throws -> Void, _ row: ([QueryResult.Value]) throws -> Void
  ) throws -> Bool {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    let rest = try prepare(sql, connection, watcher, &statement)
    guard let statement else { throw QueryError("the query is empty") }
    // What SQLite makes no statement of is space, semicolons and comments.
    var another: OpaquePointer?
    defer { sqlite3_finalize(another) }
    if sqlite3_prepare_v2(connection, rest, -1, &another, nil) != SQLITE_OK || another != nil {
      throw QueryError("more than one statement; expected a single SELECT")
    }
    let count = sqlite3_column_count(statement)
    try columns(
      (0..<count).map { index in
        sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      })
    var rowsLeft = limits.rows ?? .max
    var bytesLeft = limits.totalBytes
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        guard rowsLeft > 0, bytesLeft > 0 else { return false }
        rowsLeft -= 1
        let values = try values(statement, count, limits)
        for value in values { bytesLeft -= value.size }
        try row(values)
      case SQLITE_DONE: return true
      case SQLITE_INTERRUPT: throw QueryError(watcher.interruption)
      default: throw problem(connection, watcher)
      }
    }
  }

  /// A row, of which no more is copied than is allowed: SQLite has each of its values within the
  /// limit, but not all together.
  private static func values(_ row: OpaquePointer, _ count: Int32, _ limits: QueryLimits) throws
    -> [QueryResult.Value]
  {
    let most = limits.valueBytes.map { $0 * 8 } ?? TraceBounds.rowBytes
    var size = 0
    return try (0..<count).map { column in
      let type = sqlite3_column_type(row, column)
      if type == SQLITE_TEXT || type == SQLITE_BLOB {
        size += Int(sqlite3_column_bytes(row, column))
        guard size <= most else {
          for other in column + 1..<count { size += Int(sqlite3_column_bytes(row, other)) }
          throw QueryError("found a row of \(size) bytes, expected at most \(most)")
        }
      }
      return value(row, column, type)
    }
  }

  private static func prepare(
    _ sql: String, _ connection: OpaquePointer, _ watcher: QueryGuard,
    _ statement: inout OpaquePointer?
  ) throws -> String {
    guard !sql.utf8.contains(0) else {
      throw QueryError("a NUL in the query; expected SQL")
    }
    return try sql.withCString { start in
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v2(connection, start, -1, &statement, &tail)
      if code == SQLITE_INTERRUPT { throw QueryError(watcher.interruption) }
      guard code == SQLITE_OK else { throw problem(connection, watcher, in: sql) }
      return tail.map { String(cString: $0) } ?? ""
    }
  }

  /// What the connection has against a query that is about to be run, or is running.
  private static func problem(
    _ connection: OpaquePointer, _ watcher: QueryGuard, in sql: String? = nil
  ) -> QueryError {
    let message = message(connection)
    let code = sqlite3_errcode(connection)
    if code == SQLITE_AUTH || code == SQLITE_READONLY || watcher.refusal != nil {
      let refusal = watcher.refusal ?? "a change of the file"
      return QueryError("\(refusal) is refused: a trace can only be read, by SELECT")
    }
    if let problem = TemporarySpace.problem(sqlite3_extended_errcode(connection)) {
      return QueryError(problem)
    }
    if code == SQLITE_NOMEM {
      let limit = sqlite3_hard_heap_limit64(-1) >> 20
      return QueryError("the query takes more memory than there is for it, \(limit) MiB")
    }
    guard let sql else { return QueryError(printable(message)) }
    let offset = Int(sqlite3_error_offset(connection))
    // The names that there are may be read whatever the query was not allowed.
    sqlite3_set_authorizer(connection, nil, nil)
    return QueryError(message, in: sql, at: offset, connection)
  }

  private static func value(_ statement: OpaquePointer, _ index: Int32, _ type: Int32)
    -> QueryResult.Value
  {
    switch type {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, index))
    case SQLITE_TEXT:
      // A text may hold NULs, so that its length counts, not its end. What a query calls a text
      // although it is no UTF-8 is given as the bytes that it is.
      let pointer = sqlite3_column_text(statement, index)
      let length = Int(sqlite3_column_bytes(statement, index))
      let bytes = UnsafeBufferPointer(start: pointer, count: length)
      return String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .blob(Array(bytes))
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
}
