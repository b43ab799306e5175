// What two sessions came to, side by side: run times, switches, waits, refusals, lock holds. Only
// what differs is told.

/// A number that two sessions have different values of.
public struct SummaryChange: Equatable, Sendable {
  /// What was added up, and of whom.
  public var what: String
  /// 0 where the session has no such thing.
  public var first: Int64
  public var second: Int64
}

extension TraceQuery {
  private static let summaries: [(heading: String, query: String)] = [
    (
      "instructions run by",
      "SELECT coalesce(name, 'pid ' || pid), sum(duration) FROM run_slice GROUP BY 1 ORDER BY 1"
    ),
    (
      "times switched to",
      "SELECT coalesce(name, 'pid ' || pid), count(*) FROM run_slice GROUP BY 1 ORDER BY 1"
    ),
    (
      "time to run after a wakeup, of",
      """
      SELECT coalesce((SELECT name FROM process WHERE upid = w.pid), 'pid ' || w.pid), sum(latency)
      FROM wakeup AS w GROUP BY 1 ORDER BY 1
      """
    ),
    (
      "time blocked on", "SELECT reason, sum(waited) FROM wakeup GROUP BY 1 ORDER BY 1"
    ),
    (
      "instructions run in container",
      "SELECT cid, sum(duration) FROM run_slice WHERE cid <> 0 GROUP BY 1 ORDER BY 1"
    ),
    (
      "refusals of",
      """
      SELECT number || ', ' || why, count(*) FROM trap
      WHERE why IS NOT NULL AND why <> 'pending' GROUP BY 1 ORDER BY 1
      """
    ),
    ("holds of mutex", "SELECT name, count(*) FROM lock_hold GROUP BY 1 ORDER BY 1"),
    ("time held of mutex", "SELECT name, sum(duration) FROM lock_hold GROUP BY 1 ORDER BY 1"),
    ("time waited for mutex", "SELECT name, sum(duration) FROM lock_wait GROUP BY 1 ORDER BY 1"),
    ("events of", "SELECT event, count(*) FROM sched_event GROUP BY 1 ORDER BY 1"),
    ("events of", "SELECT event, count(*) FROM process_event GROUP BY 1 ORDER BY 1"),
  ]

  /// What two sessions differ in, added up.
  ///
  /// - Throws: as `run`.
  public static func changes(from first: TraceReader, to second: TraceReader) throws
    -> [SummaryChange]
  {
    var changes: [SummaryChange] = []
    for (heading, query) in summaries {
      let old = try numbers(query, first)
      let new = try numbers(query, second)
      for (name, value) in old {
        let other = new.first { $0.name == name }?.value ?? 0
        if other != value {
          changes.append(SummaryChange(what: "\(heading) \(name)", first: value, second: other))
        }
      }
      for (name, value) in new where !old.contains(where: { $0.name == name }) {
        changes.append(SummaryChange(what: "\(heading) \(name)", first: 0, second: value))
      }
    }
    return changes
  }

  private static func numbers(_ query: String, _ reader: TraceReader) throws
    -> [(name: String, value: Int64)]
  {
    try run(query, on: reader).rows.compactMap { row in
      guard row.count == 2, case .integer(let value) = row[1] else { return nil }
      switch row[0] {
      case .text(let name): return (name, value)
      case .integer(let number): return ("\(number)", value)
      case .null, .real, .blob: return nil
      }
    }
  }
}
