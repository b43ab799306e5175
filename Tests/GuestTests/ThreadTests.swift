// Threads: clone, join, futex and gettid, as a guest program sees them.

import Sim
import TestSupport
import Testing

@Suite struct ThreadTests {
  @Test(arguments: [1, 2, 4], [0, 3, 8] as [UInt64])
  func `all that a guest may rely on holds`(harts: Int, seed: UInt64) throws {
    var scenario = GuestRun.scenario(["call_threads"])
    scenario.harts = harts
    scenario.seed = seed
    scenario.inheritsPriorities = seed == 3
    let run = try CheckedRun(scenario)
    #expect(run.violations.isEmpty, "\(run.violations)")
    #expect(run.console.contains("from a thread\n"))
    #expect(run.console.hasSuffix("all of it held\n"), "\(run.console)")
  }
}
