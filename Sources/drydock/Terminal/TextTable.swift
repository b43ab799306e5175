// Rows as aligned text. Whatever a guest has put into them, no line contains anything that drives a
// terminal.

import Recorder

/// Rows in aligned columns, numbers to the right.
struct TextTable {
  private static let widthLimit = 120
  /// Rows that are looked at before the first line is written. A wider one behind them stands out.
  private static let rowsLookedAt = 10_000
  private static let bytesLookedAt = 1 << 25

  private let columns: [String]
  private var widths: [Int]
  private var isNumeric: [Bool]

  /// A layout that fits these rows.
  private init(_ columns: [String], _ rows: some Sequence<[QueryResult.Value]>) {
    self.columns = columns.map { shownText($0) }
    widths = self.columns.map { displayWidth($0) }
    var isEmpty = true
    var isNumeric = Array(repeating: true, count: columns.count)
    for row in rows {
      isEmpty = false
      for (index, value) in row.enumerated() {
        let width = displayWidth(TextTable.cell(value))
        widths[index] = max(widths[index], min(width, TextTable.widthLimit))
        switch value {
        case .integer, .real, .null: break
        case .text, .blob: isNumeric[index] = false
        }
      }
    }
    self.isNumeric = isNumeric.map { $0 && !isEmpty }
  }

  private var heading: [String] {
    [
      line(of: columns), widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "),
    ]
  }

  private func line(_ row: [QueryResult.Value]) -> String { line(of: row.map(TextTable.cell)) }

  private func line(of cells: [String]) -> String {
    var text = ""
    var gap = 0
    for (index, cell) in cells.enumerated() {
      if index > 0 { gap += 2 }
      let padding = max(0, widths[index] - displayWidth(cell))
      if isNumeric[index] { gap += padding }
      // No spaces at the end of a line.
      if !cell.isEmpty {
        text += String(repeating: " ", count: gap)
        text += cell
        gap = 0
      }
      if !isNumeric[index] { gap += padding }
    }
    return text
  }

  private static func cell(_ value: QueryResult.Value) -> String {
    switch value {
    case .null: ""
    case .integer(let number): number.description
    case .real(let number): realText(number)
    case .text(let text): shownText(text)
    case .blob(let bytes): printable(bytes)
    }
  }

  /// All of a result's lines.
  static func lines(_ result: QueryResult) -> [String] {
    let table = TextTable(result.columns, result.rows)
    return table.heading + result.rows.map { table.line($0) }
  }

  /// Writes a result as its rows come.
  struct Writer {
    var columns: [String] = []
    private let output: OutputBuffer
    private var held: [[QueryResult.Value]] = []
    private var heldBytes = 0
    private var table: TextTable?

    init(_ output: OutputBuffer) { self.output = output }

    mutating func add(_ row: [QueryResult.Value]) {
      if let table {
        output.line(table.line(row))
      } else {
        held.append(row)
        heldBytes += row.reduce(0) { $0 + $1.size }
        if held.count == TextTable.rowsLookedAt || heldBytes > TextTable.bytesLookedAt { begin() }
      }
    }

    private mutating func begin() {
      let table = TextTable(columns, held)
      for line in table.heading { output.line(line) }
      for row in held { output.line(table.line(row)) }
      self.table = table
      held = []
    }

    mutating func finish() { if table == nil { begin() } }
  }
}
