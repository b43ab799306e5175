// How each scheduling policy shares the harts out, seen from outside: in the events.

import Sim
import TestSupport
import Testing

@Suite struct PolicyTests {
  /// Hart time in instructions, added up by what a turn's dispatch says.
  private func instructions<Key: Hashable>(
    of run: GuestRun, by key: (Event) -> Key
  ) -> [Key: UInt64] {
    var turns: [UInt8: Event] = [:]
    var sums: [Key: UInt64] = [:]
    func end(on hart: UInt8, at time: Instant) {
      guard let turn = turns.removeValue(forKey: hart), time > turn.time else { return }
      sums[key(turn), default: 0] += time.instructions - turn.time.instructions
    }
    for event in run.events {
      switch event.kind {
      case .dispatch: turns[event.hart.raw] = event
      case .yield, .block, .exit: end(on: event.hart.raw, at: event.time)
      case .end: for hart in (0..<8 as Range<UInt8>) { end(on: hart, at: event.time) }
      default: continue
      }
    }
    return sums
  }

  private func weighted(
    _ scheduler: SchedulerKind, harts: Int, ticks: Int, each: Int, seed: UInt64 = 0
  ) throws -> (light: Double, middle: Double, heavy: Double) {
    let run = try GuestRun(["sched_weights", "\(each)", "\(ticks)"]) {
      $0.scheduler = scheduler
      $0.harts = harts
      $0.seed = seed
      $0.tick = 2000
      $0.limitTicks = UInt64(ticks) + 100
    }
    let sums = instructions(of: run) { $0[DispatchEvent.priority] }
    let all = Double([11, 8, 5].reduce(0) { $0 + (sums[$1] ?? 0) })
    return (
      Double(sums[11] ?? 0) / all, Double(sums[8] ?? 0) / all, Double(sums[5] ?? 0) / all
    )
  }

  @Test(
    "Weights 1, 2 and 4 give shares of 1, 2 and 4 over 10,000 ticks",
    arguments: [SchedulerKind.fair, .stride], [(1, 1), (4, 4), (2, 3)])
  func sharesFollowWeights(scheduler: SchedulerKind, machine: (harts: Int, each: Int)) throws {
    let found = try weighted(
      scheduler, harts: machine.harts, ticks: 10_000, each: machine.each)
    #expect(abs(found.light * 7 - 1) < 0.01, "\(found)")
    #expect(abs(found.middle * 7 / 2 - 1) < 0.01, "\(found)")
    #expect(abs(found.heavy * 7 / 4 - 1) < 0.01, "\(found)")
  }

  @Test(
    "Shares follow weights whatever a seed makes of the slices",
    arguments: 1...3 as ClosedRange<UInt64>)
  func sharesFollowWeightsUnderSeeds(seed: UInt64) throws {
    for scheduler in [SchedulerKind.fair, .stride] {
      let found = try weighted(scheduler, harts: 1, ticks: 2000, each: 1, seed: seed)
      #expect(abs(found.light * 7 - 1) < 0.02, "\(scheduler) \(found)")
      #expect(abs(found.heavy * 7 / 4 - 1) < 0.02, "\(scheduler) \(found)")
    }
  }

  @Test(
    "A lottery gives shares by weight within the drawing's deviation",
    arguments: [0, 1, 2] as [UInt64])
  func lotteryFollowsWeights(seed: UInt64) throws {
    let ticks = 10_000
    let found = try weighted(.lottery, harts: 1, ticks: ticks, each: 1, seed: seed)
    // Four standard deviations of as many drawings; a slice that a seed shortens varies as well.
    for (share, expected) in [
      (found.light, 1.0 / 7), (found.middle, 2.0 / 7), (found.heavy, 4.0 / 7),
    ] {
      let deviation = (expected * (1 - expected) / Double(ticks)).squareRoot()
      #expect(abs(share - expected) < 4 * deviation, "\(found)")
    }
  }

  @Test("Equals share alike", arguments: SchedulerKind.allCases, [1, 4])
  func equalsShareAlike(scheduler: SchedulerKind, harts: Int) throws {
    // Under fifo nobody who runs without end shares anything.
    if scheduler == .fifo { return }
    let run = try GuestRun(["sched_weights", "\(harts)", "3000", "8"]) {
      $0.scheduler = scheduler
      $0.harts = harts
      $0.tick = 2000
      $0.limitTicks = 3100
    }
    let used = instructions(of: run) { $0.process.raw }.filter { $0.key > 2 }.map(\.value)
    let mean = Double(used.reduce(0, +)) / Double(3 * harts)
    #expect(used.count == 3 * harts)
    for one in used {
      #expect(abs(Double(one) / mean - 1) < (scheduler == .lottery ? 0.15 : 0.01), "\(used)")
    }
  }

  @Test(
    "Every policy runs the shell, the manager and its containers",
    arguments: SchedulerKind.allCases, [1, 2])
  func everyPolicyRunsEverything(scheduler: SchedulerKind, harts: Int) throws {
    let run = try GuestRun([], typed: ["echo one | cat\n", "forktest\n", "ls > /list; wc /list\n"])
    {
      $0.scheduler = scheduler
      $0.harts = harts
    }
    #expect(run.console.contains("one\n") && run.console.contains("/list"), "\(run.console)")
    #expect(run.end == .inputEnded)
  }
}
