// Rows as aligned text, as CSV and as JSON. Whatever a guest has put into them, no line contains
// anything that a terminal, a spreadsheet's parser or a JSON parser could stumble over.

import Foundation
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

/// Whether the text is of printable ASCII alone, none of it among `special`: most texts are, and
/// need no second look.
private func isPlain(_ text: String, besides special: [UInt8]) -> Bool {
  text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && !special.contains($0) }
}

/// A floating-point number, infinity as `sqlite3` writes it.
private func realText(_ number: Double) -> String {
  number.isInfinite ? (number < 0 ? "-Inf" : "Inf") : "\(number)"
}

/// Fields of comma-separated values (RFC 4180). NULL is an empty field and a BLOB is `x'00ff'`, as in
/// SQL; a text that could be taken for one of these, or for a number, is in quotes.
enum CSVText {
  /// A value that is known to be a text.
  static func text(_ text: String) -> String {
    let isAmbiguous =
      switch text.utf8.first ?? UInt8(ascii: "0") {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "."):
        true
      case UInt8(ascii: "x"), UInt8(ascii: "X"): text.utf8.dropFirst().first == UInt8(ascii: "'")
      case UInt8(ascii: "i"), UInt8(ascii: "I"): text.lowercased().hasPrefix("inf")
      default: false
      }
    let field = CSVText.field(text)
    return isAmbiguous && field.utf8.first != UInt8(ascii: "\"") ? "\"\(field)\"" : field
  }

  static func field(_ text: String) -> String {
    if isPlain(text, besides: [UInt8(ascii: ","), UInt8(ascii: "\"")]) { return text }
    // Line breaks and tabs survive within quotes; whatever drives a terminal does not.
    var safe = ""
    for scalar in text.unicodeScalars {
      let isPlain = scalar == "\n" || scalar == "\t" || scalar == "\\"
      if isPlain { safe.unicodeScalars.append(scalar) } else { safe += printable("\(scalar)") }
    }
    guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
    return
      "\"\(safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }

  /// A row as a line.
  static func write(_ row: [QueryResult.Value], _ output: OutputBuffer) {
    for (index, value) in row.enumerated() {
      if index > 0 { output.write(",") }
      switch value {
      case .null: break
      case .integer(let number): output.write(number)
      case .real(let number): output.write(realText(number))
      case .text(let text): output.write(CSVText.text(text))
      case .blob(let bytes): output.write(literal(bytes))
      }
    }
    output.line("")
  }

  /// Bytes as SQL has them.
  private static func literal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = Array("x'".utf8)
    text.reserveCapacity(2 * bytes.count + 3)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    text.append(UInt8(ascii: "'"))
    return String(decoding: text, as: UTF8.self)
  }
}

/// Values as JSON (RFC 8259), such that whoever reads them with a script's numbers loses nothing: an
/// integer that those would round is a text of its digits, a BLOB is an object as Datasette has it, and
/// infinity is a number too large for any, as in SQLite's own JSON.
enum JSONText {
  static func quoted(_ text: String) -> String {
    if isPlain(text, besides: [UInt8(ascii: "\""), UInt8(ascii: "\\")]) { return "\"\(text)\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.prints {
          result.unicodeScalars.append(scalar)
        } else {
          for unit in String(scalar).utf16 { result += escape(unit) }
        }
      }
    }
    return result + "\""
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  static func value(_ value: QueryResult.Value) -> String {
    switch value {
    case .null: "null"
    case .integer(let number):
      exact.contains(number) ? number.description : "\"\(number)\""
    case .real(let number): number.isInfinite ? (number < 0 ? "-1e999" : "1e999") : "\(number)"
    case .text(let text): quoted(text)
    case .blob(let bytes):
      "{\"$base64\": true, \"encoded\": \"\(Data(bytes).base64EncodedString())\"}"
    }
  }

  /// The integers that a double has exactly, each and its neighbours.
  static let exact: ClosedRange<Int64> = -(1 << 53) + 1...(1 << 53) - 1

  /// Names as the keys of one object, quoted: each is there once, the second `name` as `name_2`.
  static func keys(_ names: [String]) -> [String] {
    var taken = Set(names)
    var seen: Set<String> = []
    return names.map { name in
      guard !seen.insert(name).inserted else { return quoted(name) }
      var number = 2
      while !taken.insert("\(name)_\(number)").inserted { number += 1 }
      return quoted("\(name)_\(number)")
    }
  }

  /// A row as an object; `names` are quoted.
  static func write(_ row: [QueryResult.Value], _ names: [String], _ output: OutputBuffer) {
    output.write("{")
    for (index, value) in row.enumerated() {
      if index > 0 { output.write(", ") }
      output.write(names[index])
      output.write(": ")
      if case .integer(let number) = value, exact.contains(number) {
        output.write(number)
      } else {
        output.write(JSONText.value(value))
      }
    }
    output.write("}")
  }
}
