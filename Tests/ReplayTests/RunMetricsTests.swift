// The figures of runs, against examples that were worked out by hand: those of Operating Systems: Three
// Easy Pieces, chapter 7, and runs of a few events.

import Foundation
import Recorder
import Sim
import TestSupport
import Testing

@testable import Replay

struct RunMetricsTests {
  /// Events of a machine with one hart, in ticks of a thousand instructions.
  private struct Machine {
    var metrics = RunMetrics(timeline: 100)
    var names = NameTable()

    init() { send(.boot, 1, at: 0) }

    private mutating func send(
      _ kind: Event.Kind, _ pid: Int32, at time: Int64, hart: UInt8 = 0, cid: Int32 = 0,
      _ fill: (inout Event) -> Void = { _ in }
    ) {
      var event = Event(
        time: Instant(instructions: UInt64(time * 1000)), hart: HartID(raw: hart), kind: kind,
        process: ProcessID(raw: pid), container: ContainerID(raw: cid))
      fill(&event)
      metrics.receive(event)
    }

    mutating func arrive(_ pid: Int32, _ name: String, at time: Int64, in cid: Int32 = 0) {
      let number = names.intern(Array(name.utf8))
      send(.fork, 1, at: time, cid: cid) {
        $0[ForkEvent.child] = ProcessID(raw: pid)
        $0[ForkEvent.name] = number
      }
    }

    /// Who runs, from when on; nobody runs before, and each gives way to the next or exits.
    mutating func run(_ slices: [(pid: Int32, from: Int64, to: Int64, exits: Bool)]) {
      var previous: Int32 = 0
      for slice in slices {
        send(.dispatch, slice.pid, at: slice.from) {
          $0[DispatchEvent.previous] = ProcessID(raw: previous)
        }
        send(slice.exits ? .exit : .yield, slice.pid, at: slice.to)
        previous = slice.pid
      }
    }

    mutating func finish(_ reason: EndReason = .halted(status: 0)) -> RunFigures {
      metrics.finish(reason, names)
    }
  }

  /// A, B and C arrive together and run for so long each, in this order.
  private func together(_ lengths: [Int64]) -> RunFigures {
    var machine = Machine()
    for index in lengths.indices { machine.arrive(Int32(index + 2), "job", at: 0) }
    var time: Int64 = 0
    machine.run(
      lengths.enumerated().map { index, length in
        defer { time += length }
        return (Int32(index + 2), time, time + length, true)
      })
    return machine.finish()
  }

  @Test("First in, first out with three jobs of 10: turnaround 20 (OSTEP, figure 7.1)")
  func firstInFirstOut() throws {
    let figures = together([10, 10, 10])
    #expect(figures.all.count == 3 && figures.all.ended == 3)
    #expect(figures.all.turnaround.mean == 20_000)
    #expect(figures.all.response.mean == 10_000)
    #expect(figures.all.waiting.mean == 10_000)
    #expect(figures.switches == 3 && figures.end == 30_000)
    #expect(figures.throughput == 100)
    // Shares 1, 1/2 and 1/3: (11/6)² / (3 · 49/36).
    let fairness = try #require(figures.all.fairness)
    #expect(abs(fairness - 121.0 / 147) < 1e-12)
  }

  @Test("A job of 100 in front of two of 10: turnaround 110 (OSTEP, figure 7.2)")
  func convoy() {
    #expect(together([100, 10, 10]).all.turnaround.mean == 110_000)
  }

  @Test("Shortest job first: turnaround 50 (OSTEP, figure 7.3)")
  func shortestJobFirst() {
    let figures = together([10, 10, 100]).all
    #expect(figures.turnaround.mean == 50_000)
    #expect(figures.turnaround.p50 == 20_000)
    #expect(figures.turnaround.p95 == 120_000 && figures.turnaround.most == 120_000)
  }

  @Test("Shortest time to completion first, with later arrivals: turnaround 50 (OSTEP, figure 7.5)")
  func shortestToCompletion() {
    var machine = Machine()
    machine.arrive(2, "a", at: 0)
    machine.run([(2, 0, 10, false)])
    machine.arrive(3, "b", at: 10)
    machine.arrive(4, "c", at: 10)
    machine.run([(3, 10, 20, true), (4, 20, 30, true), (2, 30, 120, true)])
    let figures = machine.finish()
    #expect(figures.all.turnaround.mean == 50_000)
    // 0 for a and b, 10 for c.
    #expect(figures.all.response.most == 10_000)
    #expect(figures.processes.map(\.name) == ["b", "c", "a", "init"])
    #expect(figures.processes[2].figures.waiting.mean == 20_000)
  }

  @Test("Round robin with three jobs of 5: response 1 and turnaround 14 (OSTEP, figure 7.7)")
  func roundRobin() throws {
    var machine = Machine()
    for pid: Int32 in 2...4 { machine.arrive(pid, "job", at: 0) }
    machine.run(
      (0..<15).map { time in (Int32(2 + time % 3), time, time + 1, time >= 12) })
    let figures = machine.finish()
    #expect(figures.all.response.mean == 1000)
    #expect(figures.all.turnaround.mean == 14_000)
    #expect(figures.all.waiting.mean == 9000)
    #expect(figures.switches == 15)
    #expect(try #require(figures.all.fairness) > 0.99)
  }

  @Test func aProcessThatNeverEndsCountsForWhatItHas() {
    var machine = Machine()
    machine.arrive(2, "ends", at: 0)
    machine.arrive(3, "stays", at: 0)
    machine.arrive(4, "starves", at: 0)
    machine.run([(2, 0, 10, true), (3, 10, 20, false)])
    let figures = machine.finish(.limitReached)
    #expect(figures.all.count == 3 && figures.all.ended == 1 && !figures.isFinished)
    #expect(figures.all.turnaround.mean == 10_000)
    #expect(figures.all.response.mean == 5000)
    #expect(figures.all.waiting.most == 20_000)
  }

  @Test func initAndTheManagerAreNotAmongAll() {
    var machine = Machine()
    machine.arrive(2, "cm", at: 0)
    machine.arrive(3, "/dockv6", at: 0)
    machine.arrive(4, "job", at: 0)
    machine.run([(2, 0, 10, true), (3, 10, 20, true), (4, 20, 30, true)])
    let figures = machine.finish()
    #expect(figures.all.count == 1)
    #expect(Set(figures.processes.map(\.name)) == ["init", "cm", "/dockv6", "job"])
  }

  @Test func containersHaveTheSumsOfTheirProcesses() throws {
    var machine = Machine()
    machine.arrive(2, "job", at: 0, in: 1)
    machine.arrive(3, "job", at: 0, in: 2)
    machine.arrive(4, "job", at: 0, in: 2)
    machine.run([(2, 0, 10, true), (3, 10, 20, true), (4, 20, 30, true)])
    let figures = machine.finish()
    #expect(figures.containers.map(\.name) == ["outside", "c1", "c2"])
    #expect(figures.containers[1].figures.share == 1)
    #expect(figures.containers[2].figures.share == 0.4)
    // 1 and 2/5: (7/5)² / (2 · 29/25).
    #expect(abs(try #require(figures.containerFairness) - 49.0 / 58) < 1e-12)
    #expect(figures.lanes.map(\.span.pid) == [2, 3, 4])
  }

  @Test func aRunsFiguresAgreeWithTheViewsOfItsTrace() throws {
    let folder = try TemporaryFolder()
    let scenario = GuestRun.scenario(["primes", "60"])
    let path = folder.file("s.db")
    try record(scenario, to: path)
    let figures = try Simulation.figures(of: scenario, ScriptedDecisions(scenario))
    let primes = try #require(figures.processes.first { $0.name == "primes" }).figures
    let rows = try TraceQuery.run(
      """
      SELECT count(*), sum(end_ts IS NOT NULL), max(end_ts - start_ts) FROM process
      WHERE name = 'primes'
      UNION ALL SELECT sum(duration), 0, 0 FROM run_slice WHERE name = 'primes'
      UNION ALL SELECT max(waited), 0, 0 FROM (SELECT sum(duration) AS waited FROM process_state
        WHERE state = 'runnable' AND pid IN (SELECT pid FROM process WHERE name = 'primes')
        GROUP BY pid)
      """, on: path
    ).rows
    func numbers(_ row: Int) -> [Int64] {
      rows[row].map { if case .integer(let number) = $0 { number } else { -1 } }
    }
    #expect(numbers(0) == [Int64(primes.count), Int64(primes.ended), primes.turnaround.most])
    #expect(numbers(1)[0] == primes.ran)
    #expect(numbers(2)[0] == primes.waiting.most)
  }
}

struct DistributionTests {
  @Test func percentilesAreTheLowestValuesThatSoManyDoNotExceed() {
    var values = Distribution()
    #expect(values.mean == nil && values.percentile(50) == nil)
    for value in (1...100).reversed() { values.add(Int64(value)) }
    #expect(values.mean == 50.5)
    #expect([0, 1, 50, 95, 100].map { values.percentile($0) } == [1, 1, 50, 95, 100])
  }

  @Test func manyValuesTakeNoMoreRoomAndAreNearlyExact() throws {
    var random = RandomSource(seed: 5)
    var values = Distribution()
    var exact: [Int64] = []
    for _ in 0..<50_000 {
      let value = Int64(random.next(below: UInt64(1) << UInt64(random.next(below: 50) + 1)))
      values.add(value)
      exact.append(value)
    }
    exact.sort()
    #expect(values.most == exact.last && values.total == exact.reduce(0, +))
    for wanted in [1, 25, 50, 95, 99, 100] {
      let right = exact[max(0, (exact.count * wanted + 99) / 100 - 1)]
      let found = try #require(values.percentile(wanted))
      #expect(found >= right && found <= right + right / 128, "\(wanted)")
    }
  }

  @Test(arguments: [10, 3000])
  func addingDistributionsIsAddingTheirValues(_ count: Int) {
    var (first, second, both) = (Distribution(), Distribution(), Distribution())
    for value in 0..<Int64(count) {
      first.add(value)
      second.add(value * 1000)
    }
    for value in 0..<Int64(count) { both.add(value) }
    for value in 0..<Int64(count) { both.add(value * 1000) }
    first.add(second)
    #expect(first.count == both.count && first.total == both.total && first.most == both.most)
    for wanted in [10, 50, 95] { #expect(first.percentile(wanted) == both.percentile(wanted)) }
  }
}

struct EstimateTests {
  @Test func theIntervalIsStudentsT() throws {
    // Mean 5, deviation sqrt(32/7), eight values: 2.3646 · sqrt(32/7/8).
    let estimate = try #require(Estimate([2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(estimate.mean == 5)
    #expect(abs(try #require(estimate.halfWidth) - 1.78748) < 1e-4)
    #expect(Estimate([7]) == Estimate([7]) && Estimate([7])?.halfWidth == nil)
    #expect(Estimate([]) == nil)
    #expect(Estimate([3, 3, 3])?.halfWidth == 0)
  }

  /// From printed tables.
  @Test(arguments: [
    (1, 12.7062), (4, 2.7764), (9, 2.2622), (19, 2.0930), (30, 2.0423), (40, 2.0211),
    (60, 2.0003), (120, 1.9799), (999, 1.9623),
  ])
  func quantiles(_ freedom: Int, _ expected: Double) {
    #expect(abs(Estimate.quantile(freedom: freedom) - expected) < 1e-4)
  }

  @Test func fairnessIsOneAmongEqualsAndOneOfNWhereOneHasAll() {
    func index(_ shares: [Double]) -> Double? {
      var index = FairnessIndex()
      for share in shares { index.add(share) }
      return index.value
    }
    #expect(index([0.5, 0.5, 0.5]) == 1)
    #expect(index([1, 0, 0, 0]) == 0.25)
    #expect(index([]) == nil)
  }
}
