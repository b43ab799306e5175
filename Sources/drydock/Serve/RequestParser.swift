// The syntax of HTTP/1.1 as far as a page's requests need it (RFC 9112), and strictly: what two readers
// could take for different requests is none. Bodies come with their length.

/// A request as it stands on the wire.
struct WebRequest: Sendable {
  var method: String
  var target: String
  /// Whether the connection may be used again.
  var isKept: Bool
  /// Names in small letters, in their order.
  var headers: [(name: String, value: String)] = []
  var body: [UInt8] = []

  subscript(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// Takes requests from bytes as they come.
struct RequestParser {
  /// Of a request's line and headers, and of its body, in bytes.
  static let headLimit = 64 << 10
  static let bodyLimit = 100_000

  private enum Stage {
    case head
    case body(WebRequest, length: Int)
    /// So much is still to come of a body that is too long. It is read to its end all the same: an answer
    /// to somebody who is still sending would be lost.
    case excess(Int)
  }

  private var unread: [UInt8] = []
  /// In so many of them there is no end of a head.
  private var searched = 0
  private var stage = Stage.head

  /// Whether a request has begun.
  var isAmidst: Bool {
    if case .head = stage { !unread.isEmpty } else { true }
  }

  mutating func append(_ bytes: some Collection<UInt8>) { unread += bytes }

  /// The next request if it has come whole.
  ///
  /// - Throws: `PageRefusal` if what has come is none; nothing can be read after that, but where
  ///   only the body was too long.
  mutating func next() throws(PageRefusal) -> WebRequest? {
    if case .head = stage {
      guard let request = try head() else { return nil }
      let length = try RequestParser.length(of: request)
      stage = length > RequestParser.bodyLimit ? .excess(length) : .body(request, length: length)
    }
    switch stage {
    case .head: return nil
    case .body(var request, let length):
      guard unread.count >= length else { return nil }
      request.body = Array(unread.prefix(length))
      unread.removeFirst(length)
      stage = .head
      return request
    case .excess(let length):
      let come = min(length, unread.count)
      unread.removeFirst(come)
      stage = .excess(length - come)
      guard come == length else { return nil }
      stage = .head
      throw PageRefusal(
        .contentTooLarge,
        "found a body of more than \(RequestParser.bodyLimit) bytes, expected fewer")
    }
  }

  // MARK: The head

  static let refusal = PageRefusal(.badRequest, "found no request of HTTP/1.1")

  private mutating func head() throws(PageRefusal) -> WebRequest? {
    // An empty line before a request is no part of it.
    var empty = 0
    while unread[empty...].starts(with: [13, 10]) { empty += 2 }
    if empty > 0 {
      unread.removeFirst(empty)
      searched = 0
    }
    guard let first = unread.first else { return nil }
    // A client of another protocol would wait for an answer for ever.
    guard RequestParser.isToken(first) || unread == [13] else { throw RequestParser.refusal }
    guard let end = endOfHead() else {
      guard unread.count <= RequestParser.headLimit else { throw RequestParser.tooLong }
      return nil
    }
    guard end <= RequestParser.headLimit else { throw RequestParser.tooLong }
    let lines = unread[..<(end - 2)].split(separator: 10, omittingEmptySubsequences: false)
    let request = try RequestParser.request(lines.dropLast().map { $0 })
    unread.removeFirst(end)
    searched = 0
    return request
  }

  private static let tooLong = PageRefusal(
    .headersTooLarge, "found a head of more than \(headLimit) bytes, expected fewer")

  /// Behind the empty line.
  private mutating func endOfHead() -> Int? {
    var place = max(3, searched)
    while place < unread.count {
      if unread[place] == 10, unread[place - 1] == 13, unread[place - 2] == 10,
        unread[place - 3] == 13
      {
        return place + 1
      }
      place += 1
    }
    searched = place
    return nil
  }

  /// A request from its lines, each of which still has the first byte of its end.
  private static func request(_ lines: [ArraySlice<UInt8>]) throws(PageRefusal) -> WebRequest {
    var texts: [ArraySlice<UInt8>] = []
    for line in lines {
      guard line.last == 13, line.dropLast().allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }) else {
        throw refusal
      }
      texts.append(line.dropLast())
    }
    guard let first = texts.first else { throw refusal }
    let words = first.split(separator: 32, omittingEmptySubsequences: false)
    guard words.count == 3, words[0].allSatisfy(isToken), !words[1].isEmpty,
      words[1].allSatisfy({ $0 > 32 && $0 < 127 })
    else { throw refusal }
    let version = String(decoding: words[2], as: UTF8.self)
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else { throw refusal }
    var request = WebRequest(
      method: String(decoding: words[0], as: UTF8.self),
      target: String(decoding: words[1], as: UTF8.self), isKept: version == "HTTP/1.1")
    for text in texts.dropFirst() {
      guard let colon = text.firstIndex(of: 58), colon > text.startIndex,
        text[..<colon].allSatisfy(isToken)
      else { throw refusal }
      let value = text[(colon + 1)...].drop(while: isSpace)
      let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? value.startIndex
      request.headers.append(
        (
          String(decoding: text[..<colon], as: UTF8.self).lowercased(),
          String(decoding: value[..<end], as: UTF8.self)
        ))
    }
    let wishes = request["connection"].joined(separator: ",").lowercased()
      .split(separator: ",").map { $0.filter { $0 != " " } }
    if wishes.contains("close") {
      request.isKept = false
    } else if wishes.contains("keep-alive") {
      request.isKept = true
    }
    return request
  }

  private static func length(of request: WebRequest) throws(PageRefusal) -> Int {
    guard request["transfer-encoding"].isEmpty else {
      throw PageRefusal(.notImplemented, "found a Transfer-Encoding, expected a Content-Length")
    }
    let found = request["content-length"]
    guard let text = found.first else { return 0 }
    guard found.count == 1, text.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(text)
    else { throw refusal }
    return length
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  /// What methods and names of headers are made of.
  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, 65...90, 97...122, 33, 35...39, 42, 43, 45, 46, 94...96, 124, 126: true
    default: false
    }
  }
}
