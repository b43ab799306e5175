import Foundation
import TestSupport
import Testing

/// The fuzzer, and the inputs with which it has found something.
struct FuzzTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fuzz(_ arguments: String...) throws -> ToolRun { try fuzz(arguments) }

  private func fuzz(_ arguments: [String]) throws -> ToolRun {
    try DrydockTool.run(arguments, in: folder.path, tool: "fuzz")
  }

  /// Inputs with which something was found once, as files, by what tries them: a seed would stand for
  /// another input as soon as there is one more program or defect.
  private static let inputs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../FuzzInputs").standardized

  private static func inputs(of what: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: inputs.path).sorted()
      .filter { name in
        name.hasPrefix("\(what)-") && !name.hasSuffix(".original.db")
          && [".yaml", ".json", ".tar", ".db", ".elf"].contains { name.hasSuffix($0) }
      }
      .map { inputs.appending(path: $0).path }
  }

  private static let kinds = [
    "programs", "defects", "elf", "symbols", "yaml", "json", "tar", "trace", "pages",
  ]

  @Test(arguments: kinds)
  func anInputThatFailedOnceFailsNoMore(what: String) throws {
    let inputs = try Self.inputs(of: what)
    if inputs.isEmpty { return }
    let run = try fuzz([what, "--input"] + inputs)
    #expect(run.status == 0, "\(run)")
    #expect(
      run.output.hasPrefix(
        "fuzzing \(what) with \(inputs.count) inputs\n\(inputs.count) inputs in "))
  }

  @Test func noInputIsForgotten() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.inputs.path)
    let tried = try Self.kinds.flatMap { try Self.inputs(of: $0) }
    let texts = try tried.map {
      String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self)
    }
    for file in files where file != "README.md" {
      let isTried = tried.contains { $0.hasSuffix("/\(file)") }
      // A program that an input runs, or what lies beside a trace.
      #expect(
        isTried || texts.contains { $0.contains(file) } || file.contains(".original.db"), "\(file)")
    }
    #expect(tried.count >= 8)
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

  @Test func aCrashKeepsItsInputAndNamesTheCommandThatRepeatsIt() throws {
    // So little memory that nothing can be done with it.
    let run = try fuzz("programs", "--seed", "7", "--count", "1", "--memory", "1")
    #expect(run.status == 1)
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "fuzzing programs from seed 7")
    let kept = "fuzz-failures/programs-7.yaml"
    #expect(lines.last?.hasSuffix("fuzz programs --input \(kept)") == true, "\(run.output)")
    #expect(lines.contains { $0.contains("died of signal") }, "\(run.output)")
    let again = try fuzz("programs", "--input", kept, "--memory", "1")
    #expect(again.status == 1 && again.output.contains("\(kept): died of signal"), "\(again)")
    #expect(again.output.contains("again: ") && !again.output.contains("--seed"), "\(again)")
    let fine = try fuzz("programs", "--input", kept)
    #expect(fine.status == 0 && fine.output.contains("\n1 inputs in "), "\(fine)")
  }

  @Test func aHangIsAFailureToo() throws {
    let run = try fuzz("programs", "--seed", "7", "--count", "1", "--patience", "0.01")
    #expect(run.status == 1 && run.output.contains("seed 7: nothing came of it"), "\(run.output)")
  }

  /// What comes of an input that was kept is what comes of its seed.
  @Test(arguments: kinds)
  func aKeptInputIsTheSeeds(what: String) throws {
    let name = try fuzz(what, "--seed", "9", "--keep", "a").output.split(separator: "\n").joined()
    func count(_ run: ToolRun) -> Substring? {
      #expect(run.status == 0, "\(run)")
      return run.output.firstMatch(of: /: (\d refused, \d taken)/)?.1
    }
    let kept = count(try fuzz(what, "--input", name))
    let seed = count(try fuzz(what, "--seed", "9", "--count", "1"))
    #expect(kept != nil && kept == seed)
  }

  @Test func theInputOfASeedIsAlwaysTheSame() throws {
    for what in ["programs", "elf", "yaml", "json", "tar", "defects"] {
      let names = try ["a", "b"].map { place in
        try fuzz(what, "--seed", "9", "--keep", place).output.split(separator: "\n").joined()
      }
      let contents = try names.map { try Data(contentsOf: URL(fileURLWithPath: folder.file($0))) }
      #expect(contents[0] == contents[1] && !contents[0].isEmpty, "\(names)")
    }
    let kept = try DrydockTool.run(
      ["run", "--scenario", "a/programs-9.yaml", "--limit-ticks", "30"], in: folder.path)
    #expect(kept.errors.hasPrefix("drydock: the limit of 30 ticks was reached"), "\(kept)")
  }
}
