// Values as comma-separated text. Whatever a guest has put into them, no line contains anything that a
// terminal or a spreadsheet's parser could stumble over.

import Recorder

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
