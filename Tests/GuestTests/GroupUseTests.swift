// What a trace tells of the use that groups make of resources: where and how often, and that it is what is counted.

import Replay
import Sim
import TestSupport
import Testing

@Suite struct GroupUseTests {
  private func run(_ program: [String], harts: Int = 1, tick: UInt64 = 10_000) throws -> GuestRun {
    try GuestRun(program) {
      $0.harts = harts
      $0.tick = tick
    }
  }

  private func uses(_ run: GuestRun) -> [Event] { run.events.filter { $0.kind == .groupUse } }

  @Test("Without groups there is nothing to tell")
  func nothingWithoutGroups() throws {
    #expect(uses(try run(["pingpong", "20"])).isEmpty)
  }

  @Test(
    "What is told is what is counted, whoever looks",
    arguments: ["group_memory", "group_misc", "group_disk", "cm_join_limit"], [1, 2, 4])
  func whatIsToldIsCounted(_ program: String, harts: Int) throws {
    var scenario = GuestRun.scenario([program])
    scenario.harts = harts
    scenario.tick = 5000
    let checked = try CheckedRun(scenario)
    #expect(checked.violations.isEmpty, "\(checked.violations.map { $0.text(in: nil) })")
    #expect(!uses(try GuestRun(scenario)).isEmpty)
  }

  @Test("A resource is told once in a tick for each hart and each time that all are idle")
  func toldOnceInATick() throws {
    for harts in [1, 4] {
      let told = uses(try run(["group_memory"], harts: harts))
      var last: [Int64: (tick: UInt64, count: Int)] = [:]
      for event in told {
        let key = Int64(event[GroupUseEvent.group].raw) << 32 | event[word: GroupUseEvent.resource]
        let tick = event.time.instructions / 10_000
        let count = last[key].map { $0.tick == tick ? $0.count + 1 : 1 } ?? 1
        last[key] = (tick, count)
        #expect(count <= harts + 1, "\(event)")
      }
      #expect(!told.isEmpty)
    }
  }

  /// Who grows and shrinks within a tick has as much as before, and had more.
  @Test("What was there only within a tick is told as the most")
  func theMostIsTold() throws {
    let told = uses(try run(["group_memory"], tick: 100_000))
    #expect(told.allSatisfy { $0[GroupUseEvent.most] >= $0[GroupUseEvent.held] })
    #expect(told.contains { $0[GroupUseEvent.most] > $0[GroupUseEvent.held] })
  }

  @Test("No process and no call has told it")
  func toldByTheMachine() throws {
    for event in uses(try run(["group_misc"])) {
      #expect(event.process == .none && event.container == .outside)
    }
  }
}
