// The trace format: every table of the file, in one place. Change anything here and `version` goes
// up, and the sessions in `traces/` are recorded anew, in one commit. The views that make a trace
// readable are derived from the event vocabulary in `TraceSchema+Views.swift` and may change freely.

import Sim

/// What a trace file looks like inside.
public enum TraceSchema {
  /// The format's version, in `PRAGMA user_version` and in `meta`.
  public static let version: Int32 = 8
  /// "drdk": what marks an SQLite database as a trace.
  public static let applicationID: Int32 = 0x6472_646b
  /// A `mark` row is made for every so many events.
  public static let markInterval: Int64 = 4096

  /// Tables whose rows are sealed by checks of themselves and of all before them: each row holds its
  /// own, but for `event`, of which `mark` holds one in `markInterval`, and `meta`, which holds those of
  /// the tables as a whole.
  public enum Checked: String, CaseIterable, Sendable {
    case event, scenario, script, file, input, choice, name, meta

    /// What the chain of this table's checks starts from.
    var seed: UInt8 {
      switch self {
      case .event: 1
      case .scenario: 2
      case .script: 3
      case .file: 4
      case .input: 5
      case .choice: 6
      case .name: 7
      case .meta: 8
      }
    }
  }

  /// Tables that explain the others; each is sealed as a whole in `meta`.
  static let explaining = [
    "kind", "call", "refusal", "wait_reason", "fault_cause", "yield_reason", "end_reason",
    "process", "container", "program", "program_run", "symbol", "source_line",
  ]

  /// The columns of the event table in which each kind has columns of its own, in order.
  static let kindColumns = ["a0", "a1", "a2", "a3", "a4", "a5"]

  /// The columns of the event table, in order.
  static let eventColumns = ["seq", "time", "hart", "kind", "pid", "cid"] + kindColumns

  /// Every table. A number of 0 takes no room in a row, which is why unused columns are 0, not NULL.
  static let tables = """
    CREATE TABLE meta (
      key TEXT PRIMARY KEY,
      value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE scenario (
      ordinal INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      value ANY NOT NULL,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE script (
      ordinal INTEGER PRIMARY KEY,
      at_tick INTEGER,
      bytes BLOB NOT NULL,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE file (
      ordinal INTEGER PRIMARY KEY,
      path TEXT NOT NULL,
      kind TEXT NOT NULL,
      content BLOB,
      major INTEGER,
      minor INTEGER,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE input (
      ordinal INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      channel INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE choice (
      ordinal INTEGER PRIMARY KEY,
      point INTEGER NOT NULL,
      hart INTEGER NOT NULL,
      options INTEGER NOT NULL,
      chosen INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      candidate INTEGER NOT NULL,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE name (
      id INTEGER PRIMARY KEY,
      text TEXT NOT NULL,
      bytes BLOB,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE event (
      seq INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      hart INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      pid INTEGER NOT NULL,
      cid INTEGER NOT NULL,
      a0 INTEGER NOT NULL,
      a1 INTEGER NOT NULL,
      a2 INTEGER NOT NULL,
      a3 INTEGER NOT NULL,
      a4 INTEGER NOT NULL,
      a5 INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE mark (
      seq INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      seal INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE process (
      upid INTEGER PRIMARY KEY,
      pid INTEGER NOT NULL,
      container_pid INTEGER,
      name TEXT NOT NULL,
      start_ts INTEGER NOT NULL,
      end_ts INTEGER,
      parent_upid INTEGER,
      cid INTEGER NOT NULL,
      status INTEGER
    ) STRICT;
    CREATE TABLE container (
      cid INTEGER PRIMARY KEY,
      init INTEGER NOT NULL,
      root TEXT,
      allowed INTEGER,
      start_ts INTEGER NOT NULL,
      end_ts INTEGER,
      status INTEGER
    ) STRICT;
    CREATE TABLE program (
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL,
      image INTEGER NOT NULL,
      problem TEXT
    ) STRICT;
    CREATE TABLE program_run (
      place INTEGER PRIMARY KEY,
      pid INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      program INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE symbol (
      place INTEGER PRIMARY KEY,
      program INTEGER NOT NULL,
      address INTEGER NOT NULL,
      size INTEGER NOT NULL,
      name TEXT NOT NULL,
      kind TEXT NOT NULL
    ) STRICT;
    CREATE TABLE source_line (
      place INTEGER PRIMARY KEY,
      program INTEGER NOT NULL,
      address INTEGER NOT NULL,
      size INTEGER NOT NULL,
      file TEXT NOT NULL,
      line INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE kind (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      family TEXT NOT NULL,
      a0 TEXT,
      a1 TEXT,
      a2 TEXT,
      a3 TEXT,
      a4 TEXT,
      a5 TEXT
    ) STRICT;
    CREATE TABLE call (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE refusal (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE wait_reason (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE fault_cause (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE yield_reason (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE end_reason (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
    """

  /// Each table's name, its key, and the SQL that SQLite keeps of it.
  static let tableDefinitions: [(name: String, key: String, sql: String)] =
    tables.split(separator: ";").compactMap { statement in
      let sql = statement.drop(while: \.isWhitespace)
      let words = sql.split { " (\n".contains($0) }
      return words.count > 3 ? (String(words[2]), String(words[3]), String(sql)) : nil
    }

  /// SQL that gives the name of a table in which a text has a NUL. SQLite keeps such a text whole,
  /// and shows whoever asks for it only what stands before.
  static var nulInText: String {
    tableDefinitions.compactMap { table in
      let columns = table.sql.split(whereSeparator: { "(,\n".contains($0) }).compactMap { part in
        let words = part.split(separator: " ")
        return words.count > 1 && ["TEXT", "ANY"].contains(words[1]) ? String(words[0]) : nil
      }
      guard !columns.isEmpty else { return nil }
      let conditions = columns.map {
        "typeof(\($0)) = 'text' AND instr(CAST(\($0) AS BLOB), x'00')"
      }
      return "SELECT '\(table.name)' FROM \(table.name) WHERE "
        + conditions.joined(separator: " OR ")
    }.joined(separator: " UNION ALL ") + " LIMIT 1"
  }

  /// The rows of the tables that put words to the numbers in events.
  static var codes: [(table: String, rows: [(id: Int64, name: String)])] {
    [
      ("call", callNumbers.compactMap { id in callName(id).map { (id, $0) } }),
      ("refusal", Refusal.allCases.map { (Int64($0.rawValue), $0.name) }),
      ("wait_reason", numbered(WaitReason.names)),
      ("fault_cause", Fault.Cause.allCases.map { (Int64($0.rawValue), $0.name) }),
      ("yield_reason", YieldReason.allCases.map { (Int64($0.rawValue), $0.name) }),
      ("end_reason", numbered(EndReason.names)),
    ]
  }

  /// Numbers of calls that have a name: those that the machine has, and below 0 those that this
  /// session's scenario took away.
  private static let callNumbers: [Int64] =
    CallNumber.allCases.map { -Int64($0.rawValue) }.reversed()
    + CallNumber.allCases.map { Int64($0.rawValue) }

  /// The name of a call's number in events; nil if the page has no such call.
  public static func callName(_ number: Int64) -> String? {
    guard let call = Int32(exactly: number.magnitude).flatMap(CallNumber.init(rawValue:)) else {
      return nil
    }
    return number < 0 ? "call#\(call.rawValue)" : call.name
  }

  private static func numbered(_ names: [String]) -> [(id: Int64, name: String)] {
    names.enumerated().map { (Int64($0.offset + 1), $0.element) }
  }

  /// A column's name in the file and in messages, where the vocabulary's own would be an SQL
  /// keyword or one of the columns that every event has.
  static func columnName(_ name: String) -> String {
    switch name {
    case "from": "from_pid"
    case "to": "to_pid"
    case "limit": "allowed"
    case "cid": "container"
    default: name
    }
  }
}

extension ColumnKey: CustomStringConvertible {
  /// The column in the event table, for statements: `e.\(ForkEvent.child)`.
  public var description: String { TraceSchema.kindColumns[position] }
}

extension EventColumn: CustomStringConvertible {
  /// The column in the event table, for statements.
  public var description: String { TraceSchema.kindColumns[position] }
}

extension Event.Kind {
  /// The names of the kind's columns as traces and messages have them.
  var columnNames: [String] { columns.map { TraceSchema.columnName($0.name) } }
}
