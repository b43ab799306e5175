// Sessions of random calls, watched by the machine's own invariants and asked in SQL: where nothing is
// wrong neither says so.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

@Suite struct VerifyAgreementTests {
  private func scenario(_ seed: UInt64) -> Scenario {
    var scenario = GuestRun.scenario(["fuzz", "\(seed)", "150"])
    scenario.seed = seed
    scenario.harts = 1 + Int(seed % 3)
    scenario.tick = 10_000
    scenario.limitTicks = 400
    return scenario
  }

  /// The families that do not hold, as the machine shows and as the trace tells.
  private func families(_ scenario: Scenario) throws -> (shown: [Invariant], told: [Invariant]) {
    let folder = try TemporaryFolder()
    try record(scenario, to: folder.file("t.db"))
    let told = try TraceReader(path: folder.file("t.db")).violations().map(\.family)
    let shown = try CheckedRun(scenario).violations.map(\.invariant)
    return (
      shown,
      Invariant.allCases.filter { told.contains($0.rawValue) }
    )
  }

  @Test("On a kernel without defects both are silent", arguments: 0..<40)
  func bothAreSilent(seed: UInt64) throws {
    let found = try families(scenario(seed))
    #expect(found.shown.isEmpty && found.told.isEmpty, "\(found)")
  }
}
