// `compare` through the real binary: its tables, its page's data, and what it says of bad input.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

struct CompareCommandTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write(
      """
      script: ["spin 200000 & spin 50000 & spin 10000 &"]
      """, to: "mix.yaml")
  }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder.file(name)))
  }

  private func json(_ arguments: String...) throws -> [String: Any] {
    let run = try DrydockTool.run(arguments + ["--json"], in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  private func rows(_ answer: [String: Any], _ table: String) throws -> [[String: Any]] {
    try #require(answer[table] as? [[String: Any]])
  }

  @Test func everyConditionHasARow() throws {
    let answer = try json("compare", "mix.yaml", "--harts", "1,2", "--seeds", "3")
    #expect(answer["complete"] as? Bool == true)
    let runs = try rows(answer, "runs")
    #expect(runs.count == 2 * SchedulerKind.allCases.count)
    #expect(runs.prefix(2).compactMap { $0["harts"] as? Int } == [1, 2])
    #expect(runs.allSatisfy { $0["runs"] as? Int == 3 && $0["time_ci"] is Int })
    let times = runs.compactMap { $0["time"] as? Int }
    #expect(times[0] > times[1] && times[1] > 0)
    for table in ["turnaround", "response", "waiting"] {
      #expect(try rows(answer, table).count == runs.count)
    }
    let spin = try rows(answer, "processes").filter { $0["name"] as? String == "spin" }
    #expect(spin.count == runs.count && spin.allSatisfy { $0["processes"] as? Double == 3 })
  }

  @Test func withoutANameAllSchedulersAreCompared() throws {
    let all = SchedulerKind.allCases.map(\.name)
    for options in [[], ["--schedulers", "all"]] {
      let run = try DrydockTool.run(
        ["compare", "mix.yaml", "--seeds", "1", "--json"] + options, in: folder.path)
      let answer = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
      let runs = try rows(try #require(answer as? [String: Any]), "runs")
      #expect(runs.compactMap { $0["scheduler"] as? String } == all)
    }
    let runs = try rows(
      json("compare", "mix.yaml", "--schedulers", "fifo, priority,fifo", "--seeds", "1"), "runs")
    #expect(runs.compactMap { $0["scheduler"] as? String } == ["fifo", "priority"])
  }

  /// The scenario of an inversion: who waits for the mutex waits less where its holder inherits.
  @Test func priorityInheritanceIsVariedAsTheSchedulerIs() throws {
    let traces = folder.file("inversion.db")
    try record(GuestRun.scenario(["inversion"]), to: traces)
    let answer = try json(
      "compare", traces, "--schedulers", "priority,fair", "--priority-inheritance", "off,on",
      "--seeds", "1")
    let runs = try rows(answer, "runs")
    #expect(
      runs.map { "\($0["scheduler"] ?? "") \($0["inheritance"] ?? "")" }
        == ["priority off", "priority on", "fair off", "fair on"])
    #expect(try #require(runs[0]["time"] as? Int) >= (try #require(runs[1]["time"] as? Int)))
    let text = try drydock(
      "compare", traces, "--schedulers", "priority", "--priority-inheritance", "on,off", "--seeds",
      "1", "--timeline", "-o", "a.html")
    #expect(text.output.contains("scheduler  harts  inheritance"), "\(text.output)")
    #expect(text.output.contains("\npriority inheriting  "), "\(text.output)")
    let page = String(decoding: try bytes("a.html"), as: UTF8.self)
    #expect(page.contains("\"priority inheriting\"") && page.contains("\"inheritance\""))
    // Where nobody inherits, nothing is said of it.
    #expect(
      try rows(json("compare", "mix.yaml", "--seeds", "1"), "runs")
        .allSatisfy { $0["inheritance"] == nil })
    let bad = try drydock("compare", "mix.yaml", "--priority-inheritance", "of")
    #expect(bad.status == 2 && bad.errors.contains("expected on, off, or both"))
  }

  /// First in, first out, in the terminal: whoever comes first is alone until it is done.
  @Test func timelinesStandAboveEachOther() throws {
    let run = try drydock(
      "compare", "mix.yaml", "--schedulers", "fifo,fair", "--seeds", "1", "--timeline")
    let lines = run.output.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex(of: "Timelines of seed 1"))
    #expect(lines[start + 1].hasPrefix("From 0 to "))
    #expect(lines[start + 2].contains(/^fifo  d?a+b+c*$/), "\(lines[start + 2])")
    #expect(lines[start + 3].contains(/^fair  .*ab.*ba/), "\(lines[start + 3])")
    #expect(try drydock("compare", "mix.yaml", "--timeline", "--json").status == 2)
  }

  /// The machine is the same; so is what it comes to, however many threads run it.
  @Test func twoComparisonsOfOneSessionAreTheSame() throws {
    _ = try drydock("record", "--scenario", "mix.yaml", "--harts", "2", "-o", "s.db")
    for file in ["mix.yaml", "s.db"] {
      let first = try drydock("compare", file, "--seeds", "4", "-o", "a.html")
      let second = try drydock("compare", file, "--seeds", "4", "-o", "b.html")
      #expect(first.status == 0 && first.output == second.output && !first.output.isEmpty)
      #expect(try bytes("a.html") == bytes("b.html"))
    }
  }

  @Test func figuresAreOfRunsAsTheyAreRecorded() throws {
    for seed in 1...2 {
      _ = try drydock(
        "record", "--scenario", "mix.yaml", "--seed", "\(seed)", "-o", "s\(seed).db")
    }
    let recorded = try (1...2).map { seed in
      let rows = try TraceQuery.run(
        "SELECT avg(end_ts - start_ts) FROM process WHERE name = 'spin'",
        on: folder.file("s\(seed).db")
      ).rows
      guard case .real(let mean) = rows[0][0] else { return 0.0 }
      return mean
    }
    let answer = try json(
      "compare", "mix.yaml", "--schedulers", "priority", "--seeds", "2", "--process", "spin")
    let row = try #require(try rows(answer, "runs").first)
    let mean = try #require(row["turnaround"] as? Double)
    #expect(abs(mean - (recorded[0] + recorded[1]) / 2) <= 0.5)
    #expect(row["processes"] as? Double == 3)
  }

  @Test func whatWasTypedStaysAtItsTime() throws {
    let run = try DrydockTool.run(
      ["record", "-o", "typed.db"], input: "spin 1000 & spin 2000 &\n", in: folder.path)
    #expect(run.status == 0, "\(run.errors)")
    let answer = try json("compare", "typed.db", "--seeds", "2", "--schedulers", "priority")
    let spin = try rows(answer, "processes").first { $0["name"] as? String == "spin" }
    #expect(spin?["processes"] as? Double == 2)
  }

  @Test func runsThatDoNotEndAreMarked() throws {
    _ = try folder.write("script: [\"spin & spin &\"]\n", to: "endless.yaml")
    let run = try drydock(
      "compare", "endless.yaml", "--seeds", "2", "--limit-ticks", "20", "--schedulers", "priority")
    #expect(run.status == 0)
    #expect(run.output.contains("  2 limit reached  "))
    #expect(
      run.errors
        == "drydock: priority on 1 hart: 2 limit reached; figures are of what had happened by then\n"
    )
    let answer = try json(
      "compare", "endless.yaml", "--seeds", "1", "--limit-ticks", "20", "--schedulers", "priority",
      "--process", "spin")
    let row = try #require(try rows(answer, "runs").first)
    #expect(answer["complete"] as? Bool == false && row["left"] as? Double == 2)
    #expect(row["turnaround"] is NSNull && row["waiting"] is Int && row["time_ci"] is NSNull)
  }

  /// A recording that a limit has ended has that limit again.
  @Test func aTraceWhoseProgramNeverEndsIsRunForAsLong() throws {
    _ = try drydock("record", "-o", "e.db", "--limit-ticks", "30", "--", "spin")
    let row = try #require(
      try rows(
        json("compare", "e.db", "--seeds", "1", "--schedulers", "priority"), "runs"
      ).first)
    #expect(row["endings"] as? String == "1 limit reached" && row["time"] as? Int == 3_000_000)
  }

  @Test func aTraceThatIsCutIsComparedAsFarAsItsInputGoes() throws {
    _ = try drydock("record", "--scenario", "mix.yaml", "-o", "s.db")
    let whole = try bytes("s.db")
    try Data(whole.prefix(whole.count / 2)).write(to: URL(filePath: folder.file("half.db")))
    let run = try drydock("compare", "half.db", "--seeds", "1")
    #expect(run.status == 2 && run.output.isEmpty, "\(run)")
    #expect(run.errors.hasPrefix("drydock: half.db") && run.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: [
    (
      ["--schedulers", "strid"],
      "--schedulers: found \"strid\", expected all or some of priority, mlfq, lottery, stride, fair, fifo; did you mean stride?"
    ),
    (["--schedulers", ""], "--schedulers: found "),
    (["--seeds", "0"], "--seeds: found 0, expected 1 to 1000"),
    (["--seeds", "-1"], "--seeds: found -1, expected 1 to 1000"),
    (["--seeds", "x"], "expected a whole number"),
    (["--harts", "9"], "--harts: found \"9\", expected numbers from 1 to 8, separated by commas"),
    (["--harts", "1,,2"], "--harts: found "), (["--harts", "0"], "--harts: found \"0\""),
    (["--limit-ticks", "-4"], "expected a number from 0"), (["--top", "0"], "--top: found 0"),
    (["-o", "/nowhere/x.html"], "/nowhere/x.html: cannot be written"),
  ])
  func badInputIsToldInOneLine(_ options: [String], _ words: String) throws {
    let run = try DrydockTool.run(["compare", "mix.yaml"] + options, in: folder.path)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.count { $0 == "\n" } == 1, "\(run.errors)")
  }

  @Test func filesThatAreNoneAreToldInOneLine() throws {
    _ = try folder.write("harts: [", to: "bad.yaml")
    _ = try folder.write("not a database", to: "bad.db")
    for file in ["bad.yaml", "bad.db", "missing.yaml", "missing.db", "."] {
      let run = try drydock("compare", file)
      #expect(run.status == 2 && run.output.isEmpty, "\(file)")
      #expect(
        run.errors.hasPrefix("drydock: \(file)") && run.errors.count { $0 == "\n" } == 1,
        "\(run.errors)")
    }
  }

  @Test func aNameThatNobodyHasIsTold() throws {
    let run = try drydock("compare", "mix.yaml", "--seeds", "1", "--process", "spinn")
    #expect(run.status == 0)
    #expect(
      run.errors == "drydock: --process: no process was called \"spinn\"; did you mean spin?\n")
  }

  /// A page never takes the place of a session.
  @Test func aPageReplacesNoSession() throws {
    _ = try drydock("record", "--scenario", "mix.yaml", "-o", "s.db")
    let before = try bytes("s.db")
    let run = try drydock("compare", "mix.yaml", "--seeds", "1", "-o", "s.db")
    #expect(run.status == 2 && run.errors.contains("expected another file"))
    #expect(try bytes("s.db") == before)
  }
}
