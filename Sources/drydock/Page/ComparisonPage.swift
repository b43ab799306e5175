// A comparison as a page: the report's own timeline, with a row for each hart of each machine, and the
// tables with their bars.

import Foundation
import Recorder
import Replay
import Sim

enum ComparisonPage {
  /// How many stretches all timelines together may have.
  private static let allStretches = 24_000

  /// How many each of so many timelines may have.
  static func stretchesLimit(_ timelines: Int) -> Int { max(200, allStretches / max(1, timelines)) }

  static func html(
    _ outcomes: [ComparedOutcome], _ tables: [ReportTable], _ scenario: Scenario, file: String,
    seeds: Int
  ) -> String {
    let title = ReportPage.title(file) + ", compared"
    return ReportPage.html(
      title: title, data: data(outcomes, tables, scenario, file: file, seeds: seeds), .compared)
  }

  private static func data(
    _ outcomes: [ComparedOutcome], _ tables: [ReportTable], _ scenario: Scenario, file: String,
    seeds: Int
  ) -> String {
    var people = ComparedProcesses()
    var stretches: [Stretch] = []
    var lanes: [String] = []
    for outcome in outcomes {
      for var stretch in people.take(outcome) {
        stretch.span.hart = UInt8(clamping: lanes.count + Int(stretch.span.hart))
        stretches.append(stretch)
      }
      lanes += (0..<outcome.condition.harts).map { outcome.condition.lane($0, among: outcomes) }
    }
    stretches.sort { ($0.span.start, $0.span.hart) < ($1.span.start, $1.span.hart) }
    let end = outcomes.map(\.drawnEnd).max() ?? 0
    return PageJSON.object([
      ("file", PageJSON.quoted(file)), ("summary", PageJSON.quoted(summary(outcomes, seeds))),
      ("end", PageJSON.exact(end)), ("busy_end", PageJSON.exact(end)), ("known", "0"),
      ("command_file", PageJSON.quoted(shellWord(file))), ("harts", "\(lanes.count)"),
      ("lanes", "[\(lanes.map(PageJSON.quoted).joined(separator: ","))]"),
      ("lanes_title", PageJSON.quoted("Timelines of seed 1")),
      ("tick", PageJSON.exact(Int64(clamping: scenario.tick))), ("slots", "0"),
      ("process_count", "\(people.all.count)"), ("processes", processes(people)),
      ("containers", containers(people)), ("made", made(scenario, seeds)),
      ("timeline", PageJSON.object(PageJSON.timeline(stretches))),
      ("groups", PageJSON.groups(groups(tables, keys: outcomes.keys))),
    ])
  }

  private static func summary(_ outcomes: [ComparedOutcome], _ seeds: Int) -> String {
    let conditions = outcomes.map(\.condition.words).joined(separator: ", ")
    let unfinished = outcomes.filter { !$0.isFinished }.map(\.condition.words)
    return "\(conditions); seeds 1 to \(seeds) each. Times are instructions."
      + (unfinished.isEmpty
        ? ""
        : " Not every run came to its own end: \(unfinished.joined(separator: ", ")); their figures "
          + "are of what had happened by then.")
  }

  private static func made(_ scenario: Scenario, _ seeds: Int) -> String {
    var pairs = [
      ("program", scenario.program.isEmpty ? "a shell" : scenario.program.joined(separator: " ")),
      ("seeds", "1 to \(seeds)"), ("tick", "\(scenario.tick) instructions"),
    ]
    if let limit = scenario.limitTicks { pairs.append(("limit", "\(limit) ticks")) }
    return
      "[\(pairs.map { "[\(PageJSON.quoted($0)),\(PageJSON.quoted($1))]" }.joined(separator: ","))]"
  }

  /// Whole runs first, then a table with bars for each of their figures.
  private static func groups(_ tables: [ReportTable], keys: [String]) -> [(
    title: String, tables: [ReportTable]
  )] {
    guard let runs = tables.first else { return [] }
    let bars = ["throughput", "switches", "fairness", "container_fairness"].compactMap { name in
      chart(name, of: runs, keys: keys)
    }
    let times = tables.filter { $0.bars != nil }
    let groups = tables.dropFirst().filter { $0.bars == nil && !$0.rows.isEmpty }
    let all =
      [("Figures", [runs]), ("Times", times), ("Other figures", bars)]
      + groups.map { ($0.title, [$0]) }
    return all.map { title, tables in (title, tables.map(withSigns)) }
  }

  /// The table with a sign above its intervals, which stand behind what they belong to.
  private static func withSigns(_ table: ReportTable) -> ReportTable {
    var table = table
    table.columns = table.columns.map { $0.hasSuffix("_ci") ? "\u{b1}" : $0 }
    return table
  }

  /// One figure of the runs, with bars; nil if none has it.
  private static func chart(_ name: String, of runs: ReportTable, keys: [String])
    -> ReportTable?
  {
    guard let column = runs.columns.firstIndex(of: name),
      !runs.rows.allSatisfy({ $0[column] == .null })
    else { return nil }
    let words = name.replacing("_", with: " ")
    return ReportTable(
      name, words.prefix(1).uppercased() + words.dropFirst(),
      keys + [name, "\(name)_ci"],
      runs.rows.map { $0.prefix(keys.count) + [$0[column], $0[column + 1]] }, bars: keys.count)
  }

  private static func processes(_ people: ComparedProcesses) -> String {
    var words = PageJSON.Words()
    let names = people.all.map { "\(words.number(of: $0.process.name))" }
    let zeros = people.all.map { _ in "0" }
    func column(_ value: (DrawnProcess) -> String) -> [String] {
      people.all.map { value($0.process) }
    }
    return PageJSON.object([
      ("words", words.json),
      (
        "columns",
        PageJSON.columns([
          ("pid", people.all.map { "\($0.number)" }), ("number", column { "\($0.pid)" }),
          ("name", names), ("place", zeros), ("cid", column { "\($0.cid)" }),
          ("parent", zeros), ("depth", zeros), ("start", column { PageJSON.exact($0.start) }),
          ("end", column { PageJSON.exact($0.end) }), ("status", zeros),
          ("ran", column { PageJSON.exact($0.ran) }), ("plumbing", zeros),
        ])
      ),
    ])
  }

  private static func containers(_ people: ComparedProcesses) -> String {
    let rows = Set(people.all.map(\.process.cid)).filter { $0 > 0 }.sorted().map {
      "{\"cid\":\($0),\"init\":0,\"root\":null,\"allowed\":null}"
    }
    return "[\(rows.joined(separator: ","))]"
  }
}
