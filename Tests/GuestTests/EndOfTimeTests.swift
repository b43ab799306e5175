// Virtual time ends long before a number of instructions, or of ticks, could overflow.

import Sim
import TestSupport
import Testing

@Suite struct EndOfTimeTests {
  @Test(
    arguments: [1, 2], [(1000, 1000 << 45), (100_000, 100_000 << 45), (1_000_000_000, 1 << 62)])
  func `whoever sleeps for ever sleeps to the end`(
    harts: Int, ticks: (length: UInt64, end: UInt64)
  ) throws {
    let run = try GuestRun(["sleep_forever"]) {
      $0.harts = harts
      $0.tick = ticks.length
      $0.limitTicks = 1 << 45
    }
    #expect(run.end == .limitReached)
    expectOrder(run.events)
    let last = try #require(run.events.last)
    #expect(last.time.instructions == ticks.end)
  }

  @Test(arguments: [1 << 62, 184_467_440_737_095, UInt64.max])
  func `what is typed after the end of time is typed at the end`(tick: UInt64) throws {
    var scenario = GuestRun.scenario(["cat"])
    scenario.limitTicks = nil
    scenario.script = [ScriptLine(bytes: Array("late\n".utf8), atTick: tick)]
    let run = try GuestRun(scenario)
    #expect(run.end == .limitReached)
    expectOrder(run.events)
    #expect(run.events.last?.time == .end)
  }

  @Test(arguments: [("bomb", 1), ("bomb", 2), ("pingpong", 1), ("pingpong", 3), ("spin", 2)])
  func `a session ends at its limit, to the instruction`(program: String, harts: Int) throws {
    for limit in [1, 2, 7, 60] as [UInt64] {
      let run = try GuestRun([program, "1000000000"]) {
        $0.harts = harts
        $0.tick = 1009
        $0.limitTicks = limit
        $0.limits.processes = 200
      }
      #expect(run.end == .limitReached)
      #expect(run.events.last?.kind == .end)
      #expect(run.events.allSatisfy { $0.time.instructions <= limit * 1009 })
      #expect(run.events.last?.time.instructions == limit * 1009)
    }
  }

  private func expectOrder(_ events: [Event]) {
    #expect(events.map(\.time) == events.map(\.time).sorted())
    #expect(events.allSatisfy { $0.time <= .end })
  }
}
