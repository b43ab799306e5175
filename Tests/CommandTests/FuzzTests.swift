import Foundation
import TestSupport
import Testing

/// The fuzzer, and the seeds with which it has found something.
struct FuzzTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fuzz(_ arguments: String...) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path, tool: "fuzz")
  }

  /// Each of these ended in a violation or in a trap once.
  @Test(arguments: [
    ("programs", 151), ("defects", 50), ("defects", 95), ("defects", 165), ("defects", 217),
    ("defects", 299), ("defects", 301), ("defects", 397),
  ])
  func aSeedThatFailedOnceFailsNoMore(what: String, seed: Int) throws {
    let run = try fuzz(what, "--seed", "\(seed)", "--count", "1")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.hasPrefix("fuzzing \(what) from seed \(seed)\n1 inputs in "))
  }

  @Test(arguments: [
    ("elf", 300), ("yaml", 300), ("json", 1000), ("tar", 300), ("trace", 60), ("pages", 40),
  ])
  func theReadersSurviveWhatIsNearlyRight(what: String, count: Int) throws {
    let run = try fuzz(what, "--seed", "77000", "--count", "\(count)")
    #expect(run.status == 0 && run.output.contains("\n\(count) inputs in "), "\(run)")
    #expect(!run.output.contains(": 0 refused"), "\(run.output)")
  }

  @Test func aSessionThroughAFileIsAmongThem() throws {
    #expect(try fuzz("programs", "--seed", "20", "--count", "1").status == 0)
  }

  @Test func aCrashNamesItsSeedAndTheCommandThatRepeatsIt() throws {
    // So little memory that nothing can be done with it.
    let run = try fuzz("programs", "--seed", "7", "--count", "1", "--memory", "1")
    #expect(run.status == 1)
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "fuzzing programs from seed 7")
    #expect(lines.last?.hasSuffix("fuzz programs --seed 7 --count 1") == true, "\(run.output)")
    #expect(lines.contains { $0.contains("died of signal") }, "\(run.output)")
  }

  @Test func aHangIsAFailureToo() throws {
    let run = try fuzz("programs", "--seed", "7", "--count", "1", "--patience", "0.01")
    #expect(run.status == 1 && run.output.contains("seed 7: nothing came of it"), "\(run.output)")
  }

  @Test func theInputOfASeedIsKeptAndIsAlwaysTheSame() throws {
    for what in ["programs", "elf", "yaml", "json", "tar", "defects"] {
      let names = try ["a", "b"].map { place in
        try fuzz(what, "--seed", "9", "--keep", place).output.split(separator: "\n").joined()
      }
      let contents = try names.map { try Data(contentsOf: URL(fileURLWithPath: folder.file($0))) }
      #expect(contents[0] == contents[1] && !contents[0].isEmpty, "\(names)")
    }
    let kept = try DrydockTool.run(
      ["run", "--scenario", "a/fuzz-9.yaml", "--limit-ticks", "30"], in: folder.path)
    #expect(kept.errors.hasPrefix("drydock: the limit of 30 ticks was reached"), "\(kept)")
  }
}
