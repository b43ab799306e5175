// What an SQLite file holds besides rows: a trace has its tables, each as its recorder defines it,
// and views. An index that somebody adds may hold other rows than its table, and SQL that uses it
// then tells of another session than the one that a replay compares with; so whatever is not the
// recorder's is named.

import GRDB

/// A table, view, index or trigger.
public struct SchemaObject: Equatable, Sendable {
  public var type: String
  public var name: String
  /// What an index or a trigger belongs to.
  public var table: String
  var sql: String

  /// All that there are.
  ///
  /// - Throws: `DatabaseError` if they cannot be read.
  static func all(_ db: Database) throws -> [SchemaObject] {
    var objects: [SchemaObject] = []
    let rows = try Row.fetchCursor(
      db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid")
    while let row = try rows.next() {
      objects.append(
        SchemaObject(
          type: try row.checked("type"), name: try row.checked("name"),
          table: try row.checked("tbl_name"), sql: try row.optional("sql") ?? ""))
    }
    return objects
  }

  /// Those that no recorder made.
  ///
  /// - Parameter viewsAreSealed: whether the views are those that the recorder put in, whichever they
  ///   are.
  static func strangers(among all: [SchemaObject], viewsAreSealed: Bool) -> [SchemaObject] {
    let tables = TraceSchema.tableDefinitions.map(\.name)
    let views = TraceSchema.views.compactMap(viewName)
    return all.filter { object in
      switch object.type {
      case "table": !tables.contains(object.name)
      case "view": !viewsAreSealed && !views.contains(object.name)
      default: true
      }
    }
  }

  /// Views that this version would not have made: another recorder's, or of somebody who sealed what was
  /// altered.
  static func foreignViews(among all: [SchemaObject]) -> [SchemaObject] {
    all.filter { $0.type == "view" && !TraceSchema.views.contains($0.sql) }
  }

  /// Whether all views of ours that are there are defined as here.
  static func viewsAreOurs(_ all: [SchemaObject]) -> Bool {
    let definitions = TraceSchema.views
    return all.allSatisfy { object in
      guard object.type == "view" else { return true }
      let ours = definitions.first { viewName($0) == object.name }
      return ours.map { $0 == object.sql } ?? true
    }
  }

  /// The name in a view's definition.
  private static func viewName(_ sql: String) -> String? {
    let words = sql.split(separator: " ", maxSplits: 3)
    return words.count > 2 ? String(words[2]) : nil
  }

  /// A clause for messages: the first of them by name.
  static func list(_ objects: [SchemaObject]) -> String {
    let shown = objects.prefix(3).map { object in
      let place =
        object.table == object.name || object.type == "view"
        ? "" : " on \(printable(object.table))"
      let isVirtual = object.sql.lowercased().hasPrefix("create virtual")
      return "\(isVirtual ? "virtual table" : object.type) \(printable(object.name))\(place)"
    }
    let more = objects.count - shown.count
    return "found " + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
