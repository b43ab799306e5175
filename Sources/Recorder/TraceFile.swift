// A session's file and its log, looked at before and while they are read. A cut or growing recording
// is in two files, and SQLite takes whatever log lies beside a file for its own. So every commit
// says which recording it is of, which commit, and up to which one the file itself has everything:
// what the file says alone and what it says with its log have to go together.

import Foundation
import GRDB
import GRDBSQLite

/// What is known of a file before it is read.
struct TraceFile {
  let path: String
  let log: String
  /// In bytes; nil if there is no log.
  let logSize: Int64?
  let identity: FileIdentity
  /// How it is to be opened.
  let access: FileAccess
  /// Whether the file says of itself that there is a log.
  let isInWAL: Bool

  /// - Throws: `TraceError` if there is no file that can be read.
  init(_ path: String) throws(TraceError) {
    self.path = path
    guard !path.isEmpty else {
      throw TraceError(.cannotOpen, "\"\"", "found an empty name, expected a file's")
    }
    guard let information = path.fileStatus() else {
      throw TraceError(.cannotOpen, path, String(cString: strerror(errno)))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw TraceError(.notATrace, path, "not a trace: expected a file")
    }
    guard path.withFileName({ Foundation.access($0, R_OK) }) == 0 else {
      throw TraceError(.cannotOpen, path, String(cString: strerror(errno)))
    }
    identity = FileIdentity(information)
    let beside = RecorderLock.file(of: path)
    log = FileIdentity(of: beside) == FileIdentity(of: path + "-wal") ? path + "-wal" : beside
    logSize = beside.fileStatus().map { Int64($0.st_size) }
    let header = FileAlone(path)?.header ?? []
    isInWAL = header.count > 19 && header[19] == 2
    let isLogMissing = logSize ?? 0 == 0 && !RecorderLock.isHeld(of: path)
    access = isInWAL && isLogMissing ? .withoutLog : .shared
  }

  var hasLog: Bool { logSize ?? 0 > 0 }

  /// Holds what was read of file and log together against the file alone; for a transaction, for
  /// what others change meanwhile would make a difference.
  ///
  /// - Throws: `TraceError` if the log is another file's, or of another moment.
  func checkLog(_ db: Database) throws {
    guard hasLog, access != .withoutLog else { return }
    // A file without such a table is not a trace; the error says what it is.
    guard let both = try? CommitMark(db.sqliteConnection) else { return }
    // A recorder may be writing the very page.
    var tries = RecorderLock.isHeld(of: path) ? 5 : 1
    while let problem = problem(both) {
      tries -= 1
      guard tries > 0 else { throw TraceError(.damaged, path, problem) }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  private func problem(_ both: CommitMark) -> String? {
    if !both.isComplete, !isLog {
      return "damaged: \(log) beside it is no log of a database; expected the recording's own"
    }
    let alone = FileAlone(path).flatMap { try? CommitMark($0.connection) } ?? CommitMark()
    let another =
      "\(log) beside it is the log of another recording; expected its own, or none beside a "
      + "session that is complete"
    if alone.state == nil { return both.checkpointed == 0 ? nil : another }
    if alone.isComplete { return alone == both ? nil : another }
    guard alone.recording == both.recording else { return another }
    if alone.commit > both.commit {
      return "\(log) beside it is older than the file: found commit \(both.commit) in it, and "
        + "\(alone.commit) in the file; expected both as they were at one moment"
    }
    if alone.commit < both.checkpointed {
      return "\(log) beside it is newer than the file: found commit \(alone.commit) in the file, "
        + "and what comes after \(both.checkpointed) in the log; expected both as they were at one "
        + "moment"
    }
    return nil
  }

  /// Whether the log begins as one does.
  private var isLog: Bool {
    let descriptor = log.withFileName { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var start = [UInt8](repeating: 0, count: 4)
    return pread(descriptor, &start, 4, 0) == 4 && start.starts(with: [0x37, 0x7f, 0x06])
  }

  /// What is missing of a recording that was cut short and has no log, or a log that is damaged.
  func missingLog(isComplete: Bool) -> String? {
    if isComplete { return nil }
    // Of one that still grows the last frames may be half there.
    if hasLog, !RecorderLock.isHeld(of: path), let damage = LogDamage(log: log) {
      return
        "\(log) beside it is damaged at byte \(damage.place): of the log \(damage.frames) pages, "
        + "\(damage.bytes) bytes, could not be used, and what was recorded last may be missing"
    }
    guard access == .withoutLog else { return nil }
    return
      "the recording was cut short, and there is no log \(log) beside it; if there is one where "
      + "it comes from, what was recorded last is in that, and both have to be copied"
  }
}

/// A file without its log, opened for a moment.
private final class FileAlone {
  let connection: OpaquePointer

  init?(_ path: String) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(FileAccess.withoutLog.name(of: path), &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      sqlite3_close(opened)
      return nil
    }
    connection = opened
    // A schema that leads in circles would be read for ever, for its errors are passed over below.
    sqlite3_progress_handler(connection, Int32(TraceBounds.schemaSteps), { _ in 1 }, nil)
    // A file that could not grow while the log was copied into it has fewer pages than it says. What it
    // says of its commits is at its beginning, and is read all the same. Nothing is written here.
    sqlite3_exec(connection, "PRAGMA writable_schema = ON", nil, nil, nil)
  }

  deinit { sqlite3_close(connection) }

  /// The first bytes, read through SQLite: if this process closed the file by itself, it would let go
  /// of all locks that it has there.
  var header: [UInt8] {
    var file: UnsafeMutablePointer<sqlite3_file>?
    guard
      sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
      let file, let methods = file.pointee.pMethods
    else { return [] }
    var bytes = [UInt8](repeating: 0, count: 100)
    return methods.pointee.xRead(file, &bytes, 100, 0) == SQLITE_OK ? bytes : []
  }
}

/// What `meta` says of the commit that was the last.
struct CommitMark: Equatable {
  /// Drawn when the recording began; nil where an older recorder has not.
  var recording: String?
  /// Commits are counted from 1.
  var commit: Int64 = 0
  /// The file alone has everything up to this one.
  var checkpointed: Int64 = 0
  /// `recording` or `complete`.
  var state: String?
  var seal: Int64?

  var isComplete: Bool { state == "complete" }

  init() {}

  /// - Throws: `DatabaseError` if there is no such table, or it cannot be read.
  init(_ connection: OpaquePointer?) throws {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    var code = sqlite3_prepare_v2(
      connection, "SELECT key, value FROM meta ORDER BY key", -1, &statement, nil)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    while true {
      code = sqlite3_step(statement)
      guard code == SQLITE_ROW else { break }
      guard let key = sqlite3_column_text(statement, 0) else { continue }
      let number = sqlite3_column_int64(statement, 1)
      func text() -> String? { sqlite3_column_text(statement, 1).map { String(cString: $0) } }
      switch String(cString: key) {
      case "recording_id": recording = text()
      case "commits": commit = number
      case "commits_in_file": checkpointed = number
      case "state": state = text()
      case "seal.meta": seal = number
      default: break
      }
    }
    guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
