// A comparison as tables: what the terminal, JSON and the page show. Columns that end in `_ci` are the half
// of a 95 % confidence interval of the column before.

import Recorder

extension [ComparedOutcome] {
  /// The tables, the one of whole runs first.
  public var tables: [ReportTable] {
    [
      ReportTable(
        "runs", "Schedulers: means over the seeds, \u{b1} half of a 95 % confidence interval",
        keys + ["runs", "endings", "processes", "left"]
          + pair("time") + pair("turnaround") + pair("response") + pair("waiting")
          + pair("throughput") + pair("switches") + pair("fairness")
          + pair("container_fairness"),
        map { outcome in
          key(outcome) + [.integer(Int64(outcome.runs)), .text(outcome.endingWords)]
            + [real(outcome.all.count?.mean, 1), real(outcome.all.left?.mean, 1)]
            + whole(outcome.time) + whole(outcome.all.turnaround.mean)
            + whole(outcome.all.response.mean) + whole(outcome.all.waiting.mean)
            + real(outcome.throughput, 3) + whole(outcome.switches)
            + real(outcome.all.fairness, 3) + real(outcome.containerFairness, 3)
        }),
      times("turnaround", "Turnaround: from first runnable to exit", \.turnaround),
      times("response", "Response: from first runnable to first on a hart", \.response),
      times("waiting", "Waiting: runnable and not running, in sum for each process", \.waiting),
      groups("processes", "By process", "name", \.processes),
      groups("containers", "By container", "container", \.containers, \.hasContainers),
    ]
  }

  private func times(
    _ key: String, _ title: String, _ path: KeyPath<GroupEstimates, TimeEstimates>
  ) -> ReportTable {
    ReportTable(
      key, title, keys + pair("mean") + pair("p50") + pair("p95") + ["max"],
      map { outcome in
        let times = outcome.all[keyPath: path]
        return self.key(outcome) + whole(times.mean) + whole(times.p50) + whole(times.p95)
          + [times.most.map { .integer($0) } ?? .null]
      }, bars: keys.count)
  }

  /// What is called the same stands together, whatever it ran under.
  private func groups(
    _ key: String, _ title: String, _ label: String,
    _ path: KeyPath<ComparedOutcome, [(name: String, figures: GroupEstimates)]>,
    _ isWanted: KeyPath<[ComparedOutcome], Bool>? = nil
  ) -> ReportTable {
    var names: [String] = []
    for name in flatMap({ $0[keyPath: path].map(\.name) }) where !names.contains(name) {
      names.append(name)
    }
    names.sort()
    if let isWanted, !self[keyPath: isWanted] { names = [] }
    var rows: [[QueryResult.Value]] = []
    for name in names {
      for outcome in self {
        guard let found = outcome[keyPath: path].first(where: { $0.name == name })?.figures
        else { continue }
        rows.append(
          [.text(name)] + self.key(outcome) + [
            real(found.count?.mean, 1), real(found.left?.mean, 1),
          ]
            + whole(found.turnaround.mean) + whole(found.response.mean)
            + whole(found.waiting.mean) + whole(found.ran) + real(found.share, 3)
            + real(found.fairness, 3))
      }
    }
    return ReportTable(
      key, title,
      [label] + keys + ["processes", "left"] + pair("turnaround")
        + pair("response") + pair("waiting") + pair("ran") + pair("share") + pair("fairness"),
      rows)
  }

  /// What says under which condition a row was; the inheritance of priorities only where there is any.
  public var keys: [String] { ["scheduler", "harts"] + (hasInheritance ? ["inheritance"] : []) }

  private func key(_ outcome: ComparedOutcome) -> [QueryResult.Value] {
    let condition = outcome.condition
    return [.text(condition.scheduler.name), .integer(Int64(condition.harts))]
      + (hasInheritance ? [.text(condition.inheritsPriorities ? "on" : "off")] : [])
  }

  private var hasInheritance: Bool { contains { $0.condition.inheritsPriorities } }

  /// Whether there was any container in any run.
  private var hasContainers: Bool { contains { $0.containers.contains { $0.name != "outside" } } }

  private func pair(_ name: String) -> [String] { [name, name + "_ci"] }
}

extension ComparedOutcome {
  /// `20 halted`, or `17 halted, 3 limit reached`.
  public var endingWords: String {
    endings.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
  }
}

private func whole(_ estimate: Estimate?) -> [QueryResult.Value] {
  [estimate?.mean, estimate?.halfWidth].map { number in
    number.map { .integer(Int64($0.rounded())) } ?? .null
  }
}

private func real(_ number: Double?, _ digits: Int) -> QueryResult.Value {
  guard let number else { return .null }
  let scale = digits == 1 ? 10.0 : 1000.0
  return .real((number * scale).rounded() / scale)
}

private func real(_ estimate: Estimate?, _ digits: Int) -> [QueryResult.Value] {
  [real(estimate?.mean, digits), real(estimate?.halfWidth, digits)]
}
