import Foundation
import Recorder
import TestSupport
import Testing

/// `diff` on sessions that differ, through the real binary.
struct DiffCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  private func recordBoth() throws {
    _ = try folder.write(
      #"""
      manager: true
      files:
        /c/forkbomb: {program: forkbomb}
        /spec.json: {text: '{"init": "/forkbomb", "fs": "/c", "nproc": 5}'}
      script: [dockv6 spec.json]
      """#, to: "s.yaml")
    // With the defect a limit of n lets n + 1 processes be.
    for (name, options) in [("a.db", []), ("b.db", ["--defect", "limit-off-by-one"])] {
      let run = try DrydockTool.run(
        ["record", "-o", name, "--scenario", "s.yaml"] + options, in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  @Test func sumsTellWhatHasChanged() throws {
    try recordBoth()
    let diff = try drydock("diff", "a.db", "b.db")
    #expect(diff.status == 1)
    let start = "@@ start @@ defect: none and limit-off-by-one\n"
    #expect(diff.output.hasPrefix("--- a.db\n+++ b.db\n\(start)@@ event "))
    let sums = try #require(diff.output.components(separatedBy: "@@ summary @@\n").last)
    let forks = try #require(sums.split(separator: "\n").first { $0.hasPrefix("events of fork ") })
    let words = forks.split(separator: " ")
    #expect(words.count == 6)
    #expect(Int(words[3]).map { $0 + 1 } == Int(words[4]))

    let brief = try drydock("diff", "--brief", "a.db", "b.db")
    #expect(brief.status == 1 && !brief.output.contains("@@ summary @@"))
    #expect(diff.output.hasPrefix(brief.output))
  }

  @Test func sumsAreOfEveryProcess() throws {
    #expect(try drydock("record", "-o", "a.db", "--", "inversion").status == 0)
    let cut = try drydock("record", "--limit-ticks", "17", "-o", "b.db", "--", "inversion")
    #expect(cut.status == 2)
    let sums = try sums("a.db", "b.db")
    for what in [
      "calls refused to inversion(2)", "holds of mutexes by inversion(4)",
      "time mutexes held by inversion(3)", "time blocked, of inversion(3)",
    ] {
      #expect(sums.contains { $0.hasPrefix("\(what) ") }, "\(what): \(sums)")
    }
  }

  @Test func whatIsCutShortIsSaidToBe() throws {
    #expect(try drydock("record", "-o", "a.db", "--", "true").status == 0)
    let name = "b\u{1b}.db"
    let running = try DrydockTool.start(
      ["record", "-o", name, "--", "spin", "100000000000"], in: folder.path)
    try waitFor { ((try? TraceReader(path: folder.file(name)))?.summary.events ?? 0) > 0 }
    let growing = try drydock("diff", "a.db", name)
    #expect(growing.errors.contains("the recording still goes on"))
    kill(running.process.processIdentifier, SIGKILL)
    _ = try DrydockTool.finish(running)
    let diff = try drydock("diff", "a.db", name)
    #expect(diff.status == 1)
    #expect(
      diff.errors
        == "drydock: b\\x1b.db: the recording was cut short; it is compared as far as it goes\n")
    #expect(diff.output.hasPrefix("--- a.db\n+++ b\\x1b.db\n"))
  }

  @Test func whatSessionsStartFromIsToldThoughTheyDoTheSame() throws {
    let sessions = [
      ("a.db", [], ""),
      ("b.db", ["--defect", "dotdot-literal"], "defect: none and dotdot-literal"),
      ("c.db", ["--shm-accesses"], "sharedAccesses: off and on"),
    ]
    for (name, options, text) in sessions {
      let run = try DrydockTool.run(
        ["record", "-o", name] + options + ["--", "echo", "hi"], in: folder.path)
      #expect(run.status == 0, "\(run.errors)")
      let diff = try drydock("diff", "a.db", name)
      #expect(diff.status == (text.isEmpty ? 0 : 1))
      let expected = """
        --- a.db
        +++ \(name)
        @@ start @@ \(text)
        @@ events @@ all events are the same

        """
      #expect(diff.output == (text.isEmpty ? "" : expected))
    }
  }

  /// The lines of the sums of two sessions.
  private func sums(_ first: String, _ second: String) throws -> [Substring] {
    let diff = try drydock("diff", first, second)
    #expect(diff.status == 1)
    return try #require(diff.output.components(separatedBy: "@@ summary @@\n").last)
      .split(separator: "\n")
  }

  @Test func sumsAreOfOneProcessEach() throws {
    for (name, command) in [
      ("a.db", "primes 30 & primes 200"), ("b.db", "primes 200 & primes 30"),
      ("c.db", "echo x & primes 30 & primes 200"),
    ] {
      let run = try drydock("record", "-o", name, "--", "sh", "-c", command)
      #expect(run.status == 0, "\(run.errors)")
    }
    // Both have sixty processes of this name, most of which are told together.
    let reversed = try sums("a.db", "b.db").filter { $0.hasPrefix("instructions run by ") }
    #expect(reversed.contains { $0.hasPrefix("instructions run by primes(3) ") })
    #expect(reversed.contains { $0.hasPrefix("instructions run by primes(4) ") })
    #expect(reversed.last?.contains(" other processes ") == true)
    #expect(reversed.count < 12)
    let later = try sums("a.db", "c.db")
    #expect(later.contains { $0.contains(" by echo(none → ") })
    #expect(later.contains { $0.wholeMatch(of: /.* primes\((\d+) → (?!\1\b)\d+\) .*/) != nil })
  }

  @Test func sumsAreOfTheSameContainerWhateverItsNumber() throws {
    let files = #"""
      manager: true
      files:
        /one/ls: {program: ls}
        /two/cat: {program: cat}
        /one.json: {text: '{"init": ["/ls", "/"], "fs": "/one", "nproc": 4}'}
        /two.json: {text: '{"init": ["/cat", "/a"], "fs": "/two", "nproc": 4}'}
      """#
    for (name, rest) in [
      ("a", "script: [dockv6 one.json, dockv6 two.json]"),
      ("b", "  /two/a: {text: a}\nscript: [dockv6 two.json, dockv6 one.json]"),
    ] {
      _ = try folder.write(files + "\n" + rest, to: "\(name).yaml")
      let run = try drydock("record", "-o", "\(name).db", "--scenario", "\(name).yaml")
      #expect(run.status == 0, "\(run.errors)")
    }
    let containers = try sums("a.db", "b.db").filter { $0.contains(" container ") }
    #expect(containers.contains { $0.hasPrefix("instructions run in container 2 → 1 ") })
    #expect(containers.contains { $0.hasPrefix("refusals in container 2 → 1 ") })
    #expect(!containers.contains { $0.contains("instructions run in container 1") })
  }

  @Test func alignedEventsShowWhatOnlyOneSessionHas() throws {
    try recordBoth()
    let diff = try drydock("diff", "--events", "--context", "1", "a.db", "b.db")
    #expect(diff.status == 1)
    let lines = diff.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("@@ aligned @@ ") })
    #expect(lines.contains { $0.hasPrefix("+ ") && $0.contains(" fork ") })
    #expect(lines.contains { $0.hasPrefix("- ") && $0.contains("4 processes, then fork") })
    #expect(lines.contains { $0.hasPrefix("  ") && $0.contains("  = ") })
  }

  @Test func optionsThatSayNothingTogetherAreRefused() throws {
    for options in [
      ["--brief", "--events"], ["--schedule"], ["--events", "--context", "-1"], ["--context", "1"],
    ] {
      let run = try DrydockTool.run(["diff"] + options + ["a.db", "b.db"], in: folder.path)
      #expect(run.status == 2 && run.output.isEmpty)
    }
  }
}

/// What sessions waited for, and what of them is the manager's.
struct WaitsAndPlumbingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  @Test func sumsTellForWhomEachProcessWaited() throws {
    #expect(try drydock("record", "-o", "a.db", "--", "inversion").status == 0)
    #expect(try drydock("record", "-o", "b.db", "--harts", "2", "--", "inversion").status == 0)
    let lines = try drydock("diff", "a.db", "b.db").output.split(separator: "\n")
    let wait = "time inversion(4) waited for mutex log, held by inversion(3) "
    #expect(lines.contains { $0.hasPrefix(wait) }, "\(lines)")
    #expect(lines.contains { $0.contains(" waited for child, woken by inversion(") })
  }

  @Test func alignedEventsComeInOrderOfTime() throws {
    #expect(try drydock("record", "-o", "a.db", "--", "primes", "20").status == 0)
    #expect(try drydock("record", "-o", "b.db", "--", "primes", "24").status == 0)
    let diff = try drydock("diff", "--events", "--context", "1000000", "a.db", "b.db").output
    let aligned = diff.components(separatedBy: "@@ aligned @@")[1]
      .components(separatedBy: "@@ summary @@")[0]
    var last: Int64 = 0
    for line in aligned.split(separator: "\n") where line.hasPrefix("  ") || line.hasPrefix("- ") {
      let words = line.dropFirst(2).split(separator: " ")
      let time = try #require(Int64(words[1]))
      #expect(time >= last)
      last = time
    }
    #expect(last > 0)
  }

  @Test func whatTheManagerDoesIsFoldedUnlessAllIsAskedFor() throws {
    _ = try folder.write(
      #"""
      manager: true
      files:
        /c/echo: {program: echo}
        /spec.json: {text: '{"init": ["/echo", "hi"], "fs": "/c", "nproc": 5}'}
      script: [dockv6 spec.json]
      """#, to: "s.yaml")
    for (name, seed) in [("a.db", "0"), ("b.db", "7")] {
      let run = try drydock("record", "-o", name, "--seed", seed, "--scenario", "s.yaml")
      #expect(run.status == 0, "\(run.errors)")
    }
    let story = try drydock("stat", "story", "a.db").output
    let whole = try drydock("stat", "story", "a.db", "--all").output
    #expect(!story.contains("cm(2) ") && story.contains("starts dockv6("), "\(story)")
    #expect(story.contains("/echo(") && story.contains("are folded (--all tells them)"))
    #expect(whole.contains("cm(2) ") && !whole.contains("folded"))

    let dump = try drydock("dump", "a.db").output
    let events = try drydock("dump", "a.db", "--all").output
    let count = try TraceReader(path: folder.file("a.db")).summary.events
    #expect(events.split(separator: "\n").count == Int(count) + 1)
    let folded = dump.split(separator: "\n").filter { $0.hasPrefix("     ...  ") }
    let hidden = try folded.reduce(0) { try $0 + #require(Int($1.split(separator: " ")[1])) }
    let shown = dump.split(separator: "\n").count - folded.count
    #expect(hidden > 0 && shown + hidden == Int(count) + 1)
    #expect(try drydock("dump", "a.db", "--pid", "2").output.contains(" 2   0 "))

    let diff = try drydock("diff", "--events", "a.db", "b.db").output
    #expect(diff.contains("the container manager left out (--all)"))
    #expect(!diff.contains(" by cm(") && !diff.contains(" of cm("))
    let all = try drydock("diff", "--events", "--all", "a.db", "b.db").output
    #expect(!all.contains("left out (--all)") && all.contains(" cm(2)"))
  }
}
