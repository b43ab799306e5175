// Whether the pages of a file agree with each other. A damaged or doctored tree may give other rows to
// whoever looks one up than to whoever goes through all of them, as a replay does; SQLite can tell,
// but has to read the whole file for it. That is done on a thread of its own, while the same file is
// replayed or verified.

import Dispatch
import Foundation
import GRDB
import GRDBSQLite

/// A check of a session's file, under way.
public final class IntegrityCheck: Sendable {
  private let result: Result

  /// Written by the thread before it signals, read after that.
  private final class Result: @unchecked Sendable {
    let isDone = DispatchSemaphore(value: 0)
    var problem: String?
  }

  /// Begins; a recording that still goes on is not looked at, for it would have to wait.
  public init(_ reader: TraceReader) {
    let result = Result()
    self.result = result
    guard reader.condition != .recording else {
      result.isDone.signal()
      return
    }
    Thread.detachNewThread {
      result.problem = IntegrityCheck.problem(reader)
      result.isDone.signal()
    }
  }

  /// Waits for the end.
  ///
  /// - Throws: `TraceError` if the pages do not agree.
  public func finish(_ reader: TraceReader) throws(TraceError) {
    result.isDone.wait()
    result.isDone.signal()
    guard let problem = result.problem else { return }
    throw TraceError(
      .damaged, reader.path,
      "damaged: SQL can show other rows than there are: found \"\(printable(problem))\", expected "
        + "pages that agree with each other")
  }

  private static func problem(_ reader: TraceReader) -> String? {
    var connection: OpaquePointer?
    defer { sqlite3_close(connection) }
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(reader.databaseName, &connection, flags, nil) == SQLITE_OK else {
      return message(connection)
    }
    sqlite3_busy_timeout(connection, 5000)
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard
      sqlite3_prepare_v2(connection, "PRAGMA quick_check(1)", -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
    else { return message(connection) }
    let line = String(cString: text)
    return line == "ok" ? nil : line
  }

  private static func message(_ connection: OpaquePointer?) -> String {
    connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
  }
}
