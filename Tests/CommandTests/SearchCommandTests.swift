// `search` through the real binary: what it finds and says, and what it says of bad input.

import Foundation
import Recorder
import TestSupport
import Testing

struct SearchCommandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func drydock(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path)
  }

  private static let lost = ["--fails-on", " 1 of 6 updates lost", "--", "lostupdate", "3"]

  private func search(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(["search"] + arguments + Self.lost, in: folder.path)
  }

  @Test func whatFailsIsShrunkAndReplays() throws {
    let run = try search("-o", "found")
    #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.hasPrefix("found/failure-1.db: the console shows \" 1 of 6 updates lost\""))
    #expect(run.output.contains("is interrupted before a store to a shared page"), "\(run.output)")
    #expect(run.output.contains("Then lostupdate("))
    let replay = try drydock("replay", "found/failure-1.db")
    #expect(replay.status == 0, "\(replay)")
    let rows = try drydock("query", "found/failure-1.db", "SELECT count(*) FROM decision", "--csv")
    #expect(rows.status == 0)
    let account = try String(contentsOfFile: folder.file("found/failure-1.md"), encoding: .utf8)
    #expect(account.contains("is interrupted before"))
  }

  @Test func whatDoesNotFailIsSaidToHaveNotFailed() throws {
    let run = try drydock(
      "search", "--runs", "50", "--jobs", "1", "-o", "fine", "--", "lostupdate", "safe", "2")
    #expect(run.status == 0 && run.output.contains("nothing failed\n"), "\(run)")
    #expect(run.output.contains("50 runs, ") && run.output.contains("(Good-Turing)"))
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("fine"))
    #expect(files == ["search.db"])
  }

  @Test func asJSONItIsOneObject() throws {
    let run = try search("-o", "found", "--json", "--strategy", "pct", "--depth", "3")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(answer["strategy"] as? String == "pct")
    let failures = try #require(answer["failures"] as? [[String: Any]])
    #expect(failures.first?["file"] as? String == "failure-1.db")
    #expect(failures.first?["preemptions"] as? Int == 2)
  }

  @Test func whatDporHasSeenIsAll() throws {
    let run = try drydock(
      "search", "--strategy", "dpor", "-o", "d", "--", "lostupdate", "safe", "1")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
    #expect(run.output.contains(" cover all interleavings on one hart"), "\(run.output)")
    #expect(run.output.contains("nothing failed\n") && run.output.contains("assumed: "))
    let bounded = try drydock(
      "search", "--strategy", "dpor", "--preemptions", "1", "-o", "b", "--", "lostupdate", "safe",
      "1"
    )
    #expect(
      bounded.output.contains(" cover all interleavings with at most 1 preemption on one hart"),
      "\(bounded.output)")
    let part = try drydock(
      "search", "--strategy", "dpor", "--runs", "2", "--json", "-o", "p", "--", "lostupdate",
      "safe",
      "1")
    #expect(part.output.contains("\"complete\": false"), "\(part.output)")
  }

  @Test func aSearchIsGoneOnWith() throws {
    let options = ["--strategy", "random", "--all", "-o", "s", "--", "lostupdate", "safe", "2"]
    func search(_ more: String...) throws -> ToolRun {
      try DrydockTool.run(["search"] + more + options, in: folder.path)
    }
    #expect(try search("--runs", "20").status == 0)
    let again = try search("--runs", "20")
    #expect(again.status == 2 && again.errors.contains("--resume goes on"), "\(again.errors)")
    let more = try search("--runs", "30", "--resume")
    #expect(more.status == 0 && more.output.hasPrefix("30 runs, "), "\(more)")
    let other = try search("--runs", "30", "--resume", "--seed", "5")
    #expect(other.status == 2 && other.errors.contains("another search: found "), "\(other)")
    #expect(other.errors.count { $0 == "\n" } == 1)
  }

  @Test func shardsAreMerged() throws {
    for number in 1...2 {
      let run = try drydock(
        "search", "--shard", "\(number)/2", "--runs", "11", "-o", "s\(number)", "--", "lostupdate",
        "safe", "2")
      #expect(run.status == 0)
    }
    let run = try drydock("search", "merge", "s1", "s2", "-o", "all")
    #expect(run.status == 0 && run.output.hasPrefix("21 runs, "), "\(run)")
    for folders in [["s1"], ["s1", "s1"], ["s1", "none"], ["s1", "all"]] {
      let bad = try DrydockTool.run(["search", "merge"] + folders + ["-o", "x"], in: folder.path)
      #expect(bad.status == 2 && bad.errors.count { $0 == "\n" } == 1, "\(bad)")
    }
    #expect(try drydock("search", "merge", "s1", "s2", "-o", "all").status == 2)
    // A program may have that name.
    let named = try drydock("search", "-o", "y", "--", "merge")
    #expect(named.errors.contains("merge: found no such program"), "\(named.errors)")
  }

  @Test func aProgramWithoutChoicesIsSaidToHaveNone() throws {
    let run = try drydock("search", "-o", "alone", "--", "echo", "hi")
    #expect(run.status == 0)
    #expect(
      run.errors
        == "drydock: there is no choice to be made: no two processes could go on at once\n")
    let crash = try drydock("search", "-o", "crash", "--", "crash")
    #expect(crash.status == 1 && crash.errors.contains("it fails without any preemption"))
    #expect(crash.output.contains("fault in crash: "), "\(crash.output)")
    #expect(try drydock("replay", "crash/failure-1.db").status == 0)
  }

  @Test func aKilledSearchKeepsItsRuns() throws {
    let run = try DrydockTool.shell(
      """
      "$DRYDOCK" search --all --seconds 60 --strategy random -o k -- lostupdate safe 20 &
      sleep 2; kill -9 $!; wait
      "$DRYDOCK" search --all --runs 1 --strategy random --resume -o k -- lostupdate safe 20
      """, in: folder.path)
    #expect(run.status == 0, "\(run)")
    let runs = run.output.split(separator: " ").first.flatMap { Int($0) }
    #expect((runs ?? 0) > 1, "\(run.output)")
  }

  @Test(arguments: [
    (
      ["--strategy", "pcd"],
      "--strategy: found \"pcd\", expected one of random, pct, pos, surw, dpor"
    ),
    (["--strategy", "dpor", "--jobs", "2"], "--jobs: found 2 with --strategy dpor, expected 1"),
    (["--strategy", "dpor", "--shard", "1/2"], "--shard: found \"1/2\" with --strategy dpor"),
    (["--runs", "0"], "--runs: found 0, expected a number from 1 on"),
    (["--seconds", "0"], "--seconds: found 0.0, expected a number above 0"),
    (["--depth", "0"], "--depth: found 0, expected 1 to 64"),
    (["--preemptions", "-1"], "--preemptions: found -1, expected a number from 0 on"),
    (["--jobs", "0"], "--jobs: found 0, expected 1 to 256"),
    (["--shard", "3/2"], "--shard: found \"3/2\", expected such as 2/8"),
    (["--fails-on", ""], "--fails-on: found an empty text"),
    (["--fails-if", "SELECT"], "--fails-if: incomplete input"),
    (["--harts", "2"], "--harts: found 2, expected 1"),
    (["--publish", "127.0.0.1:0:80"], "--publish: found a published port"),
    (["--live"], "--live: found with search"),
    (["-o", "/nowhere/x"], "/nowhere/x: cannot be made: "),
    (["-o", ""], "-o: found an empty name"),
    (["--resume", "-o", "none"], "none/search.db: found no file"),
  ])
  func badInputIsToldInOneLine(_ options: [String], _ words: String) throws {
    let run = try DrydockTool.run(["search"] + options + ["--", "echo"], in: folder.path)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.count { $0 == "\n" } == 1, "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  @Test func moreJobsThanCoresAreNotRefused() throws {
    let run = try drydock(
      "search", "--jobs", "200", "--runs", "5", "-o", "j", "--", "lostupdate", "safe", "1")
    #expect(run.status == 0)
    #expect(run.errors.contains("--jobs: 200 on ") && run.errors.count { $0 == "\n" } == 1)
  }

  @Test func aFullDiskIsTold() throws {
    let run = try DrydockTool.shell(
      "ulimit -f 24; \"$DRYDOCK\" search --all --runs 3000 --strategy random -o f -- lostupdate safe 3",
      in: folder.path)
    #expect(run.status == 2 && run.errors.count { $0 == "\n" } == 1, "\(run)")
    #expect(run.errors.contains("f/search.db: "), "\(run.errors)")
  }
}
