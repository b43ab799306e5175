import Foundation
import Recorder
import Sim
import TestSupport
import Testing

/// `record`, `replay`, `diff`, `query`, `info` and `dump` through the real binary.
struct TraceCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  /// Answers to altered events would be worth nothing.
  @Test func verifyReadsTheEventsBeforeItAnswers() throws {
    let session = folder.file("v.db")
    try record(GuestRun.scenario(["true"]), to: session)
    try TraceSurgery.execute("UPDATE event SET a3 = a3 + 1 WHERE seq = 9", on: session)
    let run = try drydock("verify", session)
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    #expect(run.errors.contains("v.db: ") && run.errors.contains("event"), "\(run.errors)")
  }

  /// Three violations of a family are told, and how many more there are.
  @Test func verifyCountsWhatItDoesNotTell() throws {
    let session = folder.file("v.db")
    var scenario = try TraceReader(path: CommittedTraces.path("attack-prio")).scenario
    scenario.defects = [.priorityAboveOwn]
    try record(scenario, to: session)
    let run = try drydock("verify", session)
    #expect(run.status == 1)
    let rows = try TraceQuery.run("SELECT count(*) - 3 FROM violation_schedule", on: session).rows
    guard case .integer(let more) = rows[0][0] else { throw CocoaError(.coderInvalidValue) }
    #expect(more > 1)
    let lines = run.output.split(separator: "\n").filter { $0.hasPrefix("violated ") }
    #expect(lines.count == 4 && lines.last == "violated schedule \(more) more times", "\(lines)")
  }

  /// A session of a kernel with a defect is never taken for one of the kernel.
  @Test func defectsAreNamedWhereASessionIsShown() throws {
    #expect(try drydock("record", "--defect", "dotdot-literal", "--", "true").status == 0)
    #expect(try drydock("info", "session.db").output.contains("\ndefects       dotdot-literal\n"))
    let story = try drydock("stat", "story", "session.db").output
    #expect(story.contains("The kernel is told to make a mistake, dotdot-literal: Only the path"))
    #expect(try drydock("report", "session.db", "-o", "r.html").status == 0)
    let page = try String(contentsOfFile: folder.file("r.html"), encoding: .utf8)
    #expect(page.contains("dotdot-literal: Only the path"))
  }

  @Test func aRecordingReplaysAnywhere() throws {
    _ = try folder.write("harts: 2\nseed: 4\nscript: [primes 12, 'echo x | cat']\n", to: "s.yaml")
    let record = try drydock("record", "--scenario", "s.yaml")
    #expect(record.status == 0)
    #expect(record.errors.hasPrefix("drydock: recorded ") && record.errors.hasSuffix(".db\n"))
    #expect(try drydock("record", "--scenario", "s.yaml", "-o", "b.db").status == 0)
    let diff = try drydock("diff", "session.db", "b.db")
    #expect(diff.status == 0 && diff.output.isEmpty && diff.errors.isEmpty)

    let other = try TemporaryFolder()
    try FileManager.default.moveItem(
      atPath: folder.file("session.db"), toPath: other.file("moved.db"))
    let replay = try DrydockTool.run(["replay", "moved.db"], in: other.path)
    #expect(replay.status == 0)
    let last = replay.output.split(separator: "\n").last.map(String.init) ?? ""
    #expect(last.hasPrefix("matched ") && last.hasSuffix("the recording; 15 invariants hold"))
    #expect(try other.names == ["moved.db"])
  }

  @Test func recordDoesNotOverwrite() throws {
    #expect(try drydock("record", "-o", "t.db", "--", "true").status == 0)
    let second = try drydock("record", "-o", "t.db", "--", "true")
    #expect(second.status == 2)
    #expect(second.errors == "drydock: t.db: exists already; --force overwrites it\n")
    for options in [[], ["--force"]] {
      let whole = try DrydockTool.run(["record", "-o", folder.path] + options)
      #expect(
        whole.status == 2 && whole.errors.hasSuffix("is a folder; expected a file or nothing\n"))
    }
    #expect(try drydock("record", "-o", "t.db", "--force", "--", "false").status == 1)
    let nowhere = try drydock("record", "-o", "no/such/t.db", "--", "true")
    #expect(nowhere.status == 2 && nowhere.errorLines.count == 1)
  }

  @Test func divergencesAndDifferencesAreStatus1() throws {
    #expect(try drydock("record", "-o", "a.db", "--", "echo", "x").status == 0)
    try TraceSurgery.alter(
      folder.file("a.db"), "UPDATE event SET a2 = 5 WHERE seq = 2", into: folder.file("b.db"))
    let replay = try drydock("replay", "b.db")
    #expect(replay.status == 1)
    #expect(replay.output.hasPrefix("diverged at event 2: dispatch differs in priority\n"))
    #expect(replay.output.hasSuffix("again: drydock dump b.db --from 1 --to 7\n"))
    let diff = try drydock("diff", "a.db", "b.db")
    #expect(diff.status == 1)
    #expect(diff.output.contains("@@ event 2 @@ dispatch differs in priority"))

    try TraceSurgery.alter(
      folder.file("a.db"), "UPDATE scenario SET value = 99 WHERE key = 'harts'",
      into: folder.file("c.db"))
    let impossible = try drydock("replay", "c.db")
    #expect(impossible.status == 2)
    #expect(impossible.errors.contains("damaged: scenario: harts: found 99, expected 1 to 8"))
  }

  @Test func queriesAnswerInThreeForms() throws {
    #expect(try drydock("record", "--", "echo", "a\"b,c").status == 0)
    let sql =
      "SELECT 1 AS n, replace(text, char(10), '') AS t FROM console WHERE pid > 0 LIMIT 1"
    #expect(try drydock("query", "session.db", sql).output == "n  t\n-  -----\n1  a\"b,c\n")
    #expect(
      try drydock("query", "--csv", "session.db", sql).output == "n,t\n1,\"a\"\"b,c\"\n")
    #expect(
      try drydock("query", "--json", "session.db", sql).output
        == "[\n  {\"n\": 1, \"t\": \"a\\\"b,c\"}\n]\n")
    #expect(try drydock("query", "--json", "session.db", "SELECT 1 WHERE 0").output == "[]\n")
    let piped = try DrydockTool.run(
      ["query", "--csv", "session.db", "-"], input: "\(sql)\n", in: folder.path)
    #expect(piped.status == 0 && piped.output == "n,t\n1,\"a\"\"b,c\"\n")
    let moving = try drydock("query", "--csv", "session.db", "SELECT 'a' || char(13) || ',b' AS c")
    #expect(moving.output == "c\n\"a\\r,b\"\n")
    let twice = "SELECT 1 AS n, 2 AS n, 3 AS n_2, 4 AS n, 5 AS \"N\""
    #expect(
      try drydock("query", "--json", "session.db", twice).output
        == "[\n  {\"n\": 1, \"n_3\": 2, \"n_2\": 3, \"n_4\": 4, \"N\": 5}\n]\n")
    for bad in ["DROP TABLE event", "SELECT nope", "ATTACH 'x' AS x"] {
      let run = try drydock("query", "session.db", bad)
      #expect(run.status == 2 && run.errors.hasPrefix("drydock: "))
    }
    #expect(try folder.names == ["session.db"])
  }

  @Test func nothingFromAGuestReachesTheTerminalAsItIs() throws {
    #expect(try drydock("record", "--", "echo", "\u{1b}[2Jx\u{7}\u{202e}").status == 0)
    for arguments in [
      ["dump", "session.db"], ["info", "session.db"], ["info", "--json", "session.db"],
      ["query", "session.db", "SELECT * FROM console"],
      ["query", "--csv", "session.db", "SELECT * FROM console"],
      ["query", "--json", "session.db", "SELECT * FROM console"],
    ] {
      let run = try DrydockTool.run(arguments, in: folder.path)
      #expect(run.status == 0)
      #expect(run.output.unicodeScalars.allSatisfy { $0.prints || $0 == "\n" })
    }
  }

  @Test func infoSaysWhatATraceHolds() throws {
    #expect(try drydock("record", "--seed", "3", "--", "false").status == 1)
    let info = try drydock("info", "session.db").output
    #expect(info.contains("reserve       5 %\n"))
    #expect(info.contains("state         complete\n") && info.contains("status        1\n"))
    let json = try drydock("info", "--json", "session.db").output
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["complete"] as? Bool == true)
    #expect(object?["seed"] as? String == "3")
    #expect(object?["reserve"] as? Int == 5)
    #expect(object?["program"] as? String == "false")
  }

  @Test func dumpPicksWhatIsAskedFor() throws {
    #expect(try drydock("record", "--", "primes", "7").status == 0)
    let some = try drydock("dump", "session.db", "--from", "5", "--to", "7").output
    #expect(some.split(separator: "\n").count == 4)
    let execs = try drydock("dump", "session.db", "--kind", "exec", "--pid", "2").output
    #expect(execs.split(separator: "\n").count == 2 && execs.contains("path=\"primes\""))
    let wrong = try drydock("dump", "session.db", "--kind", "dispach")
    #expect(wrong.status == 2)
    #expect(wrong.errors.hasSuffix("did you mean dispatch?\n"))
    let count = try TraceReader(path: folder.file("session.db")).summary.events
    let beyond = try drydock("dump", "session.db", "--from", "\(count + 1)")
    #expect(beyond.status == 0 && beyond.output.split(separator: "\n").count == 1)
    #expect(
      beyond.errors
        == "drydock: session.db has \(count) events, and none from \(count + 1) on\n")
    let negative = try drydock("dump", "session.db", "--from", "-3")
    #expect(negative.status == 2 && negative.output.isEmpty)
    #expect(negative.errors.hasPrefix("drydock: --from: found -3, expected a number from 1"))
  }

  @Test(arguments: ["export --format csv", "dump", "stat story", "query --csv"])
  func whatCannotBeWrittenIsTold(_ command: String) throws {
    #expect(try drydock("record", "--", "true").status == 0)
    let sql = command.hasPrefix("query") ? "'SELECT * FROM event'" : ""
    let run = try DrydockTool.shell(
      "exec $DRYDOCK \(command) session.db \(sql) > /dev/full", in: folder.path)
    #expect(run.status == 2)
    #expect(run.errors == "drydock: standard output: No space left on device\n")
  }

  @Test func aKilledRecordingKeepsWhatWasCommitted() throws {
    for round in 1...3 {
      let path = folder.file("\(round).db")
      let running = try DrydockTool.start(
        ["record", "-o", path, "--", "pingpong", "10000000"], in: folder.path)
      try waitFor {
        FileManager.default.fileExists(atPath: path)
          && ((try? TraceReader(path: path))?.summary.events ?? 0) > 0
      }
      kill(running.process.processIdentifier, SIGKILL)
      #expect(try DrydockTool.finish(running).status == 128 + SIGKILL)
      let info = try drydock("info", path)
      #expect(info.status == 0 && info.output.contains("cut short"))
      let events = try TraceReader(path: path).summary.events
      #expect(info.output.contains("events        \(events)\n"))
      for arguments in [
        ["query", path, "SELECT 1"], ["query", "--csv", path, "SELECT 1"],
        ["query", "--json", path, "SELECT 1"], ["verify", path], ["stat", "sched", path],
      ] {
        let run = try DrydockTool.run(arguments, in: folder.path)
        #expect(run.status == 0)
        #expect(
          run.errors
            == "drydock: \(path): the recording was cut short; this is as far as it goes\n")
      }
      let replay = try drydock("replay", path)
      #expect(replay.status == 0)
      #expect(replay.output.hasPrefix("matched \(events) events"))
      #expect(replay.output.hasSuffix("; 15 invariants hold; the recording was cut short there\n"))
    }
  }
}
