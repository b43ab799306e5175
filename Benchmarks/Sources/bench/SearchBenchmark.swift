// Runs of a search: how many a second from the snapshot at the program's first choice.

import Foundation
import Recorder
import Search
import Sim

let searchBenchmark = Benchmark(
  verb: "search",
  summary: "runs a second of a search, of a program of some hundred visible operations",
  run: measureSearch)

private let trace = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("traces/lecture.db")

private func measureSearch() throws {
  // The lecture's disk has all programs.
  var scenario = try TraceReader(path: trace.path).scenario
  scenario.program = ["lostupdate", "safe", "14"]
  scenario.script = []
  scenario.harts = 1
  scenario.limitTicks = 2000
  scenario.recordsSharedAccesses = true
  let folder = NSTemporaryDirectory() + "drydock-bench-search-\(getpid())"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for strategy in StrategyKind.drawn {
    for jobs in [1, ProcessInfo.processInfo.activeProcessorCount] {
      var plan = SearchPlan(scenario)
      plan.strategy = strategy
      plan.findsAll = true
      plan.runs = 20_000
      plan.jobs = jobs
      let path = "\(folder)/\(strategy)-\(jobs).db"
      let file = try SearchFile(path, plan: plan.words, resuming: false)
      let campaign = try Campaign(plan, file)
      let start = DispatchTime.now().uptimeNanoseconds
      try campaign.run(isStopped: { false }, tell: { _ in })
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      let found = campaign.progress
      guard found.failures.isEmpty else {
        throw BenchmarkError(description: "found \(found.failures[0].outcome), expected nothing")
      }
      print(
        "\(strategy.rawValue), \(jobs) job\(jobs == 1 ? "" : "s"): "
          + "\(Int(Double(found.runs) / seconds)) runs a second, "
          + "\(campaign.profile.length) operations, \(found.novelty.distinct) behaviours")
      try file.close()
    }
  }
}
