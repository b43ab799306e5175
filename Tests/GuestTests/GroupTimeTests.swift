// How groups share the harts, and what quotas leave them, seen from outside: in the events.

import Sim
import TestSupport
import Testing

@Suite struct GroupTimeTests {
  /// What the processes of each group used, in instructions, by number of the group; the root is 1.
  ///
  /// - Parameter from: what was used before that is left out.
  private func time(of run: GuestRun, from: UInt64 = 0) -> [Int32: UInt64] {
    var homes: [Int32: Int32] = [:]
    var turns: [UInt8: (since: UInt64, group: Int32)] = [:]
    var sums: [Int32: UInt64] = [:]
    func end(_ hart: UInt8, _ time: UInt64) {
      guard let turn = turns.removeValue(forKey: hart) else { return }
      let since = max(turn.since, from)
      if time > since { sums[turn.group, default: 0] += time - since }
    }
    for event in run.events {
      let (now, hart, pid) = (event.time.instructions, event.hart.raw, event.process.raw)
      switch event.kind {
      case .fork: homes[event[ForkEvent.child].raw] = homes[pid] ?? 1
      case .groupEnter:
        homes[pid] = event[GroupEnterEvent.group].raw
        guard turns[hart] != nil else { continue }
        end(hart, now)
        turns[hart] = (now, homes[pid] ?? 1)
      case .dispatch:
        end(hart, now)
        turns[hart] = (now, homes[pid] ?? 1)
      case .idle: end(hart, now)
      case .end: for hart in (0..<8 as Range<UInt8>) { end(hart, now) }
      default: continue
      }
    }
    return sums
  }

  private func weighted(
    _ scheduler: SchedulerKind, harts: Int, ticks: Int, each: Int, way: String = "b"
  ) throws -> [Double] {
    let run = try GuestRun(["group_weights", "\(each)", "\(ticks)", way]) {
      $0.scheduler = scheduler
      $0.harts = harts
      $0.tick = 2000
      $0.limitTicks = UInt64(ticks) + 100
    }
    let sums = time(of: run, from: 100 * 2000)
    let all = Double([2, 3, 4].reduce(0) { $0 + (sums[$1] ?? 0) })
    return [2, 3, 4].map { Double(sums[$0] ?? 0) / all }
  }

  @Test(
    "Groups of weights 1, 2 and 4 get 1, 2 and 4 parts under every policy",
    arguments: SchedulerKind.allCases.filter { $0 != .fifo }, [(1, 1), (1, 3), (4, 4)])
  func sharesFollowWeights(scheduler: SchedulerKind, machine: (harts: Int, each: Int)) throws {
    let found = try weighted(scheduler, harts: machine.harts, ticks: 10_000, each: machine.each)
    for (share, expected) in zip(found, [1.0 / 7, 2.0 / 7, 4.0 / 7]) {
      #expect(abs(share / expected - 1) < 0.01, "\(found)")
    }
  }

  @Test(
    "Neither sleep nor fork nor a move takes more than the weight gives",
    arguments: ["s", "f", "m"], [1, 4])
  func sharesCannotBeRaised(way: String, harts: Int) throws {
    let found = try weighted(.priority, harts: harts, ticks: 2000, each: 4, way: way)
    #expect(found[0] < 1.0 / 7 * 1.01, "\(found)")
    #expect(abs(found[2] / found[1] / 2 - 1) < 0.01, "\(found)")
  }

  @Test("A quota of a tenth is a tenth", arguments: ["b", "c", "r"], [1, 2, 4])
  func quotaIsExact(way: String, harts: Int) throws {
    let (tick, period) = (2000 as UInt64, 200_000 as UInt64)
    let run = try GuestRun(["group_quota", "4", "2500", "20000 200000", way]) {
      $0.harts = harts
      $0.tick = tick
      $0.limitTicks = 2600
    }
    var begin = period
    while begin + 10 * period <= 2500 * tick {
      let whole = time(of: run, from: begin)
      let after = time(of: run, from: begin + 10 * period)
      let used =
        whole.filter { $0.key > 1 }.values.reduce(0, +)
        - after.filter { $0.key > 1 }.values.reduce(0, +)
      #expect(abs(Double(used) / Double(period) - 1) < 0.01, "\(used) from \(begin)")
      begin += 10 * period
    }
  }
}
