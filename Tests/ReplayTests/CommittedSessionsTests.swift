// The sessions in `traces/` were recorded by a release build, some time ago and elsewhere. That this
// build, debug or release, makes every event of them again is what "deterministic" means.

import Foundation
import Recorder
import Replay
import Testing

@Suite("Every session in traces/")
struct CommittedSessionsTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("traces")

  private static let names: [String] = {
    let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (all ?? []).filter { $0.hasSuffix(".db") }.sorted()
  }()

  private static let scenarios: [String] = {
    let all = try? FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("scenarios").path)
    return (all ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  @Test("replays, event for event", arguments: names)
  func replays(name: String) throws {
    var session = try ReplaySession(
      try TraceReader(path: Self.folder.appendingPathComponent(name).path))
    while true {
      switch try session.step() {
      case .matched: continue
      case .finished(let summary):
        #expect(summary.isComplete)
        #expect(summary.events == session.matched && summary.events > 100)
        // What the machine's state shows and what the rows alone show is the same: nothing wrong.
        #expect(session.violations == [])
        let told = try session.reader.violations()
        #expect(told.map(\.family) == session.violations.map(\.invariant.rawValue))
        return
      case .diverged(let divergence):
        Issue.record("\(name): \(divergence)")
        return
      }
    }
  }

  @Test("has its scenario, and every scenario its session")
  func scenariosAndSessions() throws {
    let recorded = Self.names.map { $0.dropLast(3) }
    #expect(recorded == Self.scenarios.map { $0.dropLast(5) })
    #expect(!recorded.isEmpty)
  }

  @Test("is described in the README there", arguments: names)
  func described(name: String) throws {
    let readme = try String(
      contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(readme.contains("| `\(name)` |"))
  }
}
