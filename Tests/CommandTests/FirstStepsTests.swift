// What someone does first, with nothing but a clone and its pages: every example there works, every link
// leads somewhere, and the makefile's scripts say what a newcomer wants to know.

import Foundation
import TestGuests
import TestSupport
import Testing
import Userland

struct FirstStepsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized.path
  private static let pages =
    ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "traces/README.md", "Benchmarks/README.md"]
    + ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/docs")) ?? [])
    .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ page: String) throws -> String {
    try String(contentsOfFile: "\(FirstStepsTests.root)/\(page)", encoding: .utf8)
  }

  /// What stands in the page's blocks of a language.
  private func blocks(_ language: String, in page: String) throws -> [String] {
    try text(page).components(separatedBy: "```\(language)\n").dropFirst()
      .compactMap { $0.components(separatedBy: "\n```").first }
  }

  // MARK: Pages

  @Test(arguments: pages)
  func everyLinkLeadsSomewhere(page: String) throws {
    let here = URL(filePath: "\(FirstStepsTests.root)/\(page)").deletingLastPathComponent()
    for link in try text(page).matches(of: /\]\(([^)\s]+)\)/).map({ String($0.1) }) {
      guard !link.contains("://") else { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file = parts[0].isEmpty ? "\(FirstStepsTests.root)/\(page)" : here.path + "/" + parts[0]
      #expect(FileManager.default.fileExists(atPath: file), "\(page): \(link)")
      guard parts.count == 2 else { continue }
      let headings = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        .filter { $0.hasPrefix("#") }.map { heading in
          heading.drop { $0 == "#" || $0 == " " }.lowercased()
            .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            .replacing(" ", with: "-")
        }
      #expect(headings.contains(String(parts[1])), "\(page): \(link)")
    }
  }

  @Test(arguments: ["README.md", "docs/scenarios.md"])
  func everyScenarioOnAPageRuns(page: String) throws {
    try FileManager.default.copyItem(
      atPath: "\(FirstStepsTests.root)/Examples", toPath: folder.file("Examples"))
    let scenarios = try blocks("yaml", in: page)
    #expect(!scenarios.isEmpty)
    for yaml in scenarios {
      let file = try folder.write(yaml, to: "s.yaml")
      let run = try DrydockTool.run(["run", "--scenario", file], in: folder.path)
      #expect(run.status == 0 && run.errors.isEmpty, "\(yaml)\n\(run)")
    }
  }

  /// With other programs in place of those of an xv6 that somebody has built.
  @Test func theLineForXv6sOwnTestsBringsWhatTheyRead() throws {
    let page = try text("README.md")
    let line = try #require(page.firstMatch(of: /drydock (run .*--file .* -- usertests)/)?.1)
    try FileManager.default.createDirectory(
      atPath: folder.file("user"), withIntermediateDirectories: true)
    let wc = try #require(Userland.all.first { $0.name == "wc" })
    _ = try folder.write(wc.bytes, to: "user/_usertests")
    _ = try folder.write("a readme\n", to: "README")
    let run = try DrydockTool.shell("$DRYDOCK \(line) README", in: folder.path)
    #expect(run.status == 0 && run.output.hasPrefix("1 2 9"), "\(run)")
  }

  // MARK: Scripts

  /// What a script says, however long it took on a busy machine.
  private func untimed(_ text: String) -> String {
    text.replacing(/(in|after) \d+ s\b/) { "\($0.1) N s" }
  }

  @Test func theDemonstrationKeepsWhatItShowsAndSaysWhatIsNext() throws {
    let run = try DrydockTool.shell(
      "DEMO=\(folder.path)/kept \(FirstStepsTests.root)/Scripts/demo $DRYDOCK </dev/null",
      in: folder.path)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
    #expect(!run.output.contains("\u{1b}"))
    #expect(run.output.contains("escape: 50 ways tried, 0 worked"))
    #expect(run.output.contains("typed by the scenario's script"))
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.file("kept"))
    #expect(Set(kept) == ["lecture.db", "lecture.html", "shell.db"])
    let next = try #require(run.output.components(separatedBy: "== What to look at next\n").last)
    let proposed = next.matches(of: /(?m)^  (\S+ (\w+) .*)$/)
      .filter { $0.1.hasPrefix(DrydockTool.path) }
    #expect(proposed.map(\.2) == ["serve", "stat", "query", "record", "diff"])
    // A server serves until it is told not to, and a stale session is told by FreshRecordingTests.
    for line in proposed where !["serve", "diff"].contains(line.2) {
      let run = try DrydockTool.shell("\(line.1) </dev/null", in: FirstStepsTests.root)
      #expect(run.status == 0, "\(line.1): \(run)")
    }
  }

  @Test func whatRunsQuietlyIsShownWhereItFails() throws {
    let quietly = "\(FirstStepsTests.root)/Scripts/quietly Trying log"
    let good = try DrydockTool.shell("\(quietly) printf 'one\\ntwo'", in: folder.path)
    #expect(good.status == 0 && untimed(good.output) == "Trying: done in N s (log)\n", "\(good)")
    let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    #expect(log == "one\ntwo\n")
    let bad = try DrydockTool.shell(
      "\(quietly) sh -c 'echo \"[1/2] Compiling\"; echo \"x.swift:1: error: no\" >&2; exit 3'",
      in: folder.path)
    #expect(bad.status == 3)
    #expect(
      untimed(bad.output)
        == "x.swift:1: error: no\nTrying failed after N s; all of it is in log\n",
      "\(bad)")
  }

  /// With something in place of Swift that tells of tests as Swift does.
  @Test func theTestsAreToldByASuiteALine() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("Scripts"), withIntermediateDirectories: true)
    for script in ["test", "quietly"] {
      try FileManager.default.copyItem(
        atPath: "\(FirstStepsTests.root)/Scripts/\(script)",
        toPath: folder.file("Scripts/\(script)"))
    }
    func test(_ suite: String, _ name: String) -> String { #"\#(suite)\/\#(name)()\/X.swift:1:2"# }
    func event(_ kind: String, _ id: String, _ time: String, _ symbol: String = "pass") -> String {
      #"{"kind":"event","payload":{"instant":{"absolute":\#(time),"since1970":1.5},"#
        + #""kind":"\#(kind)","messages":[{"symbol":"\#(symbol)","text":""}],"testID":"\#(id)"}}"#
    }
    func announced(_ id: String) -> String {
      #"{"kind":"test","payload":{"id":"\#(id)","kind":"function"}}"#
    }
    let (a, b, c) = (test("M.A", "a"), test("M.A", "b"), test(#"M.B\/C"#, "c"))
    let events = [
      announced(a), announced(b), announced(c), event("testCaseStarted", a, "10.5"),
      event("testCaseStarted", b, "10.75"), event("testCaseEnded", a, "12"),
      event("issueRecorded", b, "12.5", "fail"), event("testCaseEnded", b, "12.75"),
      event("testCaseStarted", c, "12.8"), event("testCaseEnded", c, "12.9"),
      event("testEnded", a, "13"), event("testEnded", "M.A", "13", "fail"),
      event("testEnded", #"M.B\/C"#, "13"), event("testEnded", "M.B", "13"),
    ]
    _ = try folder.write(events.joined(separator: "\n") + "\n", to: "events")
    _ = try folder.write(
      """
      [ "$1" = build ] && exit 0
      while [ "$1" != --event-stream-output-path ]; do shift; done
      cat events > "$2"
      echo "✘ Test b() recorded an issue"
      echo "✘ Test run with 3 tests in 3 suites failed after 2.400 seconds with 1 issue."
      exit 1
      """, to: "swift.sh")
    let run = try DrydockTool.shell("Scripts/test sh swift.sh test --filter M", in: folder.path)
    #expect(run.status == 1)
    let lines = untimed(run.output).split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "Building the tests: done in N s (.build/test-build.log)",
        "Running the tests; all that they say is in .build/test.log",
        "✘ M.A/b()/X.swift:1:2", "✘ M.A: 2 tests, 3.5 s", "✔ M.B/C: 1 test, 0.1 s",
        "What failed:", "✘ Test b() recorded an issue", "skipped: 0",
        "✘ Test run with 3 tests in 3 suites failed after 2.400 seconds with 1 issue.",
        "All that the tests said is in .build/test.log",
      ], "\(run)")
  }
}
