// Views that read like the kernel's own words. One for each family of events is made from the
// vocabulary itself (`Event.Kind.columns`); the others, in `TraceSchema+Console.swift`,
// `TraceSchema+Decisions.swift`, `TraceSchema+Intervals.swift`, `TraceSchema+Waits.swift`, `TraceSchema+Groups.swift`, `TraceSchema+Network.swift`, `TraceSchema+Source.swift` and
// `TraceSchema+Perfetto.swift`, put events
// together: bytes to characters, a call with its return, a dispatch with whatever ended the run. What
// every table, view and column means is said in `SchemaWords.swift`.

import Sim

extension TraceSchema {
  /// Every view, as SQL.
  static let views: [String] =
    Event.Family.allCases.map(familyView) + [consoleView, decisionView] + intervalViews
    + sourceViews
    + groupViews + networkViews + [threadLifeView] + perfettoViews + violationViews

  /// The name of the view of one family of events.
  static func viewName(_ family: Event.Family) -> String {
    switch family {
    case .trap: "trap"
    case .sched: "sched_event"
    case .shm: "shm"
    case .lock: "lock"
    case .process: "process_event"
    case .container: "container_event"
    case .path: "path"
    case .file: "file_event"
    case .output: "output"
    case .state: "state_event"
    case .group: "group_event"
    case .socket: "socket"
    }
  }

  /// A family's events, each of their columns under its name and with words for its numbers.
  private static func familyView(_ family: Event.Family) -> String {
    let kinds = Event.Kind.allCases.filter { $0.family == family }
    var names: [String] = []
    for kind in kinds {
      for name in kind.columnNames where !names.contains(name) { names.append(name) }
    }
    let columns = names.flatMap { name in
      var devices: [String] = []
      var cases = kinds.compactMap { kind -> String? in
        guard let index = kind.columnNames.firstIndex(of: name) else { return nil }
        let column = kind.columns[index]
        if column.meaning == .file {
          devices.append("WHEN \(kind.rawValue) THEN \(device(column))")
        }
        let value =
          column.meaning == .packed
          ? packedBytes(kind) : reading(column.meaning, "\(column)")
        return "WHEN \(kind.rawValue) THEN \(value)"
      }
      if family == .shm, ["name", "frame"].contains(name),
        let column = SharedPageEvent.all.first(where: { $0.name == name })
      {
        let value = "(SELECT \(column) FROM event WHERE seq = mapped_by)"
        cases.append(
          "WHEN \(Event.Kind.shmAccess.rawValue) THEN " + reading(column.meaning, value))
      }
      let value = "CASE kind \(cases.joined(separator: " ")) END AS \(name)"
      if devices.isEmpty { return [value] }
      let prefix = name == "inode" ? "" : "\(name)_"
      return [value, "CASE kind \(devices.joined(separator: " ")) END AS \(prefix)dev"]
        + (family == .path && name == "inode" ? [layer] : [])
    }
    return """
      CREATE VIEW \(viewName(family)) AS \(family == .shm ? accessedMappings : "")\
      SELECT seq, time, hart, \(kindName) AS event, pid, cid\
      \(columns.map { ",\n  \($0)" }.joined())
      FROM event\(family == .shm ? " LEFT JOIN accessed ON access = seq" : "")
      WHERE kind IN (\(list(kinds)))
      """
  }

  /// For each access to a shared page the event by which its process came to map the page there: an
  /// access itself tells only its address.
  private static var accessedMappings: String {
    let mapping = list([.shmMap, .shmInherit])
    let access = "\(Event.Kind.shmAccess.rawValue)"
    return """
      WITH accessed(access, mapped_by) AS MATERIALIZED (
        SELECT CAST(CASE kind WHEN \(access) THEN seq END AS INTEGER),
          max(CASE WHEN kind IN (\(mapping)) THEN seq END) OVER (
            PARTITION BY pid, CASE kind WHEN \(access) THEN \(SharedAccessEvent.address) & -4096 \
      ELSE \(SharedPageEvent.address) END ORDER BY seq)
        FROM event WHERE kind IN (\(mapping), \(access))
      )

      """
  }

  /// How a column is read in SQL, of the row that has this name where there are several.
  static func reading<Columns, Value>(
    _ column: ColumnKey<Columns, Value>, of row: String? = nil
  ) -> String {
    reading(column.meaning, row.map { "\($0).\(column)" } ?? "\(column)")
  }

  /// How a number of this meaning is read in SQL.
  static func reading(_ meaning: EventColumn.Meaning, _ column: String) -> String {
    func word(_ table: String) -> String {
      "coalesce((SELECT name FROM \(table) WHERE id = \(column)), \(column))"
    }
    return switch meaning {
    case .integer, .pid: column
    case .file: "\(column) & 4294967295"
    case .address: "printf('0x%x', \(column))"
    case .hash: "CASE WHEN \(column) <> 0 THEN printf('%016x', \(column)) END"
    case .name: "(SELECT text FROM name WHERE id = \(column))"
    // How these are read depends on the kind (`packedBytes`).
    case .packed: column
    case .call: word("call")
    case .source: "nullif(\(word("call")), 0)"
    case .refusal:
      "CASE \(column) WHEN 0 THEN NULL WHEN -1 THEN 'pending' ELSE \(word("refusal")) END"
    case .cause: word("fault_cause")
    case .wait: word("wait_reason")
    case .yield: word("yield_reason")
    case .end: word("end_reason")
    case .networkAddress: dotted(column, shift: 0)
    case .endpoint: dotted(column, shift: 16) + " || ':' || (\(column) & 65535)"
    }
  }

  /// An address of IPv4 that stands so many bits up in a column.
  private static func dotted(_ column: String, shift: Int) -> String {
    let bytes = [24, 16, 8, 0].map { "(\(column) >> \($0 + shift)) & 255" }
    return "printf('%d.%d.%d.%d', \(bytes.joined(separator: ", ")))"
  }

  /// Which file system a file is in, as `stat` shows it; NULL where there is no file.
  private static func device(_ column: EventColumn) -> String {
    "CASE WHEN \(column) <> 0 THEN ((\(column) >> \(FileID.volumeShift)) & 65535) + 1 END"
  }

  /// In which layer of a union a path was found.
  private static var layer: String {
    "CASE kind WHEN \(Event.Kind.resolve.rawValue) THEN "
      + "nullif(\(ResolveEvent.inode) >> \(ResolveEvent.layerShift), 0) - 1 END AS layer"
  }

  private static let kindName = "(SELECT name FROM kind WHERE id = kind)"

  static func list(_ kinds: [Event.Kind]) -> String {
    kinds.map { String($0.rawValue) }.joined(separator: ", ")
  }

  static func word(_ table: String, _ column: String) -> String {
    "(SELECT name FROM \(table) WHERE id = \(column))"
  }
}
