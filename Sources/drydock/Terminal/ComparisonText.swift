// A comparison as text. A figure and its confidence interval are one column there, and a column without
// any value is left out.

import Foundation
import Recorder
import Replay

enum ComparisonText {
  static func write(
    _ tables: [ReportTable], tick: UInt64, top: Int, _ output: OutputBuffer
  ) {
    output.line("Times are instructions; a tick is \(tick).")
    for table in tables where !table.rows.isEmpty {
      output.line("")
      output.line(table.title)
      var result = joined(table)
      let rest = result.rows.count - top
      result.rows = Array(result.rows.prefix(top))
      for line in TextTable.lines(result) { output.line(line) }
      if rest > 0 { output.line("and \(rest) more; --top \(table.rows.count) shows all") }
    }
  }

  /// Who ran when on each machine, a letter for each process.
  static func writeTimelines(_ outcomes: [ComparedOutcome], _ output: OutputBuffer) {
    var people = ComparedProcesses()
    var rows: [(label: String, slices: [Span])] = []
    for outcome in outcomes {
      let stretches = people.take(outcome)
      for hart in 0..<outcome.condition.harts {
        rows.append(
          (
            outcome.condition.lane(hart, among: outcomes),
            stretches.filter { Int($0.span.hart) == hart }.map(\.span)
          ))
      }
    }
    output.line("")
    output.line("Timelines of seed 1")
    let end = max(1, outcomes.map(\.drawnEnd).max() ?? 1)
    TimelineText.overview(rows, end: end, people.who, output)
  }

  /// The table with figures and their intervals put together.
  private static func joined(_ table: ReportTable) -> QueryResult {
    var columns: [String] = []
    var cells: [[QueryResult.Value]] = table.rows.map { _ in [] }
    for (index, column) in table.columns.enumerated() {
      if column.hasSuffix("_ci") || table.rows.allSatisfy({ $0[index] == .null }) { continue }
      let hasInterval =
        index + 1 < table.columns.count && table.columns[index + 1] == "\(column)_ci"
      let values = table.rows.map { row -> QueryResult.Value in
        guard hasInterval, row[index + 1] != .null else { return row[index] }
        return .text("\(text(row[index])) \u{b1}\(text(row[index + 1]))")
      }
      columns.append(column)
      for (place, value) in aligned(values).enumerated() { cells[place].append(value) }
    }
    return QueryResult(columns: columns, rows: cells)
  }

  /// Figures with intervals are texts, and their parts stand below each other.
  private static func aligned(_ values: [QueryResult.Value]) -> [QueryResult.Value] {
    func parts(_ value: QueryResult.Value) -> [Substring]? {
      guard case .text(let text) = value else { return nil }
      let parts = text.split(separator: " ")
      return parts.count == 2 && parts[1].hasPrefix("\u{b1}") ? parts : nil
    }
    let widest = values.compactMap { parts($0)?[0].count }.max() ?? 0
    let widestInterval = values.compactMap { parts($0)?[1].count }.max() ?? 0
    return values.map { value in
      guard let found = parts(value) else { return value }
      let before = String(repeating: " ", count: widest - found[0].count)
      let between = String(repeating: " ", count: widestInterval - found[1].count)
      return .text("\(before)\(found[0]) \(between)\(found[1])")
    }
  }

  private static func text(_ value: QueryResult.Value) -> String {
    switch value {
    case .integer(let number): "\(number)"
    // To the digits that all of a column have.
    case .real(let number): String(format: "%.3f", number)
    case .null, .text, .blob: ""
    }
  }
}
