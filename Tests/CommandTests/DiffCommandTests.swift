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

  @Test func alignedEventsShowWhatOnlyOneSessionHas() throws {
    try recordBoth()
    let diff = try drydock("diff", "--events", "--context", "1", "a.db", "b.db")
    #expect(diff.status == 1)
    let lines = diff.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("@@ aligned @@ ") })
    #expect(lines.contains { $0.hasPrefix("+ ") && $0.contains(" fork ") })
    #expect(lines.contains { $0.hasPrefix("- ") && $0.contains("4 processes, then fork failed") })
    #expect(lines.contains { $0.hasPrefix("  ") && $0.contains("  = ") })
  }

  @Test func optionsThatSayNothingTogetherAreRefused() throws {
    for options in [["--brief", "--events"], ["--schedule"], ["--events", "--context", "-1"]] {
      let run = try DrydockTool.run(["diff"] + options + ["a.db", "b.db"], in: folder.path)
      #expect(run.status == 2 && run.output.isEmpty)
    }
  }
}
