// Keeping a machine's state and putting it back, in the middle of the lecture's session.

import Foundation
import Recorder
import Sim

let snapshotBenchmark = Benchmark(
  verb: "snapshot",
  summary: "the lecture's session: a snapshot, putting it back, and what going on costs more",
  run: measureSnapshot)

private let trace = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("traces/lecture.db")

private func microseconds(_ body: () -> Void) -> Double {
  let start = DispatchTime.now().uptimeNanoseconds
  body()
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e3
}

private func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

private struct EventCount: EventSink {
  var events = 0
  var interest: EventInterest { .everything }
  mutating func receive(_ event: Event) { events += 1 }
}

private func measureSnapshot() throws {
  let scenario = try TraceReader(path: trace.path).scenario
  var machine = try Simulation(scenario)
  var decisions = ScriptedDecisions(scenario)
  var count = EventCount()
  var steps = 0
  while case .ran = machine.step(&decisions, into: &count) { steps += 1 }

  // Again to the middle of it; from there a hundred steps, with and without a snapshot before them.
  machine = try Simulation(scenario)
  decisions = ScriptedDecisions(scenario)
  for _ in 0..<steps / 2 { _ = machine.step(&decisions, into: &count) }
  let middle = machine.snapshot()
  let kept = decisions
  var (keeping, restoring, plain, after): ([Double], [Double], [Double], [Double]) = (
    [], [], [], []
  )
  for _ in 0..<500 {
    func goOn() -> Double {
      microseconds { for _ in 0..<100 { _ = machine.step(&decisions, into: &count) } }
    }
    restoring.append(microseconds { machine.restore(middle) })
    decisions = kept
    _ = goOn()
    plain.append(goOn())
    machine.restore(middle)
    decisions = kept
    _ = goOn()
    var snapshot: Simulation.Snapshot?
    keeping.append(microseconds { snapshot = machine.snapshot() })
    after.append(goOn())
    withExtendedLifetime(snapshot) {}
  }
  func line(_ what: String, _ value: Double, _ limit: String = "") {
    print(what.padding(toLength: 34, withPad: " ", startingAt: 0), terminator: "")
    print(String(format: "%7.1f µs  %@", value, limit))
  }
  line("a snapshot", median(keeping), "(at most 100)")
  line("putting one back", median(restoring), "(at most 200)")
  line("100 steps", median(plain))
  line("100 steps after a snapshot", median(after))
}
