// Text from guests can hold anything. What a person gets to see of it never contains a terminal
// escape, a line break or half a character: those are shown as escapes.

/// The bytes as text on one line: UTF-8 as it is, everything that does not print as `\n`, `\x1b`
/// or `\u{202e}`, and a backslash as `\\`.
public func printable(_ bytes: some Sequence<UInt8>) -> String {
  var text = ""
  var decoder = UTF8()
  var source = Array(bytes).makeIterator()
  var pending = source
  decoding: while true {
    let before = pending
    switch decoder.decode(&source) {
    case .scalarValue(let scalar):
      append(scalar, to: &text)
      pending = source
    case .emptyInput:
      break decoding
    case .error:
      // Only the first byte is given up; the ones after it may begin a character of their own.
      var retry = before
      if let byte = retry.next() { text += escape(byte) }
      source = retry
      pending = retry
      decoder = UTF8()
    }
  }
  return text
}

/// The text with everything that does not print escaped.
public func printable(_ text: String) -> String {
  // Most texts are of plain ASCII, and need no second look.
  let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") }
  return isPlain ? text : printable(FileName.bytes(of: text))
}

/// A text of a trace on one line, as a person gets to see it. Texts from guests are escaped in the
/// trace already, so that backslashes stay as they are; in a trace that somebody altered, or in what
/// a query made of it, there may still be something that does not print, which is escaped here.
public func shownText(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if scalar == "\\" { shown.unicodeScalars.append(scalar) } else { append(scalar, to: &shown) }
  }
  return shown
}

/// A message of the tool's own, in which there may be paths and words that it was given: what does
/// not print is escaped, line breaks too unless the next line is indented. Backslashes stay as they
/// are, for texts from guests are escaped already.
public func terminalText(_ message: String) -> String {
  var text = ""
  var rest = message.unicodeScalars[...]
  while let scalar = rest.popFirst() {
    if scalar == "\\" || scalar == "\n" && rest.starts(with: "  ".unicodeScalars) {
      text.unicodeScalars.append(scalar)
    } else if let byte = FileName.byte(scalar) {
      text += escape(byte)
    } else {
      append(scalar, to: &text)
    }
  }
  return text
}

private func append(_ scalar: Unicode.Scalar, to text: inout String) {
  switch scalar {
  case "\n": text += "\\n"
  case "\r": text += "\\r"
  case "\t": text += "\\t"
  case "\\": text += "\\\\"
  case " "..."~": text.unicodeScalars.append(scalar)
  default:
    if scalar.value < 0x80 {
      text += escape(UInt8(scalar.value))
      return
    }
    if scalar.prints {
      text.unicodeScalars.append(scalar)
    } else {
      text += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}

extension Unicode.Scalar {
  /// Whether it shows as itself, and neither steers a terminal nor turns the direction of a text.
  public var prints: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}

private func escape(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
}
