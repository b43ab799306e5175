// What watches over a query while it runs: that it only reads, that it ends in time, and that
// a user can cancel it.

import Dispatch
import GRDBSQLite
import Synchronization

/// How much a query may take.
public struct QueryLimits: Sendable {
  /// By the clock; what takes longer is stopped.
  public var seconds: Double?
  /// What comes after these is left out.
  public var rows: Int?
  /// Of a single value, and eight times as many of all together.
  public var valueBytes: Int?
  /// Of all that SQLite has in this process, for good; nil for what every process may have.
  public var heapBytes: Int64?
  /// Of temporary files.
  public var temporaryBytes: Int64?

  /// As much as it wants.
  public static let none = QueryLimits()

  public init(
    seconds: Double? = nil, rows: Int? = nil, valueBytes: Int? = nil, heapBytes: Int64? = nil
  ) {
    self.seconds = seconds
    self.rows = rows
    self.valueBytes = valueBytes
    self.heapBytes = heapBytes
  }

  var totalBytes: Int { valueBytes.map { $0 * 8 } ?? .max }
}

/// Stops a query from another thread.
public final class QueryStop: Sendable {
  private let stopped = Atomic(false)

  public init() {}

  public func stop() { stopped.store(true, ordering: .relaxed) }
  public var isStopped: Bool { stopped.load(ordering: .relaxed) }
}

/// Watches over one query on one connection, from the connection's own thread.
final class QueryGuard {
  /// How many of SQLite's instructions pass between two looks at the clock: few, for one of them
  /// may go through a megabyte.
  private static let interval: Int32 = 500
  /// How long a pattern of LIKE or GLOB may be where values are limited, in bytes: one instruction
  /// compares it with every place of a value.
  private static let patternLimit: Int32 = 1000

  private let limits: QueryLimits
  private let stop: QueryStop
  private let started = DispatchTime.now()
  private var isLate = false
  /// When temporary files are looked at next, in nanoseconds from the start.
  private var nextLook: UInt64 = QueryGuard.lookEvery
  private static let lookEvery: UInt64 = 250_000_000
  private var isOverflowing = false
  /// What the query would have done besides reading.
  private(set) var refusal: String?

  init(_ limits: QueryLimits, _ stop: QueryStop) {
    self.limits = limits
    self.stop = stop
  }

  /// Begins to watch; the guard has to outlive the connection.
  func watch(_ connection: OpaquePointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    QueryGuard.makeTableFunctions(connection)
    // A mistyped name in double quotes would be a text.
    _disableDoubleQuotedStringLiterals(connection)
    sqlite3_set_authorizer(
      connection,
      { context, action, first, second, _, _ in
        guard let context else { return SQLITE_DENY }
        return Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
          .authorize(action, first, second)
      }, context)
    sqlite3_progress_handler(
      connection, QueryGuard.interval,
      { context in
        guard let context else { return 1 }
        let watcher = Unmanaged<QueryGuard>.fromOpaque(context).takeUnretainedValue()
        return watcher.mayGoOn() ? 0 : 1
      }, context)
    if let bytes = limits.heapBytes { sqlite3_hard_heap_limit64(bytes) }
    if let bytes = limits.valueBytes {
      // No limit on time helps against one instruction that builds a gigabyte.
      sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Int32(clamping: bytes))
      sqlite3_limit(connection, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, QueryGuard.patternLimit)
    }
  }

  /// Pragmas that describe the schema.
  private static let describing = [
    "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
    "foreign_key_list", "database_list", "function_list", "module_list", "collation_list",
    "pragma_list", "compile_options",
  ]

  /// SQLite declares a table for each function that gives rows when that is first used, which to an
  /// authorizer looks like a change of the schema.
  private static func makeTableFunctions(_ connection: OpaquePointer) {
    for function in describing.map({ "pragma_\($0)" }) + ["json_each", "json_tree", "dbstat"] {
      var statement: OpaquePointer?
      sqlite3_prepare_v2(connection, "SELECT 1 FROM \(function)", -1, &statement, nil)
      sqlite3_finalize(statement)
    }
  }

  private func mayGoOn() -> Bool {
    if stop.isStopped { return false }
    let elapsed = DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds
    if let bytes = limits.temporaryBytes, elapsed >= nextLook {
      nextLook = elapsed + QueryGuard.lookEvery
      isOverflowing = TemporarySpace.used > bytes
      if isOverflowing { return false }
    }
    guard let seconds = limits.seconds else { return true }
    isLate = Double(elapsed) / 1e9 > seconds
    return !isLate
  }

  /// Why the query was interrupted.
  var interruption: String {
    if isOverflowing, let bytes = limits.temporaryBytes {
      return
        "the query needs more than \(bytes >> 20) MiB of temporary files, expected at most that; "
        + "a narrower WHERE, or no ORDER BY over what was joined, takes less"
    }
    guard isLate, let seconds = limits.seconds else { return "stopped" }
    return "stopped after \(Int(seconds)) seconds; drydock query has no limit"
  }

  private func authorize(
    _ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?
  ) -> Int32 {
    let first = first.map { String(cString: $0) } ?? ""
    let second = second.map { String(cString: $0) } ?? ""
    switch action {
    case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
    case SQLITE_FUNCTION:
      if second.lowercased() != "load_extension" { return SQLITE_OK }
      refuse("load_extension")
    case SQLITE_PRAGMA:
      // Those that describe the schema, and only without an argument that could set something.
      if QueryGuard.describing.contains(first.lowercased()) { return SQLITE_OK }
      refuse("PRAGMA \(first)")
    case SQLITE_INSERT: refuse("INSERT INTO \(first)")
    case SQLITE_UPDATE: refuse("UPDATE of \(first)")
    case SQLITE_DELETE: refuse("DELETE FROM \(first)")
    case SQLITE_TRANSACTION: refuse("a transaction")
    case SQLITE_ATTACH: refuse("ATTACH")
    default: refuse("a change of the schema")
    }
    return SQLITE_DENY
  }

  private func refuse(_ what: String) {
    // What comes after the first is how SQLite would go about it.
    if refusal == nil { refusal = printable(what) }
  }
}
