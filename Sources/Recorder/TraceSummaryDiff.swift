// What two sessions came to, side by side: run times, switches, waits and for whom, refusals, lock
// holds. Only differences are reported. Each view is queried once, and its rows are summed in several ways.

/// A number that two sessions have different values of.
public struct SummaryChange: Equatable, Sendable {
  /// What was added up, and of whom.
  public var what: String
  /// 0 where the session has no such thing.
  public var first: Int64
  public var second: Int64
}

/// What the sums are made of.
private enum SummarySource: CaseIterable {
  case runs, states, wakeups, refusals, holds, waits, scheduling, processes

  var query: String {
    switch self {
    case .runs: "SELECT pid, cid, sum(duration), count(*) FROM run_slice GROUP BY 1, 2"
    case .states:
      """
      SELECT pid, cid, state, waits_for, sum(duration),
        sum(CASE WHEN is_over OR waits_for = 'mutex' THEN 0 ELSE duration END)
      FROM process_state WHERE state IN ('runnable', 'blocked') GROUP BY 1, 2, 3, 4
      """
    case .wakeups:
      """
      SELECT pid, cid, reason, waker, sum(latency), sum(waited) FROM wakeup GROUP BY 1, 2, 3, 4
      """
    case .refusals:
      """
      SELECT pid, cid, number || ', ' || why, count(*) FROM trap
      WHERE why IS NOT NULL AND why <> 'pending' GROUP BY 1, 2, 3
      """
    case .holds:
      "SELECT pid, cid, name, count(*), sum(duration) FROM lock_hold GROUP BY 1, 2, 3"
    case .waits:
      "SELECT pid, cid, name, holder, sum(duration) FROM lock_wait GROUP BY 1, 2, 3, 4"
    case .scheduling: "SELECT 0, 0, event, count(*) FROM sched_event GROUP BY 3"
    case .processes: "SELECT 0, 0, event, count(*) FROM process_event GROUP BY 3"
    }
  }
}

/// A sum over the rows of a source.
private struct Summary {
  /// Whom it is of.
  enum Subject {
    case process, container
    /// Something that has the same name in both sessions, in a column.
    case named(Int)
    /// A process that waited, for something in a column, and for another process in another.
    case wait(for: Int, whom: Int?)
  }

  var heading: String
  var subject: Subject
  var source: SummarySource
  /// The column that is added up.
  var value: Int
  /// Only rows that have, or have not, this text in this column.
  var only: (column: Int, text: String, has: Bool)?

  init(
    _ heading: String, _ subject: Subject, _ source: SummarySource, _ value: Int,
    only: (column: Int, text: String, has: Bool)? = nil
  ) {
    self.heading = heading
    self.subject = subject
    self.source = source
    self.value = value
    self.only = only
  }

  static let all: [Summary] = [
    Summary("instructions run by", .process, .runs, 2),
    Summary("times switched to", .process, .runs, 3),
    Summary("time waiting to run, of", .process, .states, 4, only: (2, "runnable", true)),
    Summary("time to run after a wakeup, of", .process, .wakeups, 4),
    Summary("time blocked, of", .process, .states, 4, only: (2, "blocked", true)),
    Summary("held by", .wait(for: 2, whom: 3), .waits, 4),
    Summary("woken by", .wait(for: 2, whom: 3), .wakeups, 5, only: (2, "mutex", false)),
    Summary("to the end", .wait(for: 3, whom: nil), .states, 5, only: (2, "blocked", true)),
    Summary("calls refused to", .process, .refusals, 3),
    Summary("holds of mutexes by", .process, .holds, 3),
    Summary("time mutexes held by", .process, .holds, 4),
    Summary("time blocked on", .named(3), .states, 4, only: (2, "blocked", true)),
    Summary("instructions run in container", .container, .runs, 2),
    Summary("times switched to container", .container, .runs, 3),
    Summary(
      "time waiting to run in container", .container, .states, 4, only: (2, "runnable", true)),
    Summary("time to run after a wakeup in container", .container, .wakeups, 4),
    Summary("time blocked in container", .container, .states, 4, only: (2, "blocked", true)),
    Summary("refusals in container", .container, .refusals, 3),
    Summary("holds of mutexes in container", .container, .holds, 3),
    Summary("time mutexes held in container", .container, .holds, 4),
    Summary("refusals of", .named(2), .refusals, 3),
    Summary("holds of mutex", .named(2), .holds, 3),
    Summary("time held of mutex", .named(2), .holds, 4),
    Summary("time waited for mutex", .named(2), .waits, 4),
    Summary("events of", .named(2), .scheduling, 3),
    Summary("events of", .named(2), .processes, 3),
  ]
}

/// A process of both sessions, as a pair of `SubjectPairs`, or a process that waits for another.
private struct SumKey: Hashable {
  var subject: Int
  var what = ""
  var whom: Int?
}

/// The two values of a sum, in the order of the pairs.
private typealias SumLine = (key: SumKey, first: Int64, second: Int64)

extension TraceQuery {
  /// For how many processes or containers a sum is reported separately: those with the largest changes.
  static let subjectsTold = 8

  /// What two sessions differ in, added up.
  ///
  /// - Parameter includingPlumbing: whether the container manager and its helpers are told one by one,
  ///   and not together.
  /// - Throws: as `run`.
  public static func changes(
    from first: TraceReader, to second: TraceReader, includingPlumbing: Bool = true
  ) throws -> [SummaryChange] {
    try SummaryDiff(first, second, includingPlumbing: includingPlumbing).changes()
  }
}

private struct SummaryDiff {
  private let readers: [TraceReader]
  private let processes: SubjectPairs
  private let containers: SubjectPairs
  /// For each session, its processes' and containers' places among the pairs.
  private let processPlaces: [[Int64: Int]]
  private let containerPlaces: [[Int64: Int]]
  /// Pairs of processes that are told together, and the place that all of them have.
  private var folded: Set<Int> = []
  private static let together = -2

  init(_ first: TraceReader, _ second: TraceReader, includingPlumbing: Bool) throws {
    readers = [first, second]
    processes = SubjectPairs(try Subject.processes(first), try Subject.processes(second))
    containers = SubjectPairs(try Subject.containers(first), try Subject.containers(second))
    processPlaces = processes.places
    containerPlaces = containers.places
    guard !includingPlumbing else { return }
    let plumbing = try readers.map { try Plumbing($0) }
    for (place, pair) in processes.all.enumerated() {
      for (pid, plumbing) in zip([pair.first, pair.second], plumbing) {
        if let pid, plumbing.contains(Int32(truncatingIfNeeded: pid)) { folded.insert(place) }
      }
    }
  }

  func changes() throws -> [SummaryChange] {
    var rows: [SummarySource: [[[QueryResult.Value]]]] = [:]
    for source in SummarySource.allCases {
      rows[source] = try readers.map { try TraceQuery.run(source.query, on: $0).rows }
    }
    return Summary.all.flatMap { changes($0, rows[$0.source] ?? []) }
  }

  private func changes(_ summary: Summary, _ rows: [[[QueryResult.Value]]]) -> [SummaryChange] {
    var sums: [SumKey: [Int64]] = [:]
    for (session, rows) in rows.enumerated() {
      for row in rows {
        guard let key = key(summary, row, session), let value = row[summary.value].number else {
          continue
        }
        sums[key, default: [0, 0]][session] &+= value
      }
    }
    let lines: [SumLine] = sums.compactMap { key, values in
      values[0] == values[1] ? nil : (key, values[0], values[1])
    }.sorted {
      ($0.key.subject, $0.key.what, $0.key.whom ?? -1)
        < ($1.key.subject, $1.key.what, $1.key.whom ?? -1)
    }
    switch summary.subject {
    case .named:
      return lines.map {
        SummaryChange(what: "\(summary.heading) \($0.key.what)", first: $0.first, second: $0.second)
      }
    case .container:
      return told(lines, others: ("\(summary.heading) ", " other containers")) {
        "\(summary.heading) \(containers.all[$0.subject].numbers)"
      }
    case .process:
      return told(lines, others: ("\(summary.heading) ", " other processes")) {
        "\(summary.heading) \(who($0.subject))"
      }
    case .wait(_, let whom):
      let ending = summary.heading + (whom == nil ? "" : " somebody")
      return told(lines, others: ("time ", " others waited, \(ending)")) {
        if $0.what.isEmpty { return "time \(who($0.subject)) waited, \(ending)" }
        return "time \(who($0.subject)) waited for \($0.what), \(summary.heading)"
          + ($0.whom.map { " \(who($0))" } ?? "")
      }
    }
  }

  /// What a row is added to; nil if to nothing.
  private func key(_ summary: Summary, _ row: [QueryResult.Value], _ session: Int) -> SumKey? {
    if let only = summary.only, (row[only.column].words == only.text) != only.has { return nil }
    switch summary.subject {
    case .named(let column):
      guard let name = row[column].words ?? row[column].number.map({ "\($0)" }) else { return nil }
      return SumKey(subject: 0, what: name)
    case .container:
      return row[1].number.flatMap { containerPlaces[session][$0] }.map { SumKey(subject: $0) }
    case .process: return process(row[0], session).map { SumKey(subject: $0) }
    case .wait(let what, let whom):
      guard let subject = process(row[0], session), let what = row[what].words else { return nil }
      // How those who are told together waited is one sum, whatever they waited for.
      if subject == SummaryDiff.together { return SumKey(subject: subject) }
      let object = summary.source == .waits ? "mutex \(what)" : what
      guard let whom else { return SumKey(subject: subject, what: object) }
      return SumKey(subject: subject, what: object, whom: process(row[whom], session) ?? -1)
    }
  }

  /// The place of a process among the pairs; those that are told together have one.
  private func process(_ pid: QueryResult.Value, _ session: Int) -> Int? {
    guard let place = pid.number.flatMap({ processPlaces[session][$0] }) else { return nil }
    return folded.contains(place) ? SummaryDiff.together : place
  }

  private func who(_ place: Int) -> String {
    switch place {
    case SummaryDiff.together: return "the container manager and its helpers"
    case -1: return "the machine"
    default:
      let pair = processes.all[place]
      return "\(pair.name)(\(pair.numbers))"
    }
  }

  /// The largest changes one by one, and the others together, with their number between two texts.
  private func told(
    _ lines: [SumLine], others: (before: String, after: String), _ name: (SumKey) -> String
  ) -> [SummaryChange] {
    func change(_ line: SumLine) -> SummaryChange {
      SummaryChange(what: name(line.key), first: line.first, second: line.second)
    }
    func size(_ place: Int) -> UInt64 {
      lines[place].second.subtractingReportingOverflow(lines[place].first).partialValue.magnitude
    }
    // A single one is reported rather than summed up.
    let most = TraceQuery.subjectsTold
    guard lines.count > most + 1 else { return lines.map(change) }
    let largest = lines.indices.sorted { (size($1), $0) < (size($0), $1) }
    let what = "\(others.before)\(lines.count - most)\(others.after)"
    var rest = SummaryChange(what: what, first: 0, second: 0)
    for place in largest.dropFirst(most) {
      rest.first &+= lines[place].first
      rest.second &+= lines[place].second
    }
    return largest.prefix(most).sorted().map { change(lines[$0]) } + [rest]
  }
}

extension QueryResult.Value {
  fileprivate var number: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  fileprivate var words: String? {
    if case .text(let text) = self { text } else { nil }
  }
}
