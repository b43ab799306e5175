// What the page's script is given, as JSON: the same for a page that holds a session and for one that
// asks for it piece by piece. Whatever a guest has named is printable before it gets here; what a
// script's numbers would round is a text there.

import Recorder
import Sim

enum PageJSON {
  private static let rowsLimit = 500

  static func quoted(_ text: String) -> String { JSONText.quoted(shownText(text)) }

  /// A time, or any other number, exactly.
  static func exact(_ number: Int64) -> String {
    (-exactLimit...exactLimit).contains(number) ? "\(number)" : "\"\(number)\""
  }

  static func exact(_ number: Int64?) -> String { number.map(exact) ?? "null" }

  /// What is wrong, in words that may hold more than one line.
  static func error(_ words: String) -> String { "{\"error\":\(JSONText.quoted(words))}" }

  /// Fields as an object.
  static func object(_ fields: [(name: String, json: String)]) -> String {
    "{\(fields.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",\n"))}"
  }

  /// Fields that are lists, on one line.
  static func columns(_ fields: [(name: String, values: [String])]) -> String {
    let columns = fields.map { "\"\($0.name)\":[\($0.values.joined(separator: ","))]" }
    return "{\(columns.joined(separator: ","))}"
  }

  /// Texts that come again and again, by number.
  struct Words {
    var all: [String] = [""]
    private var numbers: [String: Int] = ["": 0]

    mutating func number(of word: String) -> Int {
      if let number = numbers[word] { return number }
      numbers[word] = all.count
      all.append(word)
      return all.count - 1
    }

    var json: String { "[\(all.map(quoted).joined(separator: ","))]" }
  }

  // MARK: Tables

  /// The tables of the reports, by their titles.
  static func groups(_ groups: [(title: String, tables: [ReportTable])]) -> String {
    let groups = groups.map { title, tables in
      let tables = tables.map(table).joined(separator: ",\n")
      return "{\"title\":\(quoted(title)),\"tables\":[\(tables)]}"
    }
    return "[\(groups.joined(separator: ",\n"))]"
  }

  private static func table(_ table: ReportTable) -> String {
    "{\"title\":\(quoted(table.title)),\"bars\":\(table.bars.map { "\($0)" } ?? "null"),"
      + "\"total\":\(table.rows.count),"
      + rows(table.columns, table.rows.prefix(PageJSON.rowsLimit)) + "}"
  }

  /// Columns and rows, as two fields of an object.
  static func rows(_ columns: [String], _ rows: some Sequence<[QueryResult.Value]>) -> String {
    self.rows(columns, rows.map(row))
  }

  /// The same of rows that are JSON already.
  static func rows(_ columns: [String], _ rows: [String]) -> String {
    let columns = columns.map(quoted).joined(separator: ",")
    return "\"columns\":[\(columns)],\"rows\":[\(rows.joined(separator: ",\n"))]"
  }

  /// One row.
  static func row(_ values: [QueryResult.Value]) -> String {
    "[\(values.map(value).joined(separator: ","))]"
  }

  /// A number that the page's script would round is a text there, and so is what has no number or text
  /// in JSON: the page shows what `drydock query` does.
  private static func value(_ value: QueryResult.Value) -> String {
    switch value {
    case .integer(let number): exact(number)
    case .text(let text): quoted(text)
    case .blob(let bytes): JSONText.quoted(printable(bytes))
    case .real(let number) where number.isInfinite: number < 0 ? "\"-Inf\"" : "\"Inf\""
    case .real, .null: JSONText.value(value)
    }
  }

  /// Up to here a script's numbers are exact.
  private static let exactLimit: Int64 = 1 << 53
}
