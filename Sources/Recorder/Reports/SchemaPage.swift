// The schema as a page for people. It is made from a trace's own `sqlite_master`, so that it cannot
// leave out a column, and from `SchemaWords.swift`.

import Sim

/// Writes `docs/schema.md`.
public enum SchemaPage {
  /// A table or view, as shown to authors of queries.
  public struct Relation: Sendable {
    public var chapter: String
    public var name: String
    /// What it holds, in plain text.
    public var sentence: String
    /// Names and what they hold, in plain text.
    public var columns: [(name: String, sentence: String)]
  }

  /// Every table and view, in the order of the page.
  ///
  /// - Throws: `QueryError` if the trace cannot be read.
  public static func relations(of reader: TraceReader) throws -> [Relation] {
    func plain(_ text: String) -> String { text.filter { $0 != "`" } }
    return try TraceSchema.chapters.flatMap { chapter in
      try chapter.relations.map { relation in
        Relation(
          chapter: chapter.title, name: relation.name, sentence: plain(relation.sentence),
          columns: try columns(of: relation.name, in: reader).map { column in
            (column, plain(relation.words(for: column) ?? ""))
          })
      }
    }
  }

  /// The page, as Markdown.
  ///
  /// - Parameter path: any trace of the present format.
  /// - Throws: `TraceError` or `QueryError` if it cannot be read.
  public static func markdown(of path: String) throws -> String {
    let reader = try TraceReader(path: path)
    var page = """
      # The schema of a trace

      A trace is an SQLite database; `sqlite3`, Datasette and `drydock query` open it as it is. This page \
      is made by `drydock docs schema` from the schema itself.

      Times and durations are instructions of virtual time, from 0 to the session's last event. What still \
      goes on at the end lasts until then, or has a duration of -1 where the names are Perfetto's. Texts from \
      guests have everything that does not print as an escape, with a backslash doubled, and are UTF-8; bytes as \
      they were are BLOBs. There is no index on time; to look at a window of a long session, get from the time to the numbers of its events first:

      ```sql
      SELECT * FROM sched WHERE id BETWEEN
        coalesce((SELECT max(seq) FROM mark WHERE time <= 5000000), 0) AND
        coalesce((SELECT min(seq) FROM mark WHERE time > 5100000), 9e18)
        AND ts BETWEEN 5000000 AND 5100000
      ```

      """
    for chapter in TraceSchema.chapters {
      page += "\n## \(chapter.title)\n"
      for relation in chapter.relations {
        page +=
          "\n### \(relation.name)\n\n\(relation.sentence)\n\n| column | what it holds |\n|---|---|\n"
        for column in try columns(of: relation.name, in: reader) {
          page += "| `\(column)` | \(relation.words(for: column) ?? "?") |\n"
        }
      }
    }
    return page + kinds
  }

  /// What the page does not say: tables, views and columns without a sentence, and sentences about
  /// none.
  ///
  /// - Throws: as `markdown`.
  public static func gaps(in path: String) throws -> [String] {
    let reader = try TraceReader(path: path)
    var gaps: [String] = []
    var known = Set<String>()
    for relation in TraceSchema.chapters.flatMap(\.relations) {
      known.insert(relation.name)
      let columns = try columns(of: relation.name, in: reader)
      if columns.isEmpty { gaps.append("there is no \(relation.name)") }
      for column in columns where relation.words(for: column) == nil {
        gaps.append("nothing is said of \(relation.name).\(column)")
      }
      for column in relation.columns.keys.sorted() where !columns.contains(column) {
        gaps.append("there is no \(relation.name).\(column)")
      }
    }
    let relations = try TraceQuery.run("SELECT name FROM sqlite_master ORDER BY 1", on: reader)
    for case .text(let name)? in relations.rows.map(\.first)
    where !known.contains(name) && !name.hasPrefix("violation") {
      gaps.append("nothing is said of \(name)")
    }
    return gaps
  }

  private static func columns(of relation: String, in reader: TraceReader) throws -> [String] {
    try TraceQuery.run("PRAGMA table_info(\(relation))", on: reader).rows.compactMap { row in
      guard case .text(let name)? = row.dropFirst().first else { return nil }
      return name
    }
  }

  /// The table of kinds, which says what each kind's columns are.
  private static var kinds: String {
    var text = """

      ## Kinds of events

      | kind | name | family | `\(TraceSchema.kindColumns[0])`, `\(TraceSchema.kindColumns[1])`, … |
      |---|---|---|---|

      """
    for kind in Event.Kind.allCases {
      let columns = kind.columnNames.joined(separator: ", ")
      text += "| \(kind.rawValue) | \(kind.name) | \(kind.family.rawValue) | \(columns) |\n"
    }
    return text
  }
}
