// What the documentation says is what the tool does: every page made from it is as it would be made
// now, and every answer in the cookbook, the tutorial and perfetto.md is the one that comes today.

import Foundation
import TestSupport
import Testing

struct DocsTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized.path

  private func made(_ arguments: [String]) throws -> String {
    let run = try DrydockTool.run(["docs"] + arguments, in: DocsTests.root)
    #expect(run.status == 0, "\(run.errors)")
    return run.output
  }

  @Test(arguments: [
    ("reference", ["reference"]), ("schema", ["schema"]),
    ("cookbook", ["answers", "docs/cookbook.md"]), ("tutorial", ["answers", "docs/tutorial.md"]),
    ("perfetto", ["answers", "docs/perfetto.md"]),
  ])
  func aPageIsAsItWouldBeMadeNow(_ page: String, _ arguments: [String]) throws {
    let file = "\(DocsTests.root)/docs/\(page).md"
    let found = try String(contentsOfFile: file, encoding: .utf8)
    #expect(try found == made(arguments), "docs/\(page).md is old: make docs")
  }

  @Test func theCookbookHasThirtyQuestionsWithAnswers() throws {
    let page = try String(contentsOfFile: "\(DocsTests.root)/docs/cookbook.md", encoding: .utf8)
    let lines = page.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("### ") } == 30)
    #expect(lines.count { $0.hasPrefix("```sql ") } == 30)
    #expect(lines.count { $0 == "```text" } == 30)
  }

  @Test func theManualHasEveryVerb() throws {
    let manual = try made(["man"])
    let help = try DrydockTool.run(["--help"]).output
    for verb in ["run", "record", "replay", "query", "stat", "report", "export"] {
      #expect(manual.contains(".SH DRYDOCK \(verb.uppercased())\n") && help.contains("  \(verb) "))
    }
    #expect(!manual.contains("DRYDOCK DOCS"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsAreThereForThreeShells(_ shell: String) throws {
    let run = try DrydockTool.run(["--generate-completion-script", shell])
    #expect(run.status == 0 && run.output.contains("timeline") && run.output.contains("perfetto"))
  }
}
