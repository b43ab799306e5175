// Text from guests can hold anything. What a person gets to see of it never contains a terminal
// escape, a line break or half a character: those are shown as escapes.

/// The bytes as text on one line: UTF-8 as it is, everything that does not print as `\n`, `\x1b`
/// or `\u{202e}`, and a backslash as `\\`.
public func printable(_ bytes: some Sequence<UInt8>) -> String {
  let bytes = Array(bytes)
  var text = ""
  var place = 0
  while place < bytes.count {
    if let (scalar, size) = character(at: place, of: bytes) {
      append(scalar, to: &text)
      place += size
    } else {
      // Only this byte is given up; the ones after it may begin a character of their own.
      text += escape(bytes[place])
      place += 1
    }
  }
  return text
}

/// The character that begins with a byte, and how many bytes it has (the Unicode standard, table 3-7);
/// nil if none does. The standard library's decoder reads ahead, and where something is wrong cannot
/// say how far.
private func character(at place: Int, of bytes: [UInt8]) -> (scalar: Unicode.Scalar, size: Int)? {
  let size: Int
  switch bytes[place] {
  case 0..<0x80: size = 1
  case 0xc2...0xdf: size = 2
  case 0xe0...0xef: size = 3
  case 0xf0...0xf4: size = 4
  default: return nil
  }
  guard place + size <= bytes.count else { return nil }
  var value = size == 1 ? UInt32(bytes[place]) : UInt32(bytes[place]) & (0x7f >> UInt32(size))
  for byte in bytes[place + 1..<place + size] {
    guard byte & 0xc0 == 0x80 else { return nil }
    value = value << 6 | UInt32(byte & 0x3f)
  }
  // What could have been said in fewer bytes is no character, nor is half of a pair of UTF-16.
  let least: UInt32 = size < 3 ? 0 : size == 3 ? 0x800 : 0x10000
  guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
  return (scalar, size)
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
    value < 0x80 ? (0x20..<0x7f).contains(value) : !HiddenCharacters.contains(self)
  }
}

private func escape(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
}
