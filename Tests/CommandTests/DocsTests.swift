// What the documentation says is what the tool does: every page made from it is as it would be made
// now, and every answer in a page is the one that comes today.

import Foundation
import Sim
import TestSupport
import Testing
import Userland

struct DocsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized.path

  private func made(_ arguments: [String]) throws -> String {
    let run = try DrydockTool.run(["docs"] + arguments, in: DocsTests.root)
    #expect(run.status == 0, "\(run.errors)")
    return run.output
  }

  @Test(arguments: [
    ("docs/reference", ["reference"]), ("docs/schema", ["schema"]),
    ("README", ["answers", "README.md"]), ("docs/cookbook", ["answers", "docs/cookbook.md"]),
    ("docs/tutorial", ["answers", "docs/tutorial.md"]),
    ("docs/perfetto", ["answers", "docs/perfetto.md"]),
    ("docs/containers", ["answers", "docs/containers.md"]),
    ("docs/scheduling", ["answers", "docs/scheduling.md"]),
  ])
  func aPageIsAsItWouldBeMadeNow(_ page: String, _ arguments: [String]) throws {
    let file = "\(DocsTests.root)/\(page).md"
    let found = try String(contentsOfFile: file, encoding: .utf8)
    #expect(try found == made(arguments), "\(page).md is old: make docs")
  }

  @Test func theCookbookHasFortySixQuestionsWithAnswers() throws {
    let page = try String(contentsOfFile: "\(DocsTests.root)/docs/cookbook.md", encoding: .utf8)
    let lines = page.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("### ") } == 46)
    #expect(lines.count { $0.hasPrefix("```sql ") } == 46)
    #expect(lines.count { $0 == "```text" } == 46)
  }

  private func page(_ name: String) throws -> String {
    try String(contentsOfFile: "\(DocsTests.root)/docs/\(name).md", encoding: .utf8)
  }

  @Test func theGuestsPageHasEveryCallAndProgram() throws {
    let page = try page("guest")
    let calls = page.matches(of: /(?m)^\| (\d+) \| `(\w+)\(/).map { "\($0.1) \($0.2)" }
    #expect(calls == CallNumber.allCases.map { "\($0.rawValue) \($0.name)" })
    let programs = page.components(separatedBy: "## Programs on the disk")[1]
    let named = programs.matches(of: /`(\w+)[` ]/).map { String($0.1) }
    for image in Userland.all { #expect(named.contains(image.name), "\(image.name)") }
  }

  @Test func theScenariosPageHasEveryKey() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("nosuchkeyatall: 1\n", to: "s.yaml")
    let errors = try DrydockTool.run(["run", "--scenario", file]).errors
    let known = try #require(errors.firstMatch(of: /expected one of ([\w, ]+)/)?.1)
    let keys = known.split(separator: ", ").map(String.init)
    #expect(keys.count > 20)
    let page = try page("scenarios")
    for key in keys { #expect(page.contains("\n| `\(key)` |"), "\(key)") }
    let usual = Limits()
    for limit in Limits.all where limit.name != "frames" {
      let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(limit.name)` |") }
      let numbers =
        "| \(usual[keyPath: limit.path]) | \(limit.range.lowerBound) to "
        + "\(limit.range.upperBound) |"
      #expect(row?.hasSuffix(numbers) == true, "\(limit.name)")
    }
  }

  @Test func theManualHasEveryVerb() throws {
    let manual = try made(["man"])
    let help = try DrydockTool.run(["--help"]).output
    for verb in ["run", "record", "replay", "query", "stat", "report", "export"] {
      #expect(manual.contains(".SS drydock \(verb)\n") && help.contains("  \(verb) "))
    }
    #expect(!manual.contains("drydock docs"))
  }

  @Test func theManualIsMarkedUpAsManualsAre() throws {
    let manual = try made(["man"])
    let sections = manual.split(separator: "\n").filter { $0.hasPrefix(".SH ") }.map {
      $0.dropFirst(4)
    }
    #expect(
      sections == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "FILES",
        "SEE ALSO",
      ])
    #expect(manual.contains(".TP\n\\fB\\-\\-limit\\-ticks\\fR \\fIn\\fR\n"))
    #expect(manual.contains(".TP\n.I session.db\n"))
    #expect(!manual.contains(".nf\n"))
  }

  /// Where there is a groff, which not every machine has.
  @Test func theManualIsFormattedWithoutAWarning() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(made(["man"]), to: "drydock.1")
    let run = try DrydockTool.shell(
      "if command -v groff >/dev/null; then groff -man -ww -Tutf8 -z drydock.1; fi",
      in: folder.path)
    #expect(run.status == 0 && run.errors.isEmpty && run.output.isEmpty, "\(run)")
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsAreThereForThreeShells(_ shell: String) throws {
    let run = try DrydockTool.run(["--generate-completion-script", shell])
    #expect(run.status == 0 && run.output.contains("timeline") && run.output.contains("perfetto"))
  }

  /// In bash itself: the last word of the line is completed.
  @Test(arguments: [
    ("info t/s", "t/s.db"), ("stat sched t/s", "t/s.db"), ("replay t/s", "t/s.db"),
    ("serve t/s", "t/s.db"),
    ("diff t/s.db t/s", "t/s.db"), ("query t/s", "t/s.db"), ("query t/s.db t/s", ""),
    ("dump t/s", "t/s.db"), ("verify t/s", "t/s.db"), ("report t/s", "t/s.db"),
    ("report -o t/s", "t/s.db"), ("export --format folded t/s", "t/s.db"),
    ("record -o t/s", "t/s.db"), ("record --output t/s", "t/s.db"), ("run --file t/s", "t/s.db"),
    ("run --script t/s", "t/s.db"), ("run --scenario t/", "t/y.yaml"),
    ("run --spec t/", "t/j.json"),
    ("run --root t", "t"), ("inf", "info"),
  ])
  func bashCompletesWhatIsAFile(_ line: String, _ completed: String) throws {
    let folder = try TemporaryFolder()
    let script = """
      mkdir t && touch t/s.db t/y.yaml t/j.json && source <("$DRYDOCK" --generate-completion-script bash)
      COMP_WORDS=(drydock \(line)) COMP_LINE="drydock \(line)"
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE}
      _drydock drydock "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      echo "${COMPREPLY[*]}"
      """
    _ = try folder.write(script, to: "complete.sh")
    let run = try DrydockTool.shell("bash complete.sh", in: folder.path)
    #expect(run.status == 0 && run.output == completed + "\n", "\(run)")
  }
}
