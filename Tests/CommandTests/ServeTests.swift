// The server's answers, byte for byte, without a browser.

import Foundation
import Recorder
import Sim
import Synchronization
import TestSupport
import Testing

struct ServeTests {
  let folder: TemporaryFolder
  let session: String

  init() throws {
    folder = try TemporaryFolder()
    session = folder.file("s.db")
    try record(GuestRun.scenario(["inversion"]), to: session)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalEndsItCleanlyEvenWhileAQueryRuns(_ signal: Int32) throws {
    let page = try ServedPage(session)
    let asking = Meanwhile { _ = try? page.query(TraceQueryLoop.endless) }
    try ServeTests.waitForQuery(of: session)
    let started = Date()
    let run = try page.end(by: signal)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
    #expect(Date().timeIntervalSince(started) < 2)
    #expect(throws: (any Error).self) { try page.get("/") }
    asking.wait()
    // The process that ran it has ended as well.
    #expect(try ServeTests.workers(of: session).isEmpty)
  }

  /// The processes in which queries of a session run.
  private static func workers(of session: String) throws -> [pid_t] {
    try HostProcess.running(with: ["query-worker", session])
  }

  /// Waits until one of them is at work, and has not just been started.
  ///
  /// - Parameter known: those that were there before.
  @discardableResult
  static func waitForQuery(of session: String, besides known: [pid_t] = []) throws -> [pid_t] {
    var found: [pid_t] = []
    try waitFor {
      found = try workers(of: session).filter { !known.contains($0) }
      return found.contains { HostProcess.processorTime(of: $0) >= 0.3 }
    }
    return known + found
  }

  /// SQLite does not look up while a function of it works.
  static let oneLongCall = "SELECT instr(hex(zeroblob(490000)), hex(zeroblob(240000)) || '1')"

  @Test func aQuerysTimeIsUpEvenWithinOneCallOfAFunction() throws {
    let page = try ServedPage(session, ["--query-limit", "1"])
    for sql in [ServeTests.oneLongCall + " FROM event", TraceQueryLoop.endless] {
      let started = Date()
      let error = try page.query(sql).json["error"] as? String
      #expect(error == "stopped after 1 seconds; drydock query has no limit")
      #expect(Date().timeIntervalSince(started) < 4)
    }
    #expect(try ServeTests.workers(of: session).isEmpty)
  }

  @Test func aSignalEndsItWithinASecondWhateverGoesOn() throws {
    let page = try ServedPage(session, ["--query-limit", "3600"])
    let asking = Meanwhile { _ = try? page.query(ServeTests.oneLongCall + " FROM event") }
    try ServeTests.waitForQuery(of: session)
    let started = Date()
    #expect(try page.end(by: SIGINT).status == 0)
    #expect(Date().timeIntervalSince(started) < 2)
    asking.wait()
    try waitFor { try ServeTests.workers(of: session).isEmpty }
  }

  @Test func tooMuchAtOnceIsRefusedAndTheRestIsAnswered() throws {
    let page = try ServedPage(CommittedTraces.path("lecture"))
    let statuses = Collected()
    let asking = (0..<200).map { _ in
      Meanwhile {
        let answer = try? page.get("/window?from=0&to=20000000&pixels=20000")
        statuses.append(answer?.status ?? 0)
      }
    }
    for one in asking { one.wait() }
    let found = statuses.all
    #expect(Set(found) == [200, 503], "\(found)")
    #expect(found.count { $0 == 200 } >= 64, "\(found)")
    #expect(try page.get("/window?from=0&to=20000000&pixels=20000").status == 200)
  }

  @Test func anAnswerIsCountedAsItIsSent() throws {
    let page = try ServedPage(session)
    // Each of these bytes is five on the wire.
    let thousand =
      "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n)"
    let answer = try page.query("SELECT zeroblob(9000) FROM \(thousand)")
    #expect(answer.status == 200 && answer.json["complete"] as? Bool == false)
    #expect((100_000...8_000_000).contains(answer.body.utf8.count), "\(answer.body.utf8.count)")
    let rows = answer.json["rows"] as? [Any]
    #expect((1..<1000).contains(rows?.count ?? 0))
    let one = try page.query(
      "SELECT \(Array(repeating: "zeroblob(900000)", count: 3).joined(separator: ", "))")
    #expect((one.json["error"] as? String)?.contains("longer than an answer may be") == true)
  }

  @Test func theFileIsLeftAsItWas() throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: session))
    let page = try ServedPage(session)
    _ = try page.get("/session")
    let answer = try page.query("DELETE FROM event")
    #expect((answer.json["error"] as? String)?.contains("can only be read") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: session)) == before)
    #expect(try folder.names == ["s.db"])
  }

  @Test(arguments: [
    "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
    "[::1].evil.example", "",
  ])
  func anotherHostIsTurnedAway(_ host: String) throws {
    let page = try ServedPage(session)
    for path in ["/", "/session", "/page.js"] {
      let answer = try page.request("GET", path, host: host)
      #expect(answer.status == 403, "\(host) \(path)")
      #expect(!answer.body.contains("inversion"))
    }
  }

  @Test func theMachinesOwnNamesAreLetIn() throws {
    let page = try ServedPage(session)
    for host in ["localhost:\(page.port)", "LOCALHOST", "127.0.0.1", "[::1]:\(page.port)"] {
      #expect(try page.request("GET", "/session", host: host).status == 200, "\(host)")
    }
  }

  @Test func onlyItsOwnPageMayAsk() throws {
    let page = try ServedPage(session)
    let evil = "Origin: http://evil.example"
    #expect(try page.get("/session", headers: [evil]).status == 403)
    #expect(try page.request("POST", "/query", headers: [evil], body: "SELECT 1").status == 403)
    #expect(try page.get("/session", headers: ["Sec-Fetch-Site: cross-site"]).status == 403)
    #expect(try page.get("/", headers: ["Sec-Fetch-Site: cross-site"]).status == 200)
    let own = "Origin: http://127.0.0.1:\(page.port)"
    #expect(try page.get("/session", headers: [own]).status == 200)
  }

  @Test(arguments: [
    ("PUT", "/query", 405), ("DELETE", "/", 405), ("OPTIONS", "/", 405), ("GET", "/nothing", 404),
    ("GET", "/../../etc/passwd", 404), ("GET", "/query", 404), ("POST", "/session", 404),
    ("GET", "/window?from=x&to=1&pixels=1", 400), ("GET", "/window", 400),
    ("GET", "/window?from=-5&to=1&pixels=1", 400), ("GET", "/event?seq=0", 404),
    ("GET", "/event?seq=99999999999999999999", 400), ("GET", "/slice", 400),
  ])
  func whatIsNotUnderstoodIsRefused(_ method: String, _ path: String, _ status: Int) throws {
    let page = try ServedPage(session)
    let answer = try page.request(method, path)
    #expect(answer.status == status, "\(answer)")
    #expect(answer.json["error"] is String, "\(answer)")
    #expect(answer.headers["x-content-type-options"] == "nosniff")
  }

  @Test func everyAnswerForbidsWhatThePageDoesNotNeed() throws {
    let page = try ServedPage(session)
    for path in ["/", "/page.js", "/page.css", "/session", "/event?seq=1", "/nothing"] {
      let headers = try page.get(path).headers
      let policy = headers["content-security-policy"] ?? ""
      #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
      #expect(!policy.contains("unsafe"))
      #expect(headers["x-content-type-options"] == "nosniff", "\(path)")
      #expect(headers["cross-origin-resource-policy"] == "same-origin", "\(path)")
    }
  }

  @Test func aWindowHasWhatTheTimelineHas() throws {
    let page = try ServedPage(session)
    let expected = try Timeline(TraceReader(path: session), from: 400_000, to: 500_000).slices
    let answer = try page.get("/window?from=400000&to=500000&pixels=100000").json
    let slices = try #require(answer["slices"] as? [String: [Any]])
    #expect(slices["seq"] as? [Int64] == expected.map(\.sequence))
    #expect(slices["start"] as? [Int64] == expected.map(\.start))
    #expect(slices["pid"] as? [Int32] == expected.map(\.pid))
    let moment = try page.get("/window?from=500000&to=500000&pixels=1").json
    #expect((moment["slices"] as? [String: [Any]])?["pid"] as? [Int] == [5])
  }

  @Test func anEventComesWithItsRows() throws {
    let page = try ServedPage(session)
    let answer = try page.get("/event?seq=7").json
    let dump = try DrydockTool.run(["dump", session, "--from", "7", "--to", "7"]).output
    #expect(dump.contains(try #require(answer["line"] as? String)))
    let rows = try #require(answer["rows"] as? [[String: Any]])
    #expect(rows.first?["query"] as? String == "SELECT * FROM event WHERE seq = 7")
    let first = try #require((rows.first?["rows"] as? [[Any]])?.first)
    #expect(first.first as? Int == 7)
    #expect(rows.count == 2 && (rows[1]["rows"] as? [Any])?.count == 1)
  }

  @Test func slicesFollowOneAnother() throws {
    let page = try ServedPage(session)
    let expected = try Timeline(TraceReader(path: session)).slices.prefix(10).map(\.sequence)
    var found: [Int64] = []
    var last: Int64 = 0
    for _ in expected {
      let slices = try page.get("/slice?after=\(last)").json["slices"] as? [String: [Any]]
      last = try #require(slices?["seq"]?.first as? Int64)
      found.append(last)
    }
    #expect(found == expected)
    let before = try page.get("/slice?before=\(last)").json["slices"] as? [String: [Any]]
    #expect(before?["seq"] as? [Int64] == [expected[8]])
  }

  @Test func theTablesAreThoseOfTheReport() throws {
    let page = try ServedPage(session)
    var answer: [String: Any] = [:]
    try waitFor {
      answer = try page.get("/tables").json
      return answer["ready"] as? Bool == true
    }
    let groups = try #require(answer["groups"] as? [[String: Any]])
    #expect(groups.map { $0["title"] as? String ?? "" }.contains("Locks"))
    #expect(groups.count == (try ReportSet.tables(TraceReader(path: session))).count)
  }

  @Test func aQueryAnswersOrSaysWhatIsWrong() throws {
    let page = try ServedPage(session)
    let fine = try page.query("SELECT 1 AS a, '<b>' AS b, 9223372036854775807 AS c").json
    #expect(fine["columns"] as? [String] == ["a", "b", "c"])
    let row = try #require((fine["rows"] as? [[Any]])?.first)
    // A script would round the last one.
    #expect(row[0] as? Int == 1 && row[2] as? String == "9223372036854775807")
    let wrong = try page.query("SELECT * FROM scehd").json["error"] as? String
    #expect(
      wrong == """
        no such table: scehd
          SELECT * FROM scehd
                        ^
          nearest: sched
        """)
    let huge = try page.query("SELECT zeroblob(2000000000)").json["error"] as? String
    #expect(huge?.contains("too big") == true)
    let many = try page.query("SELECT a.id FROM call a, call b, call c").json
    #expect((many["rows"] as? [Any])?.count == 1000 && many["complete"] as? Bool == false)
    #expect(try page.query(String(repeating: " ", count: 200_000)).status == 413)
  }

  @Test func everyQuestionHasAnAnswerAndEveryTableItsColumns() throws {
    let page = try ServedPage(session)
    let schema = try page.get("/schema").json
    let examples = try #require(schema["examples"] as? [[String]])
    #expect(examples.count > 5)
    for example in examples {
      let answer = try page.query(example[1]).json
      #expect(answer["error"] == nil && answer["rows"] != nil, "\(example): \(answer)")
    }
    let relations = try #require(schema["relations"] as? [[String: Any]])
    for relation in relations {
      let name = try #require(relation["name"] as? String)
      let columns = try #require(relation["columns"] as? [[String]]).map { $0[0] }
      let answer = try page.query("SELECT * FROM \(name) LIMIT 1").json
      #expect(answer["columns"] as? [String] == columns, "\(name)")
    }
  }

  @Test func anAbandonedQueryMakesRoomForOthers() throws {
    // Two may run at a time, and these would for an hour.
    let page = try ServedPage(session, ["--query-limit", "3600"])
    var workers: [pid_t] = []
    for _ in 0..<2 {
      try page.abandon(query: ServeTests.oneLongCall + " FROM event") {
        workers = try ServeTests.waitForQuery(of: session, besides: workers)
      }
    }
    let answer = try page.query("SELECT 1", until: { $0.status == 200 })
    #expect(answer.status == 200)
  }

  @Test func thirdQueriesAreRefusedAndThePageGoesOn() throws {
    let page = try ServedPage(session, ["--query-limit", "3600"])
    let asking = (0..<2).map { _ in
      // It may be the third itself, for once.
      Meanwhile { _ = try? page.query(TraceQueryLoop.endless, until: { $0.status == 200 }) }
    }
    let third = try page.query("SELECT 1", until: { $0.status != 200 })
    #expect(third.status == 503)
    #expect((third.json["error"] as? String)?.contains("2 queries are running") == true)
    // Both go on for an hour, and the page answers all the same.
    #expect(try page.get("/window?from=0&to=100000&pixels=1000").status == 200)
    _ = try page.end()
    withExtendedLifetime(asking) {}
  }

  @Test func whatIsNoSessionIsToldInOneLine() throws {
    let text = try folder.write("hello", to: "x.db")
    for arguments in [
      ["serve", text], ["serve", "none.db"], ["serve", session, "--port", "70000"],
    ] {
      let run = try DrydockTool.run(arguments)
      #expect(run.status == 2 && run.errorLines.count == 1, "\(run)")
    }
    let page = try ServedPage(session)
    let run = try DrydockTool.run(["serve", session, "--port", "\(page.port)"])
    #expect(run.status == 2 && run.errorLines.count == 1, "\(run)")
  }
}

/// A query that never ends.
enum TraceQueryLoop {
  static let endless = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n
    """
}

/// Something that goes on meanwhile.
final class Meanwhile: Sendable {
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [done] in
      body()
      done.signal()
    }
  }

  func wait() { done.wait() }
}

/// Numbers that several threads have found.
private final class Collected: Sendable {
  private let numbers = Mutex<[Int]>([])
  var all: [Int] { numbers.withLock { $0 } }
  func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}
