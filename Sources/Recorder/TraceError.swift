// What can be wrong with a trace, as errors that say what, where, what was found and what was
// expected. Alterations of single rows are values of their own (`Alteration`): a replay tells them
// as a divergence, everything else as an error.

import Foundation
import GRDB

/// Why a trace cannot be written or read.
public struct TraceError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Reason: Equatable, Sendable {
    /// No file can be made or opened there.
    case cannotOpen
    /// There is one already, and overwriting it was not asked for.
    case exists
    /// A file, but not a trace.
    case notATrace
    /// Made by a newer drydock, or by one whose format is no longer read.
    case version
    /// A table, row or value is missing, or is not what it must be.
    case damaged
    /// Rows of the event table are missing.
    case missingEvents
    /// The disk is full, or the file may not grow.
    case full
    /// The file of this name is another one by now.
    case replaced
    /// The disk failed in another way.
    case storage
  }

  public var reason: Reason
  /// The whole sentence, with the file's path at the front.
  public var description: String

  public init(_ reason: Reason, _ path: String, _ finding: String) {
    self.reason = reason
    description = "\(path): \(finding)"
  }
}

extension TraceError {
  static func altered(_ alteration: Alteration, in path: String) -> TraceError {
    TraceError(.damaged, path, alteration.description)
  }

  /// What SQLite says, on one line that ends: it quotes the file's words, a whole view if it comes to that.
  private static func shown(_ message: String) -> String {
    let most = 300
    let scalars = message.unicodeScalars
    return printable(String(scalars.prefix(most))) + (scalars.count > most ? " …" : "")
  }

  /// Says what SQLite found, in the trace's terms.
  static func from(_ error: any Error, at path: String, while activity: String) -> TraceError {
    if let error = error as? TraceError { return error }
    if error is RowDecodingError {
      return TraceError(.damaged, path, "damaged: \(activity): a value is of the wrong type")
    }
    guard let error = error as? DatabaseError else {
      return TraceError(.storage, path, "\(activity): \(error)")
    }
    let message = shown(error.message ?? "\(error.resultCode)")
    switch error.resultCode {
    case .SQLITE_NOTADB:
      return TraceError(.notATrace, path, "not a trace: expected an SQLite database")
    case .SQLITE_CORRUPT:
      return TraceError(.damaged, path, "damaged: \(activity): \(message)")
    case .SQLITE_FULL:
      return TraceError(.full, path, "the disk is full")
    case .SQLITE_IOERR:
      if growing.contains(error.extendedResultCode), let limit = fileSizeLimit {
        return TraceError(.full, path, "may not grow beyond \(limit) bytes (ulimit -f)")
      }
      return TraceError(.storage, path, "\(activity): the disk refused: \(message)")
    case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK:
      return TraceError(
        .cannotOpen, path,
        "\(activity): \(path)-journal says that a program that changed the file was stopped in the "
          + "middle; opening it with that program once more undoes what it had begun")
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_READONLY:
      return TraceError(.cannotOpen, path, "\(activity): \(message)")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return TraceError(.storage, path, "\(activity): another process holds the file")
    default:
      return TraceError(.damaged, path, "damaged: \(activity): \(message)")
    }
  }
}

extension TraceError {
  /// What SQLite could not do when a file that it writes may not grow.
  private static let growing: [ResultCode] = [
    .SQLITE_IOERR_WRITE, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMOPEN,
  ]

  /// How large files may become, in bytes; nil if nobody has limited that.
  private static var fileSizeLimit: UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur < Int64.max ? UInt64(limit.rlim_cur) : nil
  }
}

/// A row that is not as it was recorded.
public struct Alteration: Equatable, Sendable, CustomStringConvertible {
  public var table: String
  /// The first row that does not fit those before it; nil for the table as a whole.
  public var row: String?
  public var found: String
  public var expected: String

  public init(table: String, row: String? = nil, found: String, expected: String) {
    self.table = table
    self.row = row
    self.found = found
    self.expected = expected
  }

  /// The SQL that shows the place.
  public var query: String {
    if table == "views" { return "SELECT name, sql FROM sqlite_master WHERE type = 'view'" }
    guard let row, row.allSatisfy(\.isNumber) else { return "SELECT * FROM \(table)" }
    return "SELECT * FROM \(table) WHERE \(table == "name" ? "id" : "ordinal") = \(row)"
  }

  public var description: String {
    "\(row.map { "\(table) \($0)" } ?? "table \(table)") was altered: found \(found), "
      + "expected \(expected)"
  }
}
