// Every call's success and each of its failures, by the guest programs that check them.

import Sim
import TestGuests
import TestSupport
import Testing

/// Those that do not end by themselves, or want to be told how long or whom to serve.
private let others = [
  "sleep_forever", "cost_bounds", "sched_weights", "sched_attack", "group_weights", "group_quota",
  "neighbour", "host_echo",
]

/// The programs in Tests/TestGuests that need nothing but to be run, and that end.
private let programs = TestGuests.all.map(\.name).filter {
  !$0.hasPrefix("console_") && !others.contains($0)
}

/// All but the one that fills 128 MiB several times over, by itself on the machine at all times.
private let concurrentPrograms = programs.filter { $0 != "limit_memory" }

@Suite struct CallTests {
  @Test("A guest test finds nothing wrong", arguments: programs)
  func guestTestPasses(name: String) throws {
    let run = try GuestRun([name])
    #expect(run.end == .halted(status: 0), "\(name) printed:\n\(run.console)")
  }

  @Test(
    "Nor does it on several harts, in whatever order they go, and a second run is the same",
    arguments: concurrentPrograms, [2, 4])
  func guestTestPassesOnSeveralHarts(name: String, harts: Int) throws {
    var scenario = GuestRun.scenario([name])
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    let run = try GuestRun(scenario)
    #expect(run.end == .halted(status: 0), "\(name) printed:\n\(run.console)")
    let again = try GuestRun(scenario)
    #expect(again.end == run.end && again.console == run.console)
    #expect(again.events == run.events)
  }
}
