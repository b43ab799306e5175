// Views that read like the kernel's own words. One for each family of events is made from the
// vocabulary itself (`Event.Kind.columns`); the others, in `TraceSchema+Intervals.swift` and
// `TraceSchema+Perfetto.swift`, put events together: a call with its return, a dispatch with whatever
// ended the run. What every table, view and column means is said in `SchemaWords.swift`.

import Sim

extension TraceSchema {
  /// Every view, as SQL.
  static var views: [String] {
    Event.Family.allCases.map(familyView) + [consoleView] + intervalViews + perfettoViews
      + violationViews
  }

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
    }
  }

  /// A family's events, each of their columns under its name and with words for its numbers.
  private static func familyView(_ family: Event.Family) -> String {
    let kinds = Event.Kind.allCases.filter { $0.family == family }
    var names: [String] = []
    for kind in kinds {
      for name in kind.columnNames where !names.contains(name) { names.append(name) }
    }
    let columns = names.map { name in
      let cases = kinds.compactMap { kind -> String? in
        guard let index = kind.columnNames.firstIndex(of: name) else { return nil }
        return "WHEN \(kind.rawValue) THEN \(reading(kind.columns[index].meaning, "a\(index)"))"
      }
      return "CASE kind \(cases.joined(separator: " ")) END AS \(name)"
    }
    return """
      CREATE VIEW \(viewName(family)) AS SELECT seq, time, hart, \(kindName) AS event, pid, cid\
      \(columns.map { ",\n  \($0)" }.joined())
      FROM event WHERE kind IN (\(list(kinds)))
      """
  }

  /// How a number of this meaning is read in SQL.
  static func reading(_ meaning: EventColumn.Meaning, _ column: String) -> String {
    func word(_ table: String) -> String {
      "coalesce((SELECT name FROM \(table) WHERE id = \(column)), \(column))"
    }
    return switch meaning {
    case .integer, .pid: column
    case .address: "printf('0x%x', \(column))"
    case .hash: "printf('%016x', \(column))"
    case .name: "(SELECT text FROM name WHERE id = \(column))"
    case .packed: packedText
    case .call: word("call")
    case .refusal:
      "CASE \(column) WHEN 0 THEN NULL WHEN -1 THEN 'pending' ELSE \(word("refusal")) END"
    case .cause: word("fault_cause")
    case .wait: word("wait_reason")
    case .yield: word("yield_reason")
    case .end: word("end_reason")
    }
  }

  private static let kindName = "(SELECT name FROM kind WHERE id = kind)"

  static func list(_ kinds: [Event.Kind]) -> String {
    kinds.map { String($0.rawValue) }.joined(separator: ", ")
  }

  /// The text of an input or output event: each byte is cut out of a table of all bytes, for
  /// SQLite has no function from a number to a byte.
  private static var packedText: String {
    let bytes = (0..<Event.packedCapacity).map { index in
      "substr(byte, (a\(index / 8 + 1) >> \(index % 8 * 8) & 255) + 1, 1)"
    }
    let all = (0...255).map { value in
      let digits = String(value, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }
    return """
      (SELECT CAST(substr(CAST(\(bytes.joined(separator: " || ")) AS BLOB), 1, a0) AS TEXT) \
      FROM (SELECT x'\(all.joined())' AS byte))
      """
  }

  static func word(_ table: String, _ column: String) -> String {
    "(SELECT name FROM \(table) WHERE id = \(column))"
  }

  private static var consoleView: String {
    """
    CREATE VIEW console AS SELECT seq, time, pid, cid,
      CASE kind WHEN \(Event.Kind.input.rawValue) THEN 'in' ELSE 'out' END AS direction,
      \(packedText) AS text
    FROM event WHERE kind IN (\(list([.input, .output])))
    """
  }
}
