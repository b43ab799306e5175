// Checking a session costs no more than in proportion to what happened in it, whatever its processes
// share, wait for or live in.

import Replay
import Sim
import TestSupport
import Testing

struct ReplayCostTests {
  private func cost(_ shape: String, _ count: Int) throws -> Double {
    var scenario = GuestRun.scenario(["many", shape, "\(count)"])
    scenario.limits.processes = count + 8
    scenario.limitTicks = nil
    return try processorTime {
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty && run.end == .halted(status: 0), "\(run)")
    }
  }

  /// Four times the processes; looking at all of them for each of them would cost sixteen times as much.
  @Test(arguments: ["p", "s", "c", "d", "m", "q"])
  func fourTimesTheProcessesCostFarLessThanSixteenTimesAsMuch(shape: String) throws {
    let (few, many) = (try cost(shape, 400), try cost(shape, 1600))
    #expect(many < 9 * few, "\(few) s, \(many) s")
  }
}
