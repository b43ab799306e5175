// How much any file, and any query on it, may make SQLite do. A file can say what it likes of itself:
// that a value has a gigabyte, that a table has rows without end. These bounds are far beyond what a
// recorder writes, and within what a machine has.

import GRDBSQLite

enum TraceBounds {
  /// Of one value: more than the largest file of a guest has.
  static let valueBytes: Int32 = 1 << 27
  /// Of a row that a query gives.
  static let rowBytes = 1 << 28
  /// Of all values of the tables that a reader holds in memory: a full disk of a guest has as much.
  static let contentBytes = 1 << 30
  /// Of each of those tables.
  static let rows: Int64 = 4_000_000
  /// How many of SQLite's instructions reading the schema takes at the most: some ten a row.
  static let schemaSteps = 30_000
  /// How much memory SQLite may have in this process.
  static let heapBytes: Int64 = 1 << 30

  private static let heapLimit: Int64 = sqlite3_hard_heap_limit64(heapBytes)

  /// Makes the bounds hold for a connection.
  static func apply(to connection: OpaquePointer) {
    _ = heapLimit
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, valueBytes)
    // What a view of the file calls can only compute.
    sqlite3_exec(connection, "PRAGMA trusted_schema = OFF", nil, nil, nil)
  }
}
