// Views that read like the kernel's own words. One for each family of events is made from the
// vocabulary itself (`Event.Kind.columns`); the others put events together: a call with its return,
// a dispatch with whatever ended the run. Those with Perfetto's names have Perfetto's columns.

import Sim

extension TraceSchema {
  /// Every view, as SQL.
  static var views: [String] {
    Event.Family.allCases.map(familyView) + [
      consoleView, runSliceView, schedView, threadView, threadStateView, wakeupView, syscallView,
    ]
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
  private static func reading(_ meaning: EventColumn.Meaning, _ column: String) -> String {
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

  private static func list(_ kinds: [Event.Kind]) -> String {
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

  private static func word(_ table: String, _ column: String) -> String {
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

  /// A run begins with a dispatch and ends with the next thing that frees the hart.
  private static var runSliceView: String {
    """
    CREATE VIEW run_slice AS
    SELECT seq, time, until - time AS duration, hart, pid, cid,
      (SELECT name FROM process WHERE upid = run.pid) AS name, priority,
      \(word("kind", "ending")) AS ended_by, \(word("wait_reason", "waits")) AS waits_for
    FROM (
      SELECT seq, time, hart, kind, pid, cid, a2 AS priority,
        lead(time) OVER slice AS until, lead(kind) OVER slice AS ending,
        CASE lead(kind) OVER slice WHEN \(Event.Kind.block.rawValue) THEN lead(a0) OVER slice END
          AS waits
      FROM event WHERE kind IN (\(list([.dispatch, .block, .yield, .exit, .idle])))
      WINDOW slice AS (PARTITION BY hart ORDER BY seq)
    ) AS run WHERE kind = \(Event.Kind.dispatch.rawValue)
    """
  }

  private static var schedView: String {
    """
    CREATE VIEW sched AS SELECT seq AS id, time AS ts, coalesce(duration, -1) AS dur, hart AS cpu,
      pid AS utid,
      CASE ended_by WHEN 'block' THEN 'S' WHEN 'yield' THEN 'R+' WHEN 'exit' THEN 'Z' END
        AS end_state,
      priority
    FROM run_slice
    """
  }

  /// A process has one thread here, with the process's number.
  private static var threadView: String {
    """
    CREATE VIEW thread AS SELECT upid AS utid, pid AS tid, name, start_ts, end_ts,
      1 AS is_main_thread, upid FROM process
    """
  }

  private static var threadStateView: String {
    let states: [(Event.Kind, String)] = [
      (.dispatch, "Running"), (.wake, "R"), (.yield, "R+"), (.block, "S"), (.exit, "Z"),
    ]
    let cases = states.map { "WHEN \($0.0.rawValue) THEN '\($0.1)'" }.joined(separator: " ")
    return """
      CREATE VIEW thread_state AS
      WITH change AS (
        SELECT seq, time, pid, hart, CASE kind \(cases) END AS state,
          CASE kind WHEN \(Event.Kind.block.rawValue) THEN \(word("wait_reason", "a0")) END AS waits,
          CASE kind WHEN \(Event.Kind.wake.rawValue) THEN a0 END AS waker
        FROM event WHERE kind IN (\(list(states.map(\.0))))
        UNION ALL
        SELECT seq, time, a0, hart, 'R', NULL, pid
        FROM event WHERE kind = \(Event.Kind.fork.rawValue)
      )
      SELECT seq AS id, time AS ts,
        coalesce(lead(time) OVER (PARTITION BY pid ORDER BY seq) - time, -1) AS dur,
        CASE state WHEN 'Running' THEN hart END AS cpu, pid AS utid, state,
        waits AS blocked_function, waker AS waker_utid
      FROM change
      """
  }

  private static var wakeupView: String {
    """
    CREATE VIEW wakeup AS
    SELECT seq, time, pid, cid, waker, reason, object, time - since AS waited, ran - time AS latency
    FROM (
      SELECT seq, time, kind, pid, cid, a0 AS waker, \(word("wait_reason", "a1")) AS reason,
        a2 AS object,
        CASE lag(kind) OVER life WHEN \(Event.Kind.block.rawValue) THEN lag(time) OVER life END
          AS since,
        CASE lead(kind) OVER life WHEN \(Event.Kind.dispatch.rawValue) THEN lead(time) OVER life END
          AS ran
      FROM event WHERE kind IN (\(list([.dispatch, .wake, .block])))
      WINDOW life AS (PARTITION BY pid ORDER BY seq)
    ) WHERE kind = \(Event.Kind.wake.rawValue)
    """
  }

  /// A call that came back at once is one event; one that blocked has a return later on.
  private static var syscallView: String {
    """
    CREATE VIEW syscall AS
    SELECT seq, time, CASE pending WHEN 0 THEN 0 ELSE until - time END AS duration, hart, pid, cid,
      \(reading(.call, "number")) AS name, arg0, arg1, arg2,
      CASE pending WHEN 0 THEN value ELSE later END AS value,
      CASE pending WHEN 0 THEN \(reading(.refusal, "why"))
        ELSE \(reading(.refusal, "later_why")) END AS why,
      pending AS blocked
    FROM (
      SELECT seq, time, hart, kind, pid, cid, a0 AS number, a1 AS arg0, a2 AS arg1, a3 AS arg2,
        a4 AS value, a5 AS why, a5 = -1 AS pending,
        lead(time) OVER life AS until, lead(a4) OVER life AS later, lead(a5) OVER life AS later_why
      FROM event WHERE kind IN (\(list([.call, .callReturn])))
      WINDOW life AS (PARTITION BY pid ORDER BY seq)
    ) WHERE kind = \(Event.Kind.call.rawValue)
    """
  }
}
