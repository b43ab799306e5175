// Whether the pages of a file agree with each other. A damaged or doctored tree may give other rows to
// whoever looks one up than to whoever goes through all of them, as a replay does. SQLite can tell of
// the small tables; the events, whose values the reader checks one by one, have `EventTree`. That is
// done on a thread of its own, while the same file is replayed or verified.

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
    guard let file = SessionPages(connection) else {
      return firstLine(connection, "PRAGMA quick_check(1)")
    }
    // A transaction reads one state; the pages are read within it.
    guard sqlite3_exec(connection, "BEGIN", nil, nil, nil) == SQLITE_OK else {
      return message(connection)
    }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard
      sqlite3_prepare_v2(
        connection, "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'", -1,
        &statement, nil) == SQLITE_OK
    else { return message(connection) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return nil }
      guard code == SQLITE_ROW, let text = sqlite3_column_text(statement, 0) else {
        return message(connection)
      }
      let table = String(cString: text)
      let root = Int(sqlite3_column_int64(statement, 1))
      let problem =
        table == "event"
        ? file.problem(ofTreeFrom: root)
        : firstLine(
          connection, "PRAGMA quick_check(\"\(table.replacing("\"", with: "\"\""))\")")
      if let problem { return problem }
    }
  }

  /// What a check has to say; nil if that is `ok`.
  private static func firstLine(_ connection: OpaquePointer?, _ check: String) -> String? {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard
      sqlite3_prepare_v2(connection, check, -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
    else { return message(connection) }
    let line = String(cString: text)
    return line == "ok" ? nil : line
  }

  private static func message(_ connection: OpaquePointer?) -> String {
    connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "out of memory"
  }
}

/// The pages of a file that has no log, read through SQLite: a descriptor of our own would let go of
/// all locks on it when it is closed.
private struct SessionPages {
  private let file: UnsafeMutablePointer<sqlite3_file>
  private let methods: sqlite3_io_methods
  private let header: [UInt8]

  /// Nil where some pages may be in a log, or nothing can be read.
  init?(_ connection: OpaquePointer?) {
    var opened: UnsafeMutablePointer<sqlite3_file>?
    guard
      sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &opened) == SQLITE_OK,
      let file = opened, let methods = file.pointee.pMethods?.pointee
    else { return nil }
    var header = [UInt8](repeating: 0, count: 100)
    // Its formats for writing and reading: 2 is that with a log.
    guard methods.xRead(file, &header, 100, 0) == SQLITE_OK, header[18] == 1, header[19] == 1
    else { return nil }
    self.file = file
    self.methods = methods
    self.header = header
  }

  func problem(ofTreeFrom root: Int) -> String? {
    var size: sqlite3_int64 = 0
    guard methods.xFileSize(file, &size) == SQLITE_OK else { return "a file of unknown size" }
    do throws(EventTree.Disagreement) {
      var tree = try EventTree(header: header, size: Int(size)) { offset, bytes in
        methods.xRead(file, &bytes, Int32(bytes.count), Int64(offset)) == SQLITE_OK
      }
      try tree.check(from: root)
      return nil
    } catch {
      return error.description
    }
  }
}
