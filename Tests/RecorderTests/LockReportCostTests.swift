// The locks' report costs no more than in proportion to the session, however many locks are waited for at once.

import Recorder
import Sim
import TestSupport
import Testing

struct LockReportCostTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func cost(_ shape: String, _ count: Int) throws -> Double {
    let path = folder.file("\(shape)\(count).db")
    var scenario = GuestRun.scenario(["many", shape, "\(count)"])
    scenario.limits.processes = 2 * count + 8
    scenario.limits.mutexes = count + 8
    scenario.limitTicks = nil
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    #expect(reader.summary.status == 0, "\(reader.summary)")
    let events = try reader.allEvents()
    return processorTime {
      var report = LockReport()
      for (index, event) in events.enumerated() { report.receive(event, Int64(index + 1)) }
    }
  }

  /// Looking at all locks for each event would cost sixteen times as much.
  @Test(arguments: ["l", "q", "w"])
  func fourTimesTheProcessesCostFarLessThanSixteenTimesAsMuch(shape: String) throws {
    let (few, many) = (try cost(shape, 400), try cost(shape, 1600))
    #expect(many < 9 * few, "\(few) s, \(many) s")
  }
}
