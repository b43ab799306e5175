// What is kept of the machine's tables for processes outside containers.

import Sim
import TestSupport
import Testing

@Suite struct ReserveTests {
  private func scenario(_ program: [String], harts: Int, reserve: Int) -> Scenario {
    var scenario = GuestRun.scenario(program)
    scenario.harts = harts
    scenario.seed = UInt64(harts)
    scenario.reserve = reserve
    scenario.limits.frames = 2048
    return scenario
  }

  @Test("Whatever a container takes, two of each are left outside", arguments: [1, 2, 4], [5, 50])
  func reserveIsKept(harts: Int, percent: Int) throws {
    let run = try GuestRun(scenario(["reserve"], harts: harts, reserve: percent))
    #expect(run.end == .halted(status: 0), "\(run.console)")
    let refusals = run.events.filter {
      $0.kind == .refuse && $0[RefuseEvent.why] == Int64(Refusal.reserved.rawValue)
    }
    #expect(refusals.count >= 5 && refusals.allSatisfy { $0.container != .outside })
    #expect(refusals.allSatisfy { $0[RefuseEvent.group] == .none })
  }

  @Test("With a reserve of 0 a container can take all of a table")
  func nothingIsKept() throws {
    let run = try GuestRun(scenario(["reserve", "0"], harts: 1, reserve: 0))
    #expect(run.end == .halted(status: 0), "\(run.console)")
    #expect(
      !run.events.contains {
        $0.kind == .refuse && $0[RefuseEvent.why] == Int64(Refusal.reserved.rawValue)
      })
  }

  @Test("A reserve that is more than half of a table is no reserve", arguments: [-1, 51])
  func badReserve(percent: Int) {
    #expect(
      throws: ScenarioError("reserve: found \(percent), expected 0 to 50 percent")
    ) {
      _ = try GuestRun(scenario(["true"], harts: 1, reserve: percent))
    }
  }
}
