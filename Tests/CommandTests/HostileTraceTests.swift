// Files made to keep whoever reads them busy for ever, or to take all of a machine's memory. Each
// command says what is wrong, and every one of them ends.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct HostileTraceTests {
  let folder: TemporaryFolder
  var path: String { folder.file("hostile.db") }
  private static let original: String = {
    let path = TemporaryFolder.shared.file("hostile-original.db")
    do {
      try record(GuestRun.scenario(["inversion"]), to: path)
    } catch {
      preconditionFailure("no session to change: \(error)")
    }
    return path
  }()

  init() throws { folder = try TemporaryFolder() }

  /// Runs the tool, and ends it if it does not end.
  private func run(_ arguments: String) throws -> ToolRun {
    try DrydockTool.shell("exec timeout -s KILL 60 \"$DRYDOCK\" \(arguments)", in: folder.path)
  }

  private func leadInCircles(_ table: String) throws {
    var pages = try DatabasePages(path: Self.original)
    pages.leadInCircles(try DatabasePages.root(of: table, in: Self.original))
    try pages.write(to: path)
  }

  @Test(arguments: [
    "info hostile.db", "replay hostile.db", "verify hostile.db", "stat sched hostile.db",
    "stat story hostile.db", "report hostile.db -o r.html", "dump hostile.db",
    "export hostile.db --format csv", "diff hostile.db hostile.db",
    "query hostile.db 'SELECT count(*) FROM event'",
    "query hostile.db 'SELECT sum(a0) FROM event'",
    "query hostile.db 'SELECT count(*) FROM syscall'",
  ])
  func eventsThatLeadInCirclesAreToldByEveryCommand(_ command: String) throws {
    try leadInCircles("event")
    let run = try run(command)
    #expect(run.status == 2 && run.errorLines.count == 1, "\(run.errors)")
    let isTold =
      run.errors.contains("pages of the file may lead in circles")
      || run.errors.contains("events are missing: found event 1, expected")
    #expect(isTold, "\(run.errors)")
    #expect(try folder.names == ["hostile.db"])
  }

  @Test(arguments: ["name", "process", "call", "file", "scenario", "kind", "container"])
  func tablesThatLeadInCirclesAreToldAtOnce(_ table: String) throws {
    try leadInCircles(table)
    for command in ["info hostile.db", "query hostile.db 'SELECT 1'"] {
      let run = try run(command)
      #expect(run.status == 2, "\(run)")
      let words = "hostile.db: damaged: \(table): found row "
      #expect(run.errors.contains(words) && run.errors.contains("in circles"), "\(run.errors)")
    }
  }

  @Test func aSchemaThatLeadsInCirclesIsTold() throws {
    // Rows of indexes that belong to a table's definition may come again without being an error.
    try TraceSurgery.alter(
      Self.original,
      "CREATE TABLE extra (a UNIQUE); PRAGMA writable_schema = ON; "
        + "DELETE FROM sqlite_schema WHERE type = 'view'", into: path)
    var pages = try DatabasePages(path: path)
    pages.makeInner(1, width: 300, child: pages.firstLeaf(below: 1))
    try pages.write(to: path)
    let run = try run("info hostile.db")
    #expect(run.status == 2 && run.errorLines.count == 1, "\(run)")
  }

  @Test(arguments: ["info", "replay", "verify"])
  func aSchemaThatIsNoSQLIsToldInALineThatEnds(_ command: String) throws {
    let words = "CREATE VIEW console AS SELECT \u{1b}[31m'" + String(repeating: "x\n", count: 5000)
    try TraceSurgery.alter(
      Self.original,
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \(sqlQuoted(words)) "
        + "WHERE name = 'console'", into: path)
    let run = try run("\(command) hostile.db")
    #expect(run.status == 2 && run.errors.contains("malformed database schema (console)"), "\(run)")
    #expect(run.errors.utf8.count < 700 && !run.errors.contains("\u{1b}"), "\(run)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run)")
  }

  private func sqlQuoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  @Test func whoIsTheirOwnAncestorIsShownOnceAndTold() throws {
    try TraceSurgery.alter(
      Self.original,
      """
      UPDATE process SET parent_upid = upid WHERE upid = 3;
      UPDATE process SET parent_upid = 5 WHERE upid = 4;
      UPDATE process SET parent_upid = 4 WHERE upid = 5;
      INSERT INTO process VALUES (0, 0, NULL, 'nobody', 0, NULL, 0, 0, NULL);
      """, into: path)
    let run = try run("report hostile.db -o r.html")
    #expect(run.status == 2, "\(run)")
    #expect(run.errors.contains("process 0 is its own ancestor"), "\(run.errors)")
    let page = try String(contentsOfFile: folder.file("r.html"), encoding: .utf8)
    let listed = try #require(page.firstMatch(of: /"columns":\{"pid":\[([0-9,]+)\]/)).1
      .split(separator: ",").map(String.init)
    for pid in [0, 3, 4, 5] {
      #expect(listed.filter { $0 == "\(pid)" }.count == 1, "\(pid)")
    }
    let served = try ServedPage(path)
    let processes = try #require(served.get("/session").json["processes"] as? [String: Any])
    let pids = try #require((processes["columns"] as? [String: [Any]])?["pid"] as? [Int])
    #expect(Set(pids).count == pids.count && pids.count == listed.count)
    #expect(try self.run("export hostile.db --format folded").status == 2)
  }

  @Test func theToolAsksItsOwnViewsWhateverTheFileCallsSo() throws {
    let endless = "WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n)"
    let views = ["run_slice", "sched_event", "violation_root", "syscall"].map {
      "DROP VIEW \($0); CREATE VIEW \($0) AS \(endless) "
        + "SELECT seq, seq AS time, 1 AS pid, 1 AS cid, 1 AS duration FROM n;"
    }
    try TraceSurgery.alter(Self.original, views.joined(), into: path)
    for sql in ["SELECT count(*) FROM syscall", "SELECT sum(duration) FROM run_slice"] {
      let found = try run("query hostile.db '\(sql)'")
      let expected = try DrydockTool.run(["query", Self.original, sql])
      #expect(found.status == 0 && found.output == expected.output, "\(found)")
    }
    let report = try run("report hostile.db -o r.html")
    #expect(report.errors.contains("wrote r.html"), "\(report)")
    #expect(report.errors.contains("table views was altered"), "\(report)")
  }

  /// A signal finds the tool within one of SQLite's instructions, in a loop, or in a file without end.
  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsACommandAtOnce(_ signal: Int32) throws {
    try leadInCircles("event")
    let oneLongCall = "SELECT instr(hex(zeroblob(9000000)), hex(zeroblob(900000)) || '1')"
    for command in [
      ["query", Self.original, oneLongCall],
      ["query", Self.original, TraceQueryLoop.endless], ["info", "hostile.db"],
    ] {
      var started = Date()
      func interrupted() throws -> ToolRun {
        let running = try DrydockTool.start(command, in: folder.path)
        let pid = running.process.processIdentifier
        // It works, and has not just been started.
        try waitFor { HostProcess.processorTime(of: pid) >= 0.2 || !running.process.isRunning }
        started = Date()
        kill(pid, signal)
        return try DrydockTool.finish(running)
      }
      var run = try interrupted()
      // Once in a while the tool has found out that the file has no end before the signal comes.
      for _ in 0..<20 where run.errors.contains("circles") { run = try interrupted() }
      #expect(run.status == 128 + signal, "\(command): \(run)")
      #expect(run.output.isEmpty && run.errors.isEmpty, "\(run)")
      #expect(Date().timeIntervalSince(started) < 5, "\(command)")
    }
  }

  @Test func whatAQueryMakesIsBounded() throws {
    for (sql, words) in [
      ("SELECT hex(zeroblob(500000000))", "too big"),
      (
        "SELECT printf(\"%*c\", 100000000, 1), printf(\"%*c\", 100000000, 1), printf(\"%*c\", 100000000, 1)",
        "row of 300000000 bytes"
      ),
    ] {
      let sql = sql.replacingOccurrences(of: "\"", with: "'\\''")
      let run = try run("query '\(Self.original)' '\(sql)'")
      #expect(run.status == 2 && run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func circlesAmongProcessesAreOpenedAtTheirLowestNumber() {
    func process(_ pid: Int32, _ parent: Int32?) -> (Int32, SessionFacts.ProcessFacts) {
      (
        pid,
        SessionFacts.ProcessFacts(
          pid: pid, name: "p", start: 0, end: nil, parent: parent, cid: 0, status: nil)
      )
    }
    let tree = ProcessTree(
      Dictionary(
        uniqueKeysWithValues: [
          process(1, nil), process(2, 1), process(3, 99), process(4, 4), process(5, 7),
          process(6, 5), process(7, 6), process(8, 6), process(9, 8), process(0, 0),
        ]))
    #expect(tree.circles == [0, 4, 5])
    #expect(tree.nodes.map(\.pid) == [1, 2, 3, 0, 4, 5, 6, 7, 8, 9])
    #expect(tree.nodes.map(\.depth) == [0, 1, 0, 0, 0, 0, 1, 2, 2, 3])
    #expect(tree.nodes.map(\.parent) == [0, 1, 0, 0, 0, 0, 5, 6, 6, 8])
  }
}
