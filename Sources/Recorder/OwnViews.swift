// The views that the tool's queries use are the tool's own. A file's views are the file's: somebody may
// have changed them, and one of an earlier version may lack a column. Where they are not those of this
// version to the letter, all of this version's are made once more, as temporary views of the
// connection, which come first where a name is looked up.

import GRDBSQLite

enum OwnViews {
  private static let definitions: [(name: String, sql: String)] = TraceSchema.views.compactMap {
    sql in
    let words = sql.split(separator: " ", maxSplits: 3)
    return words.count > 3 ? (String(words[2]), sql) : nil
  }

  /// Makes names of views mean the tool's own views on a connection.
  static func prefer(on connection: OpaquePointer) {
    guard !areThere(connection) else { return }
    sqlite3_exec(connection, "BEGIN", nil, nil, nil)
    for view in definitions {
      let temporary = "CREATE TEMP VIEW" + view.sql.dropFirst("CREATE VIEW".count)
      sqlite3_exec(connection, temporary, nil, nil, nil)
    }
    sqlite3_exec(connection, "COMMIT", nil, nil, nil)
  }

  /// Whether the file has them all as they are here. One that is another one is enough for none to be
  /// used, for the others may read from it.
  private static func areThere(_ connection: OpaquePointer) -> Bool {
    var found: [String: String] = [:]
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'view'"
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
      return false
    }
    while sqlite3_step(statement) == SQLITE_ROW {
      guard let name = sqlite3_column_text(statement, 0),
        let sql = sqlite3_column_text(statement, 1)
      else { continue }
      found[String(cString: name)] = String(cString: sql)
    }
    return definitions.allSatisfy { found[$0.name] == $0.sql }
  }
}
