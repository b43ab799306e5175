// Reports, pages and exports through the tool itself. `PageTests` opens the pages in a browser.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct ReportTests {
  let folder: TemporaryFolder
  var session: String { folder.file("s.db") }

  /// Names that would be markup, an escape, a statement or the end of something if anybody let them.
  static let hostile = "</script><img src=x onerror=document.title='owned'>;\u{1b}[31m'\"--"

  init() throws {
    folder = try TemporaryFolder()
    try record(GuestRun.scenario(["inversion"]), to: session)
  }

  private func run(_ arguments: String...) throws -> String { try run(arguments) }

  private func run(_ arguments: [String]) throws -> String {
    let run = try DrydockTool.run(arguments)
    #expect(run.status == 0, "\(arguments): \(run.errors)")
    return run.output
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  static let whats = [
    "sched", "timeline", "locks", "shm", "containers", "limits", "syscalls", "story",
  ]

  @Test(arguments: whats)
  func everyReportIsTextAndJSON(_ what: String) throws {
    #expect(try !run("stat", what, session).isEmpty)
    #expect(try json(run("stat", what, session, "--json"))["complete"] as? Bool == true)
  }

  @Test func theLocksReportNamesTheInversionAndWhoMadeItLast() throws {
    let report = try json(run("stat", "locks", session, "--json"))
    let inversions = try #require(report["unbounded_inversions"] as? [[String: Any]])
    #expect(inversions.count == 1)
    #expect(inversions.first?["waiter"] as? String == "inversion(4 c1:3)")
    #expect(inversions.first?["holder"] as? String == "inversion(3 c1:2)")
    #expect(inversions.first?["ran_between"] as? String == "inversion(5 c1:4)")
    let between = try #require(inversions.first?["between"] as? Int)
    #expect(between > 1_000_000)
  }

  @Test func theSchedReportAgreesWithTheViews() throws {
    let report = try json(run("stat", "sched", session, "--json"))
    let processes = try #require(report["processes"] as? [[String: Any]])
    for process in processes {
      let pid = try #require(process["pid"] as? Int64)
      let rows = try TraceQuery.run(
        """
        SELECT sum(dur), count(*), max(dur), sum(end_state = 'R+') FROM sched WHERE utid = \(pid)
        """, on: session
      ).rows
      let told = try ["runtime", "slices", "longest", "gave_way"].map {
        QueryResult.Value.integer(try #require(process[$0] as? Int64))
      }
      #expect(rows == [told])
    }
  }

  @Test func theCallsReportAgreesWithTheViews() throws {
    let report = try json(run("stat", "syscalls", session, "--json"))
    let calls = try #require(report["calls"] as? [[String: Any]])
    for call in calls {
      let name = try #require(call["call"] as? String)
      let rows = try TraceQuery.run(
        """
        SELECT count(*), sum(why IS NOT NULL),
          sum(CASE WHEN return_seq IS NULL THEN 0 ELSE duration END)
        FROM syscall WHERE name = '\(name)'
        """, on: session
      ).rows
      let told = try ["calls", "refused", "time"].map {
        QueryResult.Value.integer(try #require(call[$0] as? Int64))
      }
      #expect(rows == [told], "\(name)")
    }
  }

  @Test func aWindowOfTheTimelineShowsWhoRanThen() throws {
    let report = try json(
      run("stat", "timeline", session, "--from", "500000", "--to", "500001", "--json"))
    let slices = try #require(report["slices"] as? [[String: Any]])
    #expect(slices.map { $0["pid"] as? Int } == [5])
  }

  @Test func aWindowBeyondTheEndIsToldToBe() throws {
    let timeline = try DrydockTool.run(["stat", "timeline", session, "--from", "99000000"])
    #expect(timeline.status == 0 && timeline.output == "nobody ran\n")
    let end = try TraceReader(path: session).summary.instructions
    let words = "drydock: --from: 99000000 lies beyond the session's end at \(end)"
    #expect(timeline.errorLines == [words])
    let page = try DrydockTool.run(
      ["report", session, "--from", "99000000", "-o", folder.file("late.html")])
    #expect(page.status == 0 && page.errorLines.dropFirst() == [words])
    #expect(
      try DrydockTool.run(["stat", "timeline", session, "--from", "\(end)"]).errors.isEmpty)
  }

  @Test func topGovernsTheWaitsAsWell() throws {
    let path = CommittedTraces.path("eight")
    let report = try json(run("stat", "locks", path, "--top", "1000000", "--json"))
    let all = try #require(report["longest_waits"] as? [[String: Any]])
    try #require(all.count > 20, "\(all.count)")
    let few = try run("stat", "locks", path, "--top", "3")
    #expect(few.contains("\nThe longest waits, 3 of \(all.count)\n"))
    #expect(try run("stat", "locks", path, "--top", "\(all.count)").contains("longest waits\n"))
  }

  /// A machine without a free slot refuses as a budget does, but it is none.
  @Test func aFullMachineIsNoBudget() throws {
    let path = folder.file("full.db")
    var scenario = GuestRun.scenario(["bomb"])
    scenario.limits.processes = 16
    scenario.limitTicks = 5
    try record(scenario, to: path)
    let report = try json(run("stat", "containers", path, "--json"))
    let outside = try #require((report["containers"] as? [[String: Any]])?.first)
    #expect(outside["budget_refusals"] as? Int == 0 && outside["refusals"] as? Int ?? 0 > 9)
    let told = try run("stat", "story", path).split(separator: "\n")
      .filter { $0.contains("bomb(3) cannot") || $0.contains("bomb(3) is refused") }
    #expect(told.count == 1)
    #expect(told.first?.contains("another process: 16 of 16 slots of the machine are") == true)
  }

  @Test func callsAreToldAsStraceDoes() throws {
    let report = try json(run("stat", "syscalls", session, "--json"))
    let calls = try #require(report["calls"] as? [[String: Any]])
    let total = calls.reduce(0) { $0 + ($1["time"] as? Int ?? 0) }
    #expect(total > 0)
    for call in calls {
      let time = try #require(call["time"] as? Int)
      let count = try #require(call["calls"] as? Int)
      #expect(call["time_per_call"] as? Int == time / count)
      let percent = try #require(call["time_percent"] as? Double)
      #expect(abs(percent - Double(time) * 100 / Double(total)) <= 0.05001)
    }
  }

  @Test func badUseIsToldInOneLine() throws {
    let wrong = [
      ["stat", "everything", session], ["stat", "sched", session, "--from", "1"],
      ["stat", "timeline", session, "--from", "9", "--to", "1"], ["stat", "sched", "no.db"],
      ["export", session, "--format", "pdf"], ["report", session, "-o", "/nowhere/r.html"],
      ["stat", "sched", session, "--top", "0"], ["serve", session, "--port", "-1"],
      ["serve", session, "--query-limit", "-1"], ["dump", session, "--pid", "x"],
      ["stat", "timeline", session, "--from", "-5"],
      ["report", session, "--from", "-5"], ["report", session, "--to", "-5"],
    ]
    for arguments in wrong {
      let run = try DrydockTool.run(arguments)
      #expect(run.status == 2, "\(arguments)")
      #expect(run.output.isEmpty && run.errorLines.count == 1, "\(arguments): \(run.errors)")
      #expect(!run.errors.contains("Missing value"), "\(run.errors)")
    }
  }

  /// Nobody is there to be told, and the status says it all the same.
  @Test(arguments: [("2>&-", ""), ("2>/dev/full", ""), ("2>&1 >/dev/null", "| true")])
  func whereErrorsCannotBeWrittenTheStatusIsTheSame(_ place: String, _ reader: String) throws {
    for (command, status) in [
      ("record -o \(folder.file("e.db")) --force -- ls", 0), ("query no.db 'SELECT 1'", 2),
      ("nosuchcommand", 2),
    ] {
      let run = try DrydockTool.shell(
        "{ $DRYDOCK \(command) \(place); echo $? > status; } \(reader)", in: folder.path)
      #expect(run.errors.isEmpty)
      let told = try String(contentsOfFile: folder.file("status"), encoding: .utf8)
      #expect(told == "\(status)\n", "\(command)")
    }
  }

  /// A terminal's Enter is another byte than a file's end of a line.
  @Test func whatIsTypedIsToldLineByLineWhenItIsTyped() throws {
    let path = folder.file("typed.db")
    var scenario = GuestRun.scenario([], typed: ["echo a\r", "echo b\r", "echo b\n", "echo a\n"])
    scenario.limitTicks = 50
    try record(scenario, to: path)
    let story = try run("stat", "story", path)
    let told = story.matches(of: /(?:types|shows) "(?:\$ )?(?:echo )?([ab])"[^\n]*/)
    let typed = told.filter { $0.0.hasPrefix("types") }.map { String($0.1) }
    #expect(typed == ["a", "b", "a"], "\(story)")
    // Not all of one kind at once, and only what comes again at once is told once.
    let first = try #require(told.firstIndex { $0.0.hasPrefix("shows") })
    #expect(first < 3 && told.count > 6, "\(story)")
  }

  @Test func whatGuestsSayStaysText() throws {
    let path = folder.file("hostile.db")
    var scenario = GuestRun.scenario([], typed: ["'\(ReportTests.hostile)'\n"])
    scenario.files.append(
      GuestFile(path: "/<b>x", content: .file(Array(ReportTests.hostile.utf8))))
    try record(scenario, to: path)
    for what in ReportTests.whats {
      let text = try run("stat", what, path) + run("stat", what, path, "--json")
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7f })
    }
    for format in ["chrome", "csv", "folded"] {
      let text = try run("export", path, "--format", format)
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7f })
    }
    let page = folder.file("hostile.html")
    _ = try run("report", path, "-o", page)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(!text.contains("</script><img") && !text.contains("\u{1b}"))
  }

  /// A program with this name has it escaped once wherever it is named, a backslash as two.
  @Test func aNameIsEscapedOnceWhereverItIsShown() throws {
    let path = folder.file("named.db")
    let name = "e\u{1b}[31m\\x1b"
    let shown = "e\\x1b[31m\\\\x1b"
    var scenario = GuestRun.scenario(["/" + name])
    let echo = try #require(scenario.files.first { $0.path == "/echo" })
    scenario.files.append(GuestFile(path: "/" + name, content: echo.content))
    try record(scenario, to: path)
    for arguments in [
      ["stat", "sched", path], ["stat", "timeline", path], ["stat", "story", path],
      ["stat", "timeline", path, "--from", "0"], ["export", path, "--format", "folded"],
      ["query", path, "SELECT name FROM process"],
      ["query", "--csv", path, "SELECT name FROM process"], ["dump", path], ["info", path],
    ] {
      let text = try run(arguments)
      #expect(text.contains(shown), "\(arguments): \(text)")
      #expect(!text.contains("\\\\x1b[31m") && !text.contains("\\\\\\"), "\(arguments)")
    }
    for arguments in [
      ["stat", "sched", path, "--json"], ["export", path, "--format", "chrome"],
    ] {
      let inJSON = shown.replacing("\\", with: "\\\\")
      let text = try run(arguments)
      #expect(text.contains(inJSON) && !text.contains("\\" + inJSON), "\(arguments)")
      #expect(!text.contains("\\\\\\\\x1b[31m"), "\(arguments)")
    }
  }

  @Test func aNameThatSomebodyPutThereIsEscaped() throws {
    let path = folder.file("altered.db")
    try TraceSurgery.alter(
      session, "UPDATE process SET name = name || char(27) || '[31m' || char(10)", into: path)
    let commands =
      ReportTests.whats.map { ["stat", $0, path] }
      + ["chrome", "csv", "folded"].map { ["export", path, "--format", $0] }
      + [["query", path, "SELECT name FROM process"], ["stat", "timeline", path, "--from", "0"]]
    for arguments in commands {
      let text = try DrydockTool.run(arguments).output
      #expect(!text.contains("\u{1b}"), "\(arguments)")
    }
    #expect(
      try DrydockTool.run(["stat", "story", path]).output.contains("inversion\\x1b[31m\\n(2 c1:1)"))
  }

  @Test func chromesFormatIsJSONAndFoldedStacksAddUp() throws {
    let chrome = try json(run("export", session, "--format", "chrome"))
    #expect((chrome["traceEvents"] as? [Any])?.count ?? 0 > 100)
    let folded = try run("export", session, "--format", "folded").split(separator: "\n")
    let total = folded.compactMap { Int64($0.split(separator: " ").last ?? "") }.reduce(0, +)
    #expect(
      try TraceQuery.run("SELECT sum(duration) FROM run_slice", on: session).rows == [
        [.integer(total)]
      ])
    let csv = try run("export", session, "--format", "csv").split(separator: "\n")
    #expect(
      try TraceQuery.run("SELECT count(*) FROM event", on: session).rows == [
        [.integer(Int64(csv.count - 1))]
      ])
  }

  @Test func perfettosFormatIsMadeOfPackets() throws {
    let path = folder.file("s.perfetto")
    _ = try run("export", session, "--format", "perfetto", "-o", path)
    var rest = try Data(contentsOf: URL(filePath: path))[...]
    var packets = 0
    while !rest.isEmpty {
      #expect(rest.removeFirst() == 0x0a)
      var length = 0
      var shift = 0
      while let byte = rest.popFirst() {
        length |= Int(byte & 0x7f) << shift
        shift += 7
        if byte & 0x80 == 0 { break }
      }
      try #require(rest.count >= length)
      rest = rest.dropFirst(length)
      packets += 1
    }
    #expect(packets > 100)
  }

  @Test func thePageOfAShortSessionIsSmall() throws {
    let page = folder.file("r.html")
    _ = try run("report", session, "-o", page)
    let size = try FileManager.default.attributesOfItem(atPath: page)[.size] as? Int
    #expect(size ?? .max < 200_000)
  }
}
