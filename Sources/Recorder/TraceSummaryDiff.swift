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
  /// Whom a sum is of.
  private enum SummarySubject {
    case process, container
    /// Something that has the same name in both sessions.
    case named
  }

  private static let summaries: [(heading: String, of: SummarySubject, query: String)] = [
    ("instructions run by", .process, "SELECT pid, sum(duration) FROM run_slice GROUP BY 1"),
    ("times switched to", .process, "SELECT pid, count(*) FROM run_slice GROUP BY 1"),
    (
      "time waiting to run, of", .process,
      "SELECT pid, sum(duration) FROM process_state WHERE state = 'runnable' GROUP BY 1"
    ),
    (
      "time to run after a wakeup, of", .process,
      "SELECT pid, sum(latency) FROM wakeup GROUP BY 1"
    ),
    (
      "time blocked, of", .process,
      "SELECT pid, sum(duration) FROM process_state WHERE state = 'blocked' GROUP BY 1"
    ),
    (
      "calls refused to", .process,
      """
      SELECT pid, count(*) FROM trap WHERE why IS NOT NULL AND why <> 'pending' GROUP BY 1
      """
    ),
    ("holds of mutexes by", .process, "SELECT pid, count(*) FROM lock_hold GROUP BY 1"),
    ("time mutexes held by", .process, "SELECT pid, sum(duration) FROM lock_hold GROUP BY 1"),
    (
      "time blocked on", .named,
      """
      SELECT waits_for, sum(duration) FROM process_state WHERE state = 'blocked'
      GROUP BY 1 ORDER BY 1
      """
    ),
    (
      "instructions run in container", .container,
      "SELECT cid, sum(duration) FROM run_slice GROUP BY 1"
    ),
    (
      "times switched to container", .container, "SELECT cid, count(*) FROM run_slice GROUP BY 1"
    ),
    (
      "time waiting to run in container", .container,
      """
      SELECT cid, sum(duration) FROM process_state JOIN process USING (pid) WHERE state = 'runnable'
      GROUP BY 1
      """
    ),
    (
      "time to run after a wakeup in container", .container,
      "SELECT cid, sum(latency) FROM wakeup GROUP BY 1"
    ),
    (
      "time blocked in container", .container,
      """
      SELECT cid, sum(duration) FROM process_state JOIN process USING (pid) WHERE state = 'blocked'
      GROUP BY 1
      """
    ),
    (
      "refusals in container", .container,
      """
      SELECT cid, count(*) FROM trap WHERE why IS NOT NULL AND why <> 'pending' GROUP BY 1
      """
    ),
    (
      "holds of mutexes in container", .container, "SELECT cid, count(*) FROM lock_hold GROUP BY 1"
    ),
    (
      "time mutexes held in container", .container,
      "SELECT cid, sum(duration) FROM lock_hold GROUP BY 1"
    ),
    (
      "refusals of", .named,
      """
      SELECT number || ', ' || why, count(*) FROM trap
      WHERE why IS NOT NULL AND why <> 'pending' GROUP BY 1 ORDER BY 1
      """
    ),
    ("holds of mutex", .named, "SELECT name, count(*) FROM lock_hold GROUP BY 1 ORDER BY 1"),
    (
      "time held of mutex", .named,
      "SELECT name, sum(duration) FROM lock_hold GROUP BY 1 ORDER BY 1"
    ),
    (
      "time waited for mutex", .named,
      "SELECT name, sum(duration) FROM lock_wait GROUP BY 1 ORDER BY 1"
    ),
    ("events of", .named, "SELECT event, count(*) FROM sched_event GROUP BY 1 ORDER BY 1"),
    ("events of", .named, "SELECT event, count(*) FROM process_event GROUP BY 1 ORDER BY 1"),
  ]

  /// How many processes or containers a sum is told of one by one, those with the largest changes.
  static let subjectsTold = 8

  /// What two sessions differ in, added up.
  ///
  /// - Throws: as `run`.
  public static func changes(from first: TraceReader, to second: TraceReader) throws
    -> [SummaryChange]
  {
    let processes = SubjectPairs(try Subject.processes(first), try Subject.processes(second))
    let containers = SubjectPairs(try Subject.containers(first), try Subject.containers(second))
    var changes: [SummaryChange] = []
    for (heading, subject, query) in summaries {
      let old = try numbers(query, first)
      let new = try numbers(query, second)
      switch subject {
      case .process:
        changes += self.changes(heading, "processes", processes.all, old, new) {
          "\($0.name)(\($0.numbers))"
        }
      case .container:
        changes += self.changes(heading, "containers", containers.all, old, new, name: \.numbers)
      case .named: changes += self.changes(heading, old, new)
      }
    }
    return changes
  }

  private typealias Sums = [(name: String, value: Int64)]

  private static func changes(_ heading: String, _ old: Sums, _ new: Sums) -> [SummaryChange] {
    var changes: [SummaryChange] = []
    for (name, value) in old {
      let other = new.first { $0.name == name }?.value ?? 0
      if other != value {
        changes.append(SummaryChange(what: "\(heading) \(name)", first: value, second: other))
      }
    }
    for (name, value) in new where !old.contains(where: { $0.name == name }) {
      changes.append(SummaryChange(what: "\(heading) \(name)", first: 0, second: value))
    }
    return changes
  }

  /// The same of processes or containers, the largest changes one by one and the others together.
  private static func changes(
    _ heading: String, _ kind: String, _ pairs: [SubjectPairs.Pair], _ old: Sums, _ new: Sums,
    name: (SubjectPairs.Pair) -> String
  ) -> [SummaryChange] {
    let old = Dictionary(old, uniquingKeysWith: +)
    let new = Dictionary(new, uniquingKeysWith: +)
    let changes = pairs.compactMap { pair -> SummaryChange? in
      let first = pair.first.flatMap { old["\($0)"] } ?? 0
      let second = pair.second.flatMap { new["\($0)"] } ?? 0
      guard first != second else { return nil }
      return SummaryChange(what: "\(heading) \(name(pair))", first: first, second: second)
    }
    func size(_ place: Int) -> UInt64 {
      let change = changes[place]
      return change.second.subtractingReportingOverflow(change.first).partialValue.magnitude
    }
    // One is told rather than called another.
    guard changes.count > subjectsTold + 1 else { return changes }
    let largest = changes.indices.sorted { (size($1), $0) < (size($0), $1) }
    let told = largest.prefix(subjectsTold).sorted().map { changes[$0] }
    var others = SummaryChange(
      what: "\(heading) \(changes.count - subjectsTold) other \(kind)", first: 0, second: 0)
    for place in largest.dropFirst(subjectsTold) {
      others.first &+= changes[place].first
      others.second &+= changes[place].second
    }
    return told + [others]
  }

  private static func numbers(_ query: String, _ reader: TraceReader) throws -> Sums {
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
