import Foundation
import TestSupport
import Testing

/// What lies in `traces/` is what its scenarios come to today: programs, files and every event. Whoever
/// changes one of them, or the kernel, or the format, records anew (`make traces`).
@Suite("A session in traces/")
struct FreshRecordingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func expectSame(_ fresh: String, as name: String) throws {
    let diff = try DrydockTool.run(["diff", fresh, CommittedTraces.path(name)])
    let told = diff.output.split(separator: "\n").prefix(12).joined(separator: "\n")
    #expect(
      diff.status == 0 && diff.output.isEmpty && diff.errors.isEmpty,
      "traces/\(name).db is stale: make traces\n\(told)\(diff.errors)")
  }

  @Test("is the recording that its scenario comes to now", arguments: CommittedTraces.scenarios)
  func isFresh(name: String) throws {
    let scenario = CommittedTraces.folder.appending(path: "scenarios/\(name).yaml").path
    let fresh = folder.file("fresh.db")
    let run = try DrydockTool.run(["record", "--scenario", scenario, "-o", fresh])
    #expect(run.errorLines.last?.hasPrefix("drydock: recorded ") == true, "\(run.errors)")
    try expectSame(fresh, as: name)
  }

  /// As the tutorial says.
  @Test("is what the tutorial's command records")
  func isTheTutorials() throws {
    let fresh = folder.file("inversion.db")
    _ = try DrydockTool.run(["record", "-o", fresh, "--", "inversion"])
    try expectSame(fresh, as: "inversion")
  }
}
