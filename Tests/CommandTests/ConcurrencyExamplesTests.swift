// Examples/concurrency: classic bugs, each with its right twin, compiled by the one command that the README has, and
// searched.

import Foundation
import TestSupport
import Testing

@Suite struct ConcurrencyExamplesTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Every bug, and how it shows.
  private static let bugs = [
    ("aba", "illegal instruction"), ("abba", "deadlock"), ("atomicity", "illegal instruction"),
    ("barrier", "deadlock"), ("double_check", "illegal instruction"),
    ("lost_update", "illegal instruction"), ("lost_wakeup", "deadlock"),
    ("missed", "deadlock"), ("order", "illegal instruction"),
    ("starvation", "illegal instruction"), ("stealing", "illegal instruction"),
    ("toctou", "exit status 1, expected 0"),
  ]

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func search(_ name: String, runs: Int) throws -> ToolRun {
    let runtime = "\(Self.package)/Sources/Userland/Runtime"
    let compiled = try DrydockTool.shell(
      "clang -g -Wall -Wextra -Werror --config=\(runtime)/guest.cfg "
        + "\(Self.package)/Examples/concurrency/\(name).c -o program",
      in: folder.path)
    try #require(compiled.status == 0, "\(compiled)")
    return try DrydockTool.run(
      [
        "search", "--strategy", "pct", "--runs", "\(runs)", "--jobs", "1", "--file",
        "program:/program", "-o", "found", "--", "program",
      ], in: folder.path)
  }

  @Test(arguments: bugs)
  func `the bug is found, and replays`(name: String, failure: String) throws {
    let run = try search(name, runs: 300)
    #expect(run.status == 1, "\(run)")
    #expect(run.output.prefix { $0 != "\n" }.contains(failure), "\(run.output)")
    let replay = try DrydockTool.run(["replay", "found/failure-1.db"], in: folder.path)
    #expect(replay.status == 0, "\(replay)")
    // What a thread keeps on its stack is not told, such as where it returns to at its end.
    #expect(!run.output.contains("stores \(0x3f_ffff_f000)"), "\(run.output)")
  }

  @Test(arguments: bugs.map(\.0))
  func `nothing is found in its twin`(name: String) throws {
    let run = try search("right/\(name)", runs: 300)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("300 runs, ") && run.output.contains("nothing failed\n"), "\(run)")
  }

  @Test func `every example is one of these`() throws {
    let expected = Self.bugs.map { "\($0.0).c" }.sorted()
    for folder in ["concurrency", "concurrency/right"] {
      let files = try FileManager.default.contentsOfDirectory(
        atPath: "\(Self.package)/Examples/\(folder)")
      #expect(files.filter { $0.hasSuffix(".c") }.sorted() == expected)
    }
  }

  /// A race is one in the program, not in the library that it is linked with.
  @Test func `races are those of the program`() throws {
    for (name, status) in [("lost_update", 1), ("right/lost_update", 0), ("right/abba", 0)] {
      _ = try search(name, runs: 1)
      let recorded = try DrydockTool.run(
        ["record", "--file", "program:/program", "--force", "-o", "races.db", "--", "program"],
        in: folder.path)
      #expect(recorded.status == 0, "\(recorded)")
      let races = try DrydockTool.run(["races", "races.db"], in: folder.path)
      #expect(races.status == Int32(status), "\(races)")
      #expect(!races.output.contains("/Runtime/libc/"), "\(races)")
      try FileManager.default.removeItem(atPath: folder.file("found"))
    }
  }
}
