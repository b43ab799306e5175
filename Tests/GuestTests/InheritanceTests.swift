// Priority inheritance, seen from outside: in the events, and in who waits for how long.

import Replay
import Sim
import TestSupport
import Testing

@Suite struct InheritanceTests {
  private func run(harts: Int, inherits: Bool, _ scheduler: SchedulerKind = .priority) throws
    -> GuestRun
  {
    try GuestRun(["lock_inherit", "\(harts)"]) {
      $0.harts = harts
      $0.inheritsPriorities = inherits
      $0.scheduler = scheduler
    }
  }

  private func waited(_ run: GuestRun) throws -> Int {
    try #require(run.console.split(separator: " ").last.flatMap { Int($0.dropLast()) })
  }

  @Test(
    "With inheritance the highest waits for the work done with the mutex, without it for all in between",
    arguments: [1, 2, 4])
  func inversionIsBounded(harts: Int) throws {
    let with = try run(harts: harts, inherits: true)
    let without = try run(harts: harts, inherits: false)
    #expect(with.status == 0 && without.status == 0, "\(with.console) \(without.console)")
    #expect(try waited(with) <= 14, "\(with.console)")
    #expect(try waited(without) >= 50, "\(without.console)")
    #expect(!without.events.contains { $0.kind == .inherit })
  }

  @Test("A priority is inherited along the chain, by whom and from whom it says, and given back")
  func eventsTellTheChain() throws {
    let run = try run(harts: 1, inherits: true)
    let told = run.events.filter { $0.kind == .inherit }.map { event in
      "\(event.process.raw): \(event[InheritEvent.old]) to \(event[InheritEvent.new])"
        + " from \(event[InheritEvent.donor].raw)"
    }
    // 3 holds the inner mutex, 4 the outer one and waits for 3, 6 waits for 4.
    #expect(
      told == [
        "3: 12 to 10 from 4", "4: 10 to 3 from 6", "3: 10 to 3 from 4", "3: 3 to 12 from 0",
        "4: 3 to 10 from 0",
      ], "\(told)")
  }

  @Test(
    "The proportional policies give the holder the weight of who waits for it",
    arguments: [SchedulerKind.lottery, .stride, .fair])
  func weightIsInherited(scheduler: SchedulerKind) throws {
    let with = try waited(run(harts: 1, inherits: true, scheduler))
    let without = try waited(run(harts: 1, inherits: false, scheduler))
    #expect(with < without, "\(with) ticks with it, \(without) without")
  }

  @Test("mlfq and fifo go by other things than priorities", arguments: [SchedulerKind.mlfq, .fifo])
  func nothingIsGivenWhereNothingCounts(scheduler: SchedulerKind) throws {
    let with = try waited(run(harts: 1, inherits: true, scheduler))
    let without = try waited(run(harts: 1, inherits: false, scheduler))
    #expect(with == without)
  }

  @Test(
    "Chains, circles, kills, signals and containers that end leave every priority right",
    arguments: SchedulerKind.allCases, [(1, 0), (2, 3), (4, 5)] as [(Int, UInt64)])
  func nothingIsLeftBehind(scheduler: SchedulerKind, machine: (harts: Int, seed: UInt64)) throws {
    for program in [["bug_inherit"], ["lock_inherit", "\(machine.harts)"], ["bug_locks"]] {
      var scenario = GuestRun.scenario(program)
      scenario.inheritsPriorities = true
      scenario.scheduler = scheduler
      scenario.harts = machine.harts
      scenario.seed = machine.seed
      let run = try CheckedRun(scenario)
      #expect(run.violations.isEmpty, "\(run.violations.map { $0.text(in: nil) })")
      // Under fifo whoever burns keeps its hart, and programs that wait by the clock see another time.
      if scheduler == .priority { #expect(run.end == .halted(status: 0), "\(program)") }
    }
  }
}
