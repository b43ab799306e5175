// Reports as text and as JSON.

import Recorder

enum ReportText {
  private static let barWidth = 40

  static func write(_ tables: [ReportTable], top: Int, _ output: OutputBuffer) {
    for (index, table) in tables.enumerated() {
      if index > 0 { output.line("") }
      output.line(table.title)
      if table.rows.isEmpty {
        output.line("  none")
        continue
      }
      var result = QueryResult(
        columns: table.columns, rows: Array(table.rows.prefix(table.bars == nil ? top : .max)))
      if let bars = table.bars { draw(bars, &result) }
      for line in TextTable.lines(result) { output.line(line) }
      let rest = table.rows.count - result.rows.count
      if rest > 0 { output.line("and \(rest) more; --top \(table.rows.count) shows all") }
    }
  }

  private static func draw(_ column: Int, _ result: inout QueryResult) {
    func number(_ row: [QueryResult.Value]) -> Int64 {
      if case .integer(let number) = row[column] { number } else { 0 }
    }
    let most = max(1, result.rows.map(number).max() ?? 1)
    result.columns.append("")
    for index in result.rows.indices {
      let count = number(result.rows[index])
      let length = Int(Double(count) / Double(most) * Double(barWidth))
      let bar = count > 0 ? String(repeating: "#", count: max(1, length)) : ""
      result.rows[index].append(.text(bar))
    }
  }
}

enum ReportJSON {
  static func write(_ tables: [ReportTable], complete: Bool, _ output: OutputBuffer) {
    output.write("{\n  \"complete\": \(complete)")
    for table in tables {
      output.write(",\n  \(JSONText.quoted(table.key)): [")
      let names = table.columns.map(JSONText.quoted)
      for (index, row) in table.rows.enumerated() {
        output.write(index == 0 ? "\n    " : ",\n    ")
        JSONText.write(row, names, output)
      }
      output.write(table.rows.isEmpty ? "]" : "\n  ]")
    }
    output.line("\n}")
  }
}
