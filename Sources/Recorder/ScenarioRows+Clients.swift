// A scenario's clients as texts of the table `scenario`, there and back again: a row for each, and one for each of its
// steps, behind it. Bytes that are no visible character of ASCII are escaped, so that a row is one readable line.

import Sim

extension HostClient {
  /// `127.0.0.1:8080 from 40000 at 2000000 reads 100`.
  var rowText: String {
    var text = "\(port) from \(from)"
    if let time { text += " at \(time)" }
    if let reads { text += " reads \(reads)" }
    return text
  }

  init?(rowText: String) {
    var words = rowText.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard let first = words.popFirst(), words.popFirst() == "from",
      let from = words.popFirst().flatMap({ plainNumber($0) }), let from = UInt16(exactly: from),
      let colon = first.lastIndex(of: ":"), let address = NetworkAddress(text: first[..<colon]),
      let port = plainNumber(first[first.index(after: colon)...]).flatMap({ UInt16(exactly: $0) })
    else { return nil }
    var numbers: [UInt64?] = []
    for name: Substring in ["at", "reads"] {
      guard words.first == name else {
        numbers.append(nil)
        continue
      }
      words.removeFirst()
      guard let number = words.popFirst().flatMap({ plainNumber($0) }) else { return nil }
      numbers.append(number)
    }
    guard words.isEmpty else { return nil }
    self.init(to: Endpoint(address, port), from: from, at: numbers[0], reads: numbers[1])
  }
}

extension HostClient.Step {
  /// `at 2000000 send "GET / HTTP/1.0\r\n\r\n"`, `take 16384`, `end sending` or `end connection`.
  var rowText: String {
    let start = time.map { "at \($0) " } ?? ""
    switch action {
    case .send(let bytes): return start + "send \"" + escapedBytes(bytes) + "\""
    case .take(let count): return start + "take \(count)"
    case .endSending: return start + "end sending"
    case .endConnection: return start + "end connection"
    }
  }

  init?(rowText: String) {
    var rest = rowText[...]
    var time: UInt64?
    func word() -> Substring {
      let word = rest.prefix { $0 != " " }
      rest = rest[word.endIndex...].dropFirst()
      return word
    }
    var verb = word()
    if verb == "at" {
      time = plainNumber(word())
      if time == nil { return nil }
      verb = word()
    }
    switch verb {
    case "send":
      guard rest.utf8.count >= 2, rest.first == "\"", rest.last == "\"",
        let bytes = unescapedBytes(rest.dropFirst().dropLast())
      else { return nil }
      self.init(.send(bytes), at: time)
    case "take":
      guard let count = plainNumber(rest).flatMap({ UInt32(exactly: $0) }) else { return nil }
      self.init(.take(count), at: time)
    case "end" where rest == "sending": self.init(.endSending, at: time)
    case "end" where rest == "connection": self.init(.endConnection, at: time)
    default: return nil
    }
  }
}

/// A number in decimal digits and nothing else.
private func plainNumber(_ text: Substring) -> UInt64? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    ? UInt64(text) : nil
}

private let hexDigits = Array("0123456789abcdef".utf8)

private func escapedBytes(_ bytes: [UInt8]) -> String {
  var text: [UInt8] = []
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "\n"): text += Array("\\n".utf8)
    case UInt8(ascii: "\r"): text += Array("\\r".utf8)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
    case 0x20...0x7e: text.append(byte)
    default:
      text += Array("\\x".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
    }
  }
  return String(decoding: text, as: UTF8.self)
}

/// What `escapedBytes` made such a text of; nil if it makes none such.
private func unescapedBytes(_ text: Substring) -> [UInt8]? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "\\") else {
      guard (0x20...0x7e).contains(byte), byte != UInt8(ascii: "\"") else { return nil }
      bytes.append(byte)
      continue
    }
    switch rest.popFirst() {
    case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
    case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
    case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
    case UInt8(ascii: "x"):
      guard let high = rest.popFirst().flatMap({ hexDigits.firstIndex(of: $0) }),
        let low = rest.popFirst().flatMap({ hexDigits.firstIndex(of: $0) })
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    default: return nil
    }
  }
  return bytes
}
