// A first look at a file, before anything believes it. In a damaged database an inner page of a table's
// tree may lead to the same page again and again: reading such a table has no end, or none that
// anybody lives to see. The keys that come out of it do not ascend, though, which is how it is
// noticed. Here the small tables are read once in the order of their keys, and their sizes added up;
// the events, of which there are millions, have `EventOrder`.

import GRDBSQLite

/// Reads the small tables of a trace by their keys.
struct KeyScan {
  private let path: String
  private let connection: OpaquePointer
  private var bytes = 0

  /// Tables that are read as they are wanted, row by row; the others are held in memory.
  private static let streamed = ["event", "choice", "mark", "program_run"]

  /// - Parameter name: the name that SQLite opens.
  /// - Throws: `TraceError` if a table's rows do not end, or are more than a trace has. Whatever else
  ///   is wrong with the file is left to those who read it.
  static func check(_ path: String, opening name: String) throws(TraceError) {
    var connection: OpaquePointer?
    defer { sqlite3_close(connection) }
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(name, &connection, flags, nil) == SQLITE_OK, let connection else {
      return
    }
    sqlite3_busy_timeout(connection, 5000)
    var scan = KeyScan(path: path, connection: connection)
    try scan.checkSchema()
    let found = scan.tables()
    for table in TraceSchema.tableDefinitions where table.name != "event" {
      // A table with another definition is reported, and not read.
      guard found[table.name] == table.sql else { continue }
      try scan.check(table.name, key: table.key)
    }
  }

  private init(path: String, connection: OpaquePointer) {
    self.path = path
    self.connection = connection
  }

  /// SQLite reads the schema before it looks at anything else, and as far as it goes.
  private func checkSchema() throws(TraceError) {
    final class Steps { var left = TraceBounds.schemaSteps }
    let steps = Steps()
    let interval: Int32 = 1000
    sqlite3_progress_handler(
      connection, interval,
      { context in
        guard let context else { return 1 }
        let steps = Unmanaged<Steps>.fromOpaque(context).takeUnretainedValue()
        steps.left -= 1000
        return steps.left > 0 ? 0 : 1
      }, Unmanaged.passUnretained(steps).toOpaque())
    TraceBounds.apply(to: connection)
    let code = sqlite3_exec(connection, "SELECT count(*) FROM sqlite_schema", nil, nil, nil)
    sqlite3_progress_handler(connection, 0, nil, nil)
    guard code == SQLITE_INTERRUPT || withExtendedLifetime(steps, { steps.left <= 0 }) else {
      return
    }
    throw TraceError(
      .damaged, path,
      "damaged: the schema: found no end of it, expected the tables and views of a trace")
  }

  /// The tables that there are, with their definitions.
  private func tables() -> [String: String] {
    var found: [String: String] = [:]
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { return [:] }
    while sqlite3_step(statement) == SQLITE_ROW {
      guard let name = sqlite3_column_text(statement, 0),
        let sql = sqlite3_column_text(statement, 1)
      else { continue }
      found[String(cString: name)] = String(cString: sql)
    }
    return found
  }

  private mutating func check(_ table: String, key: String) throws(TraceError) {
    let isHeld = !KeyScan.streamed.contains(table)
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    // An index could have other rows than the table.
    let sql = "SELECT \(isHeld ? "*" : key) FROM \(table) NOT INDEXED ORDER BY \(key)"
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement
    else { return }
    let columns = sqlite3_column_count(statement)
    var order = KeyOrder()
    var rows: Int64 = 0
    while sqlite3_step(statement) == SQLITE_ROW {
      guard order.ascends(statement) else {
        throw TraceError.endless(table, order.description(of: statement), in: path)
      }
      guard isHeld else { continue }
      rows += 1
      for column in 0..<columns {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_TEXT, SQLITE_BLOB: bytes += Int(sqlite3_column_bytes(statement, column))
        default: break
        }
      }
      guard rows <= TraceBounds.rows, bytes <= TraceBounds.contentBytes else {
        throw TraceError(
          .damaged, path,
          "damaged: \(table): found \(rows) rows, and \(bytes) bytes up to there, expected at most "
            + "\(TraceBounds.rows) rows and \(TraceBounds.contentBytes) bytes")
      }
    }
  }
}

/// Whether each key is above the one before.
struct KeyOrder {
  private var number: Int64?
  private var text: [UInt8]?

  /// Takes the next row, whose first column is its key.
  mutating func ascends(_ row: OpaquePointer) -> Bool {
    switch sqlite3_column_type(row, 0) {
    case SQLITE_INTEGER:
      let key = sqlite3_column_int64(row, 0)
      guard number.map({ $0 < key }) ?? true else { return false }
      number = key
    case SQLITE_TEXT:
      let start = sqlite3_column_text(row, 0)
      let key = Array(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, 0))))
      guard text.map({ $0.lexicographicallyPrecedes(key) }) ?? true else { return false }
      text = key
    default: return false
    }
    return true
  }

  /// Which row it was that did not ascend.
  func description(of row: OpaquePointer) -> String {
    guard sqlite3_column_type(row, 0) == SQLITE_INTEGER else {
      return "a key behind \(printable(text ?? []))"
    }
    return "row \(sqlite3_column_int64(row, 0)) behind row \(number.map { "\($0)" } ?? "none")"
  }
}

extension TraceError {
  /// What is to be said of a table whose rows may have no end.
  static func endless(_ table: String, _ found: String, in path: String) -> TraceError {
    TraceError(
      .damaged, path,
      "damaged: \(table): found \(found), expected rows in ascending order; pages of the file may "
        + "lead in circles")
  }
}
