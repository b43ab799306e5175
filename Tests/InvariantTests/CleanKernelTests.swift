// A kernel without defects violates nothing, whatever programs do, on any number of harts.

import Replay
import Sim
import TestGuests
import TestSupport
import Testing

private let programs = TestGuests.all.map(\.name).filter { !$0.hasPrefix("console_") }

@Suite struct CleanKernelTests {
  @Test("No invariant is violated by a guest test", arguments: programs)
  func guestTestsViolateNothing(name: String) throws {
    for (harts, seed) in [(1, 0), (3, 7)] as [(Int, UInt64)] {
      var scenario = GuestRun.scenario([name])
      scenario.harts = harts
      scenario.seed = seed
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty, "\(run.violations.map { $0.text(in: nil) })")
    }
  }
}
