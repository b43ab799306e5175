// No view costs more than in proportion to the session, whatever its processes do: in a row, side by
// side, each in the one before, all waiting for one mutex, each in a container of its own.

import Recorder
import Sim
import TestSupport
import Testing

struct ViewCostTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func session(_ shape: String, _ count: Int) throws -> (path: String, events: Int) {
    let path = folder.file("\(shape)\(count).db")
    var scenario = GuestRun.scenario(["many", shape, "\(count)"])
    scenario.limits.processes = count + 8
    scenario.limitTicks = nil
    try record(scenario, to: path)
    let reader = try TraceReader(path: path)
    #expect(reader.summary.isComplete)
    return (path, Int(reader.summary.events))
  }

  /// One limit after the other of the same process, and children in between.
  @Test func limitsOfOneProcessAreCountedOnce() throws {
    let costs = try [100, 400].map { count in
      let path = folder.file("limits\(count).db")
      var scenario = GuestRun.scenario(["cost_bounds", "l", "\(count)"])
      scenario.limits.processes = count + 8
      scenario.limitTicks = nil
      try record(scenario, to: path)
      // With others beside them, so that no limit is out of reach of all.
      #expect(try TraceQuery.run("SELECT * FROM violation_budget", on: path).rows.isEmpty)
      return QueryCost.steps("SELECT * FROM violation_budget", on: path)
    }
    #expect(costs[1] <= 5 * costs[0], "\(costs)")
  }

  @Test(arguments: ["r", "s", "d", "w", "c", "v", "p"])
  func fourTimesTheProcessesCostNoMoreThanFiveTimesAsMuch(shape: String) throws {
    let few = try session(shape, 300)
    let many = try session(shape, 1200)
    let views = try TraceQuery.run(
      "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name", on: few.path
    ).rows
    for view in views {
      guard case .text(let name) = view[0] else { continue }
      let costs = [few, many].map { QueryCost.steps("SELECT * FROM \(name)", on: $0.path) }
      // Half of the events more may come of sorting.
      let most = 5 * max(costs[0], few.events)
      #expect(costs[1] <= most, "\(name): \(costs)")
    }
  }
}
