// Checking a session costs no more than in proportion to what happened in it, whatever its processes
// share, wait for or live in. A limit within a limit, thousands deep, is left out: there a process counts in
// all of them, and a check costs more than in proportion (Benchmarks/README.md).

import Foundation
import Replay
import Sim
import TestSupport
import Testing

struct ReplayCostTests {
  /// Of this thread alone, which other tests do not share.
  private func processorTime(of work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try work()
    return now() - start
  }

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
  @Test(arguments: ["p", "s", "c", "d"])
  func fourTimesTheProcessesCostFarLessThanSixteenTimesAsMuch(shape: String) throws {
    let (few, many) = (try cost(shape, 400), try cost(shape, 1600))
    #expect(many < 9 * few, "\(few) s, \(many) s")
  }
}
