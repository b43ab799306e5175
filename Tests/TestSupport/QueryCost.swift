// What a query costs, in SQLite's own steps: the same on every machine, however busy that is.

import GRDBSQLite

public enum QueryCost {
  /// How many of its instructions SQLite takes to give all rows.
  public static func steps(_ sql: String, on path: String) -> Int {
    var connection: OpaquePointer?
    defer { sqlite3_close(connection) }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK,
      sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK
    else { preconditionFailure("\(path): \(sql)") }
    while sqlite3_step(statement) == SQLITE_ROW {}
    return Int(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0))
  }
}
