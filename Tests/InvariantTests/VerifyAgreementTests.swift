// Sessions of random calls, watched by the machine's own invariants and asked in SQL: where nothing is
// wrong neither says so, and what SQL finds on a kernel with a defect the machine showed as well.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

@Suite struct VerifyAgreementTests {
  private func scenario(_ seed: UInt64, _ program: String = "fuzz") -> Scenario {
    var scenario = GuestRun.scenario([program, "\(seed)", "150"])
    scenario.seed = seed
    scenario.harts = 1 + Int(seed % 3)
    scenario.tick = 10_000
    scenario.limitTicks = 400
    return scenario
  }

  /// What does not hold, as the machine shows and as the trace tells.
  private func violations(_ scenario: Scenario) throws -> (
    shown: [Violation], told: [TraceViolation]
  ) {
    let folder = try TemporaryFolder()
    try record(scenario, to: folder.file("t.db"))
    let told = try TraceReader(path: folder.file("t.db")).violations(atMost: 1)
    return (try CheckedRun(scenario).violations, told)
  }

  @Test("On a kernel without defects both are silent", arguments: 0..<40)
  func bothAreSilent(seed: UInt64) throws {
    let found = try violations(scenario(seed))
    #expect(found.shown.isEmpty && found.told.isEmpty, "\(found)")
  }

  @Test("Nor do they find anything wrong where processes have threads", arguments: 0..<24)
  func bothAreSilentOfThreads(seed: UInt64) throws {
    let found = try violations(scenario(seed, "fuzz_threads"))
    #expect(found.shown.isEmpty && found.told.isEmpty, "\(found)")
  }

  @Test(
    "What a call still costs that was being made when a quota was set is not held against it",
    arguments: [1, 2, 4])
  func callsOfBeforeAQuota(harts: Int) throws {
    var scenario = GuestRun.scenario(["group_numbers"])
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    let found = try violations(scenario)
    #expect(found.shown.isEmpty && found.told.isEmpty, "\(found)")
  }

  /// Seed 7 has orphans of a container that ends in the same step, and a frame that two containers share.
  @Test(
    "With a defect, SQL finds nothing that the machine did not show", arguments: Defect.allCases)
  func findsNoMore(defect: Defect) throws {
    var scenario = scenario(7)
    scenario.defects = [defect]
    let (shown, told) = try violations(scenario)
    for violation in told {
      #expect(
        shown.contains { $0.invariant.rawValue == violation.family },
        "\(violation); the machine showed \(shown)")
    }
  }
}
