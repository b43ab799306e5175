// A comparison as a page: the report's own timeline, with a row for each hart of each machine, and the
// tables with their bars. Numbers of processes are a machine's own, so that what is called the same and
// has the same number on several machines is one process to the page, and has one colour.

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
    var people = People()
    var stretches: [Stretch] = []
    var lanes: [String] = []
    for outcome in outcomes {
      let numbers = people.numbers(of: outcome)
      for stretch in outcome.lanes {
        var moved = stretch
        moved.span.hart = UInt8(clamping: lanes.count + Int(stretch.span.hart))
        moved.span.pid = numbers[stretch.span.pid] ?? stretch.span.pid
        stretches.append(moved)
      }
      let harts = outcome.condition.harts
      lanes += (0..<harts).map { hart in
        outcomes.allSatisfy { $0.condition.harts == 1 }
          ? outcome.condition.scheduler : "\(outcome.condition.scheduler)/\(harts), hart \(hart)"
      }
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
      ("process_count", "\(people.all.count)"), ("processes", people.json),
      ("containers", people.containers), ("made", made(scenario, seeds)),
      ("timeline", PageJSON.object(PageJSON.timeline(stretches))),
      ("groups", PageJSON.groups(groups(tables))),
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
  private static func groups(_ tables: [ReportTable]) -> [(title: String, tables: [ReportTable])] {
    guard let runs = tables.first else { return [] }
    let bars = ["throughput", "switches", "fairness", "container_fairness"].compactMap { name in
      chart(name, of: runs)
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
  private static func chart(_ name: String, of runs: ReportTable) -> ReportTable? {
    guard let column = runs.columns.firstIndex(of: name),
      !runs.rows.allSatisfy({ $0[column] == .null })
    else { return nil }
    let words = name.replacing("_", with: " ")
    return ReportTable(
      name, words.prefix(1).uppercased() + words.dropFirst(),
      ["scheduler", "harts", name, "\(name)_ci"],
      runs.rows.map { [$0[0], $0[1], $0[column], $0[column + 1]] }, bars: 2)
  }

  /// The processes of all machines, each with a number that no other has.
  private struct People {
    struct Person {
      var number: Int32
      var process: DrawnProcess
    }
    private(set) var all: [Person] = []
    private var places: [Int32: Int] = [:]
    private var nextFree: Int32 = 1 << 20

    /// The page's number for each of a machine's.
    mutating func numbers(of outcome: ComparedOutcome) -> [Int32: Int32] {
      var found: [Int32: Int32] = [:]
      for process in outcome.drawn {
        var number = process.pid
        if let place = places[number], all[place].process.name != process.name {
          let known = all.first {
            $0.process.pid == process.pid && $0.process.name == process.name
          }
          number = known?.number ?? nextFree
          if known == nil { nextFree += 1 }
        }
        found[process.pid] = number
        if places[number] == nil {
          places[number] = all.count
          all.append(Person(number: number, process: process))
        }
      }
      return found
    }

    var json: String {
      var words = PageJSON.Words()
      let names = all.map { "\(words.number(of: $0.process.name))" }
      let zeros = all.map { _ in "0" }
      return PageJSON.object([
        ("words", words.json),
        (
          "columns",
          PageJSON.columns([
            ("pid", all.map { "\($0.number)" }), ("number", all.map { "\($0.process.pid)" }),
            ("name", names), ("place", zeros), ("cid", all.map { "\($0.process.cid)" }),
            ("parent", zeros), ("depth", zeros),
            ("start", all.map { PageJSON.exact($0.process.start) }),
            ("end", all.map { PageJSON.exact($0.process.end) }), ("status", zeros),
            ("ran", all.map { PageJSON.exact($0.process.ran) }), ("plumbing", zeros),
          ])
        ),
      ])
    }

    var containers: String {
      let cids = Set(all.map(\.process.cid)).filter { $0 > 0 }.sorted()
      return
        "[\(cids.map { "{\"cid\":\($0),\"init\":0,\"root\":null,\"allowed\":null}" }.joined(separator: ","))]"
    }
  }
}
