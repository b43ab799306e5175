import Foundation
import Recorder
import TestGuests
import TestSupport
import Testing

/// `drydock run` through the real binary.
struct RunCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String..., input: String = "") throws -> ToolRun {
    try DrydockTool.run(arguments, input: input, in: folder.path)
  }

  @Test(
    arguments: [(["true"], 0), (["false"], 1), (["crash"], 255), (["no-such"], 2)]
      as [(
        [String], Int32
      )])
  func theExitStatusIsTheProgramsOwn(program: [String], status: Int32) throws {
    for verb in [["run"], ["record"]] {
      let run = try DrydockTool.run(verb + ["--"] + program, in: folder.path)
      #expect(run.status == status)
      try? FileManager.default.removeItem(atPath: folder.file("session.db"))
    }
  }

  @Test func aProgramPrintsAndReads() throws {
    let echo = try drydock("run", "--", "echo", "one", "--two")
    #expect(echo.output == "one --two\n" && echo.errors.isEmpty)
    // What is typed shows as on any console, and cat repeats it.
    let cat = try drydock("run", "--", "cat", input: "first\nlast")
    #expect(cat.output == "first\nfirst\nlastlast")
    #expect(cat.status == 0)
  }

  @Test func aPipedShellEndsWithItsInput() throws {
    let run = try drydock("run", input: "echo hi | wc\ncat\nx\n")
    #expect(run.status == 0)
    #expect(run.output.contains("$ echo hi | wc\n1 1 3"))
    #expect(run.output.contains("x\nx\n$ "))
  }

  @Test func aScriptIsTypedLineByLine() throws {
    let script = try folder.write("echo a\necho b", to: "s.txt")
    let run = try drydock("run", "--script", script, input: "echo not this\n")
    #expect(run.output == "init: starting sh\n$ echo a\na\n$ echo b\nb\n$ ")
    let program = try drydock("run", "--script", script, "--", "wc")
    #expect(program.output.hasSuffix("2 4 14 \n"))
  }

  @Test func filesAndFoldersComeAlong() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("tree/deep"), withIntermediateDirectories: true)
    _ = try folder.write("inside\n", to: "tree/deep/x")
    _ = try folder.write("top\n", to: "top")
    let run = try drydock(
      "run", "--file", "tree:/t", "--file", "top:/t/", "--", "cat", "/t/deep/x", "/t/top")
    #expect(run.output == "inside\ntop\n")
  }

  @Test func liveEventsGoToStandardError() throws {
    let run = try drydock("run", "--live", "--", "echo", "x")
    #expect(run.output == "x\n")
    #expect(run.errorLines.first?.hasSuffix("event") == true)
    #expect(run.errors.contains("  exec         path=\"echo\""))
    #expect(run.errorLines.last?.contains("how=halted") == true)
  }

  @Test func endsThatAreNoGoodAreOneClearLine() throws {
    let limit = try drydock("run", "--limit-ticks", "5", "--", "spin", "100000000")
    #expect(limit.status == 2)
    #expect(limit.errors == "drydock: the limit of 5 ticks was reached at time 500000\n")
    let scenario = try folder.write("program: [sh]\nscript: ['cat & cat']\n", to: "s.yaml")
    let used = try drydock("run", "--scenario", scenario)
    #expect(used.status <= 2 && used.errorLines.count <= 1)
  }

  @Test(arguments: [
    (
      "console_drain",
      "the console's input has ended, and pid 2 console_drain (parent 1): waits"
    ),
    ("console_stuck", "deadlock at time"),
  ])
  func whoeverWaitsForNothingIsNamed(program: String, words: String) throws {
    let file = try folder.write(try #require(TestGuests.image(program)).bytes, to: "p")
    for verb in [["run"], ["record", "-o", "t.db"]] {
      let run = try DrydockTool.run(
        verb + ["--file", "\(file):/\(program)", "--", program], in: folder.path)
      #expect(run.status == 2 && run.output.isEmpty, "\(run)")
      #expect(run.errorLines.first?.hasPrefix("drydock: \(words)") == true, "\(run.errors)")
      #expect(run.errorLines.first?.contains("pid 2 \(program)") == true, "\(run.errors)")
    }
    #expect(try drydock("replay", "t.db").output.hasPrefix("matched "))
  }

  @Test func aSignalEndsASessionInOrder() throws {
    let running = try DrydockTool.start(
      ["record", "-o", "t.db", "--", "spin", "1000000000"], in: folder.path)
    try waitFor { (try? TraceReader(path: folder.file("t.db")))?.summary.events ?? 0 > 0 }
    running.process.terminate()
    let run = try DrydockTool.finish(running)
    #expect(run.status == 128 + SIGTERM)
    #expect(try folder.names == ["t.db"])
    let replay = try drydock("replay", "t.db")
    #expect(replay.status == 0 && replay.output.hasPrefix("matched "))
  }

  /// A wait for the keyboard that begins behind the signal would last for ever.
  @Test func aSignalJustBeforeAWaitIsNotMissed() throws {
    let run = try DrydockTool.shell(
      """
      mkfifo keys && exec 3<>keys
      LD_PRELOAD=\(DrydockTool.path(of: "libKillAt.so")) TERM_AT_WAIT=1 \
        timeout 60 $DRYDOCK record -o t.db <&3
      """, in: folder.path)
    #expect(run.status == 128 + SIGTERM, "\(run)")
    #expect(try drydock("info", "t.db").output.contains("complete"))
  }

  /// The first would remove the log of the second, and with it all that it has recorded.
  @Test func whatIsBeingRecordedIsNotReplaced() throws {
    let running = try DrydockTool.start(
      ["record", "-o", "t.db", "--", "spin", "1000000000"], in: folder.path)
    try waitFor { try drydock("info", "t.db").output.contains("still") }
    let second = try drydock("record", "--force", "-o", "t.db", "--", "true")
    #expect(second.status == 2 && second.errorLines.count == 1, "\(second)")
    #expect(second.errors.contains("t.db: is still being recorded"), "\(second)")
    running.process.terminate()
    let first = try DrydockTool.finish(running)
    #expect(first.status == 128 + SIGTERM)
    #expect(try drydock("replay", "t.db").output.hasPrefix("matched "))
    #expect(try drydock("record", "--force", "-o", "t.db", "--", "true").status == 0)
  }

  /// The next pipe or file that is opened would land in the place of one that is closed.
  @Test(arguments: 1..<8)
  func aClosedDescriptorIsLikeTheNullDevice(closed: Int) throws {
    let closing = (0...2).filter { closed >> $0 & 1 == 1 }
    let marks = closing.map { $0 == 0 ? "<&-" : "\($0)>&-" }.joined(separator: " ")
    let nulls = closing.map { $0 == 0 ? "</dev/null" : "\($0)>/dev/null" }.joined(separator: " ")
    for program in ["", "-- cat", "-- echo hi"] {
      func run(_ redirections: String, to trace: String) throws -> ToolRun {
        try DrydockTool.shell(
          "timeout 60 $DRYDOCK record -o \(trace) \(program) \(redirections)", in: folder.path)
      }
      let found = try run(marks, to: "c.db")
      var expected = try run(nulls, to: "n.db")
      expected.errors = expected.errors.replacing("n.db", with: "c.db")
      #expect(found.status == 0 && found.status == expected.status, "\(marks) \(program)")
      #expect(found.output == expected.output && found.errors == expected.errors)
      #expect(try drydock("diff", "c.db", "n.db").status == 0)
      for trace in ["c.db", "n.db"] {
        try FileManager.default.removeItem(atPath: folder.file(trace))
      }
    }
  }

  @Test func whoeverReadsOnlyTheBeginningIsNoError() throws {
    let run = try DrydockTool.shell(
      "$DRYDOCK run -- primes 5 | true; $DRYDOCK record -o t.db -- echo x && "
        + "$DRYDOCK dump t.db | head -n 1", in: folder.path)
    #expect(run.status == 0)
    #expect(!run.errors.contains("rror") && run.output.hasSuffix("event\n"))
  }
}
