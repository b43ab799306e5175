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

  private static let policies = SchedulerKind.allCases.filter { $0 != .priority }

  @Test(
    "No policy breaks its own rules, or any other", arguments: policies,
    ["bug_policies", "fuzz", "call_cv", "cm_service"])
  func policiesViolateNothing(scheduler: SchedulerKind, name: String) throws {
    for (harts, seed) in [(1, 0), (2, 5), (4, 7)] as [(Int, UInt64)] {
      var scenario = GuestRun.scenario(name == "fuzz" ? [name, "3", "300"] : [name])
      scenario.harts = harts
      scenario.seed = seed
      scenario.scheduler = scheduler
      scenario.limitTicks = 120
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty, "\(run.violations.map { $0.text(in: nil) })")
    }
  }
}
