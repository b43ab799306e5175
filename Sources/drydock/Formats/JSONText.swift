// Values as JSON. Whatever a guest has put into them, no line contains anything that a terminal or a JSON
// parser could stumble over.

import Foundation
import Recorder

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
