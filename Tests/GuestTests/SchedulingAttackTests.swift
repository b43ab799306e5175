// Programs that try to get more of a hart than their share, under every policy: by sleeping before a slice is over, by
// blocking before an allotment is used, by waking often, by taking turns, and by forking. What counts is
// what the same number of processes would have got that only compute.

import Sim
import TestSupport
import Testing

@Suite struct SchedulingAttackTests {
  struct Way: Sendable, CustomTestStringConvertible {
    var name: String
    /// How many processes the team has of which one could compute at a time.
    var count: Int
    var testDescription: String { name }

    static let all = [
      Way(name: "sleep", count: 1), Way(name: "block", count: 2), Way(name: "short", count: 2),
      Way(name: "turns", count: 3), Way(name: "fork", count: 2),
    ]
  }

  static let policies = SchedulerKind.allCases.filter { $0 != .fifo }

  /// What the honest process, pid 3, had of the time in which anybody but the machine's first two ran.
  private func honestShare(_ way: String, _ count: Int, _ scheduler: SchedulerKind) throws
    -> Double
  {
    let ticks = scheduler == .lottery ? 3000 : 600
    let run = try GuestRun(["sched_attack", way, "\(count)", "\(ticks)"]) {
      $0.scheduler = scheduler
    }
    #expect(run.status == 0, "\(run.console)")
    var since: UInt64?
    var (honest, all) = (0.0, 0.0)
    for event in run.events where event.process.raw > 2 {
      switch event.kind {
      case .dispatch: since = event.time.instructions
      case .yield, .block, .exit:
        guard let began = since else { continue }
        since = nil
        let time = Double(event.time.instructions - began)
        all += time
        if event.process.raw == 3 { honest += time }
      default: continue
      }
    }
    return honest / all
  }

  @Test(
    "Nobody gets more than its share by the way in which it waits", arguments: policies, Way.all)
  func noWayWorks(scheduler: SchedulerKind, way: Way) throws {
    // By the rules of mlfq each child begins anew at the top; only the boost leaves others something.
    if way.name == "fork", scheduler == .mlfq {
      #expect(try honestShare(way.name, way.count, scheduler) > 0.1)
      return
    }
    let usual = try honestShare("burn", way.count, scheduler)
    let attacked = try honestShare(way.name, way.count, scheduler)
    let slack = scheduler == .lottery ? 0.03 : 0.01
    #expect(attacked > usual - slack, "\(attacked) of the time, \(usual) beside who only computes")
  }
}
