// The sessions in `traces/` were recorded by a release build, some time ago and elsewhere. That this
// build, debug or release, makes every event of them again is what "deterministic" means. That they
// would be recorded like this today, CommandTests/FreshRecordingTests holds.

import Foundation
import Recorder
import Replay
import TestSupport
import Testing

@Suite("Every session in traces/")
struct CommittedSessionsTests {
  @Test("replays, event for event", arguments: CommittedTraces.names)
  func replays(name: String) throws {
    var session = try CheckedReplay(try TraceReader(path: CommittedTraces.path(name)))
    while true {
      switch try session.step() {
      case .matched: continue
      case .finished(let summary):
        #expect(summary.isComplete)
        #expect(summary.events == session.matched && summary.events > 100)
        // What the machine's state shows and what the rows alone show is the same: nothing wrong.
        #expect(session.violations == [])
        let told = try session.session.reader.violations()
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
    #expect(CommittedTraces.names == CommittedTraces.scenarios)
  }

  @Test("is described in the README there", arguments: CommittedTraces.names)
  func described(name: String) throws {
    let readme = try String(
      contentsOf: CommittedTraces.folder.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains("| `\(name).db` |"))
  }
}
