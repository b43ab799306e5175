// `drydock serve` on some session, and requests to it, byte for byte as a test wants them.

import Foundation

/// What came back.
public struct WebAnswer: Sendable {
  public var status: Int
  /// Their names in small letters.
  public var headers: [String: String]
  public var body: String

  public var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
  }
}

/// A server that is running.
public final class ServedPage: @unchecked Sendable {
  // Requests may be sent by many threads: each has a connection of its own, and the rest is constant.

  public let port: UInt16
  public var address: String { "http://127.0.0.1:\(port)/" }
  private let running: DrydockTool.Running

  public init(_ session: String, _ options: [String] = []) throws {
    running = try DrydockTool.start(["serve", session, "--port", "0"] + options)
    let line = running.firstLine()
    guard let url = URL(string: line), let port = url.port.flatMap(UInt16.init(exactly:)) else {
      running.process.terminate()
      let run = try DrydockTool.finish(running)
      throw ServedPageError("found \"\(line)\" and \"\(run.errors)\", expected an address")
    }
    self.port = port
  }

  deinit { running.process.terminate() }

  /// Ends the server by a signal and waits for its end.
  public func end(by signal: Int32 = SIGTERM) throws -> ToolRun {
    kill(running.process.processIdentifier, signal)
    return try DrydockTool.finish(running)
  }

  public func get(_ path: String, headers: [String] = []) throws -> WebAnswer {
    try request("GET", path, headers: headers)
  }

  public func query(_ sql: String) throws -> WebAnswer {
    try request("POST", "/query", body: sql)
  }

  /// Asks again and again until the answer is as wanted, for a minute at the most.
  public func query(_ sql: String, until isWanted: (WebAnswer) -> Bool) throws -> WebAnswer {
    var answer = try query(sql)
    try waitFor {
      if isWanted(answer) { return true }
      answer = try query(sql)
      return false
    }
    return answer
  }

  public func request(
    _ method: String, _ path: String, host: String? = nil, headers: [String] = [],
    body: String = ""
  ) throws -> WebAnswer {
    let connection = try connect()
    let lines =
      [
        "\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close",
        "Content-Length: \(body.utf8.count)",
      ] + headers
    try connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    return try WebAnswer(connection.readToEnd())
  }

  /// A connection on which a test sends what it likes.
  public func connect() throws -> WebConnection { try WebConnection(port) }

  /// A request that leaves its connection open.
  public func lines(_ method: String, _ path: String, body: String = "") -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
  }

  /// Sends a query, and maybe more behind it, and goes away without waiting for the answer.
  ///
  /// - Parameter wait: returns when it is time to go.
  public func abandon(query sql: String, more: String = "", when wait: () throws -> Void) throws {
    let connection = try connect()
    try connection.send(lines("POST", "/query", body: sql) + more)
    try wait()
    withExtendedLifetime(connection) {}
  }
}

struct ServedPageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

extension WebAnswer {
  fileprivate init(_ text: String) throws {
    guard let gap = text.range(of: "\r\n\r\n") else {
      throw ServedPageError("found \"\(text)\", expected an answer")
    }
    let lines = text[..<gap.lowerBound].components(separatedBy: "\r\n")
    status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    headers = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    body = String(text[gap.upperBound...])
  }
}

/// A connection to a port of this machine. One thread may send on it while another waits for that one's end.
public final class WebConnection: @unchecked Sendable {
  private let descriptor: Int32
  /// What has come and was not asked for yet.
  private var unread: [UInt8] = []

  public init(_ port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let code = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw ServedPageError("no connection to port \(port): errno \(errno)") }
  }

  deinit { close(descriptor) }

  public func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw ServedPageError("the server has hung up: errno \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more will be sent.
  public func closeSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes at once, whatever is on its way.
  public func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Whether something has come, or the end.
  public var hasSomething: Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return !unread.isEmpty || poll(&ready, 1, 0) > 0
  }

  public func readToEnd() throws -> String {
    while try fill() {}
    defer { unread = [] }
    return String(decoding: unread, as: UTF8.self)
  }

  /// So many bytes, or fewer at the end.
  public func read(_ count: Int) throws -> String {
    while unread.count < count, try fill() {}
    defer { unread.removeFirst(min(count, unread.count)) }
    return String(decoding: unread.prefix(count), as: UTF8.self)
  }

  /// One answer, and not what comes after it.
  public func readAnswer() throws -> WebAnswer {
    while true {
      let text = String(decoding: unread, as: UTF8.self)
      if let gap = text.range(of: "\r\n\r\n") {
        let head = try WebAnswer(String(text[..<gap.upperBound]))
        let start = text[..<gap.upperBound].utf8.count
        let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
        if unread.count >= start + length {
          defer { unread.removeFirst(start + length) }
          return try WebAnswer(String(decoding: unread[..<(start + length)], as: UTF8.self))
        }
      }
      guard try fill() else { throw ServedPageError("found \"\(text)\", expected an answer") }
    }
  }

  private func fill() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw ServedPageError("no answer: errno \(errno)") }
    unread += buffer[..<count]
    return count > 0
  }
}
