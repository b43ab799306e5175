// The server's connections: what it makes of requests that come together, in parts, or not whole,
// and of browsers that are gone. What it answers is in ServeTests.

import Foundation
import Recorder
import TestSupport
import Testing

struct ServerConnectionTests {
  let folder: TemporaryFolder
  let session: String
  let page: ServedPage

  init() throws {
    folder = try TemporaryFolder()
    session = folder.file("s.db")
    try record(GuestRun.scenario(["echo", "hello"]), to: session)
    // An hour: what waits for a query to end by itself never comes to its end here.
    page = try ServedPage(session, ["--query-limit", "3600"])
  }

  @Test func requestsOnOneConnectionAreAnsweredInTheirOrder() throws {
    let connection = try page.connect()
    for path in ["/page.css", "/session", "/nothing", "/page.js"] {
      try connection.send(page.lines("GET", path))
      let answer = try connection.readAnswer()
      #expect(answer.status == (path == "/nothing" ? 404 : 200), "\(path)")
      #expect(answer.headers["connection"] == "keep-alive")
    }
    let paths = (1...20).map { "/event?seq=\($0)" }
    try connection.send(paths.map { page.lines("GET", $0) }.joined())
    for number in 1...20 { #expect(try connection.readAnswer().json["seq"] as? Int == number) }
  }

  @Test func aRequestMayComeByteByByte() throws {
    let connection = try page.connect()
    for byte in page.lines("POST", "/query", body: "SELECT 'ü'") {
      try connection.send(String(byte))
    }
    #expect(try connection.readAnswer().body.contains("[[\"ü\"]]"))
  }

  @Test func aBrowserThatHasClosedItsSideStillGetsItsAnswer() throws {
    let connection = try page.connect()
    try connection.send(page.lines("GET", "/progress") + page.lines("GET", "/event?seq=1"))
    connection.closeSending()
    #expect(try connection.readAnswer().json["known"] is Int)
    #expect(try connection.readAnswer().json["seq"] as? Int == 1)
    #expect(try connection.readToEnd().isEmpty)
  }

  @Test func anOldBrowserIsAnsweredAndItsConnectionClosed() throws {
    let connection = try page.connect()
    try connection.send("GET /progress HTTP/1.0\r\nHost: localhost\r\n\r\n")
    #expect(try connection.readToEnd().contains("\"known\""))
  }

  /// More requests wait behind the query, so that nobody would read its connection's end.
  @Test func aBrowserThatIsGoneIsNoticedThoughItAskedForMore() throws {
    var workers: [pid_t] = []
    for _ in 0..<2 {
      try page.abandon(query: TraceQueryLoop.endless, more: page.lines("GET", "/session")) {
        workers = try ServeTests.waitForQuery(of: session, besides: workers)
      }
    }
    #expect(try page.query("SELECT 1", until: { $0.status == 200 }).status == 200)
  }

  @Test(arguments: [
    ("hello\r\n\r\n", 400), ("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 400),
    ("GET /\r\n\r\n", 400), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400),
    ("POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
    (
      "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n", 501
    ),
    (
      "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n;",
      400
    ),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: localhost\n\n", 400), ("GET / HT", 400),
    ("\r\nGET /progress HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    ("GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: " + String(repeating: "a", count: 200_000) + "\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 403),
    ("GET http://localhost/progress HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200),
    ("GET //localhost/progress HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
  ])
  func whatIsNoRequestIsRefusedInWords(_ bytes: String, _ status: Int) throws {
    let connection = try page.connect()
    // The server may refuse it before it has come whole.
    try? connection.send(bytes)
    connection.closeSending()
    let answer = try connection.readAnswer()
    #expect(answer.status == status, "\(answer)")
    #expect(answer.json["error"] is String == (status != 200), "\(answer)")
    #expect(answer.headers["x-content-type-options"] == "nosniff")
    #expect(try page.get("/progress").status == 200)
  }

  @Test func aHeadIsRefusedWithoutABody() throws {
    let connection = try page.connect()
    try connection.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    let text = try connection.readToEnd()
    #expect(text.hasPrefix("HTTP/1.1 405 ") && text.hasSuffix("\r\n\r\n"), "\(text)")
  }

  @Test func whoComesBeyondTheLimitWaitsUntilAConnectionIsClosed() throws {
    var connections = try (0..<250).map { _ in try page.connect() }
    func roundTrip(_ connection: WebConnection) throws {
      try connection.send(page.lines("GET", "/page.css"))
      #expect(try connection.readAnswer().status == 200)
    }
    for connection in connections { try roundTrip(connection) }
    let late = try page.connect()
    try late.send(page.lines("GET", "/page.css"))
    for connection in connections.prefix(20) { try roundTrip(connection) }
    #expect(!late.hasSomething)
    connections.removeLast()
    #expect(try late.readAnswer().status == 200)
  }

  @Test func idleConnectionsDoNotPutOffTheEnd() throws {
    let connections = try (0..<10).map { _ in try page.connect() }
    try connections[0].send("POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
    try connections[1].send("GET / HTT")
    let started = Date()
    let run = try page.end(by: SIGINT)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
    #expect(Date().timeIntervalSince(started) < 1)
    for connection in connections { _ = try? connection.readToEnd() }
  }
}
