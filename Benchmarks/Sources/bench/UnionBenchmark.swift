// What a union of five layers costs beside the disk alone: walking paths, reading and writing.

import Foundation

let unionBenchmark = Benchmark(
  verb: "unions",
  summary: "a union of five layers beside the disk alone: walks, and 200 KiB read and written",
  run: measureUnions)

/// How often each side runs; the fastest counts, since the host has other work too.
private let rounds = 5

private func measureUnions() throws {
  let program = try GuestCompiler.compileForDrydock("layers")
  let scenario = FileManager.default.temporaryDirectory.appendingPathComponent("layers.yaml")
  try Data("blocks: 30000\ninodes: 400\n".utf8).write(to: scenario)
  defer {
    try? FileManager.default.removeItem(at: program)
    try? FileManager.default.removeItem(at: scenario)
  }
  /// Seconds for one more round of the guest's loop.
  func cost(_ what: String, _ where: String, _ few: Int, _ many: Int) throws -> Double {
    func best(_ count: Int) throws -> Double {
      var best = Double.infinity
      for _ in 0..<rounds {
        best = min(
          best,
          try toolSeconds([
            "run", "--scenario", scenario.path, "--file", "\(program.path):/layers", "--",
            "layers", what, `where`, "\(count)",
          ]))
      }
      return best
    }
    return (try best(many) - best(few)) / Double(many - few)
  }
  let walks = (try cost("walk", "disk", 1, 100_001), try cost("walk", "union", 1, 100_001))
  print(
    String(
      format: "a path of four names  disk %6.2f µs  union %6.2f µs  %.2f times (at most 2)",
      walks.0 * 1e6, walks.1 * 1e6, walks.1 / walks.0))
  let copies = (try cost("first", "disk", 0, 60), try cost("first", "union", 0, 60))
  print(
    String(
      format: "200 KiB, first time   disk %6.0f µs  union %6.0f µs  %.2f times (at most 1.3)",
      copies.0 * 1e6, copies.1 * 1e6, copies.1 / copies.0))
  let more = (try cost("again", "disk", 1, 101), try cost("again", "union", 1, 101))
  print(
    String(
      format: "200 KiB, once more    disk %6.0f µs  union %6.0f µs  %.2f times",
      more.0 * 1e6, more.1 * 1e6, more.1 / more.0))
  try measureStarts()
}

/// 64 containers on one image: what the last one's start takes beside the first one's, in virtual time,
/// and what each of them takes of the host.
private func measureStarts() throws {
  let program = try GuestCompiler.compileForDrydock("stacks")
  let scenario = FileManager.default.temporaryDirectory.appendingPathComponent("stacks.yaml")
  try Data("processes: 140\ncontainers: 70\ninodes: 1000\n".utf8).write(to: scenario)
  defer {
    try? FileManager.default.removeItem(at: program)
    try? FileManager.default.removeItem(at: scenario)
  }
  func session(_ count: Int) -> [String] {
    [
      "run", "--scenario", scenario.path, "--file", "\(program.path):/stacks", "--", "stacks",
      "\(count)",
    ]
  }
  let words = String(decoding: try toolOutput(session(64)), as: UTF8.self)
    .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
  guard words.count == 2 else { throw BenchmarkError(description: "stacks did not end well") }
  var times = [1: Double.infinity, 32: Double.infinity, 64: Double.infinity]
  for count in [1, 32, 64] {
    for _ in 0..<rounds {
      times[count] = min(times[count] ?? .infinity, try toolSeconds(session(count)))
    }
  }
  let (few, half, all) = (times[1] ?? 0, times[32] ?? 0, times[64] ?? 0)
  print(
    String(
      format: "start of the 64th     %.0f instructions, %.2f times the first (at most 1.2)",
      words[1], words[1] / words[0]))
  print(
    String(
      format: "host, a container     %.0f µs of the first 32, %.0f µs of the next",
      (half - few) / 31 * 1e6, (all - half) / 32 * 1e6))
}
