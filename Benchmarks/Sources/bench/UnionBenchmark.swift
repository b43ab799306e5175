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
  defer { try? FileManager.default.removeItem(at: program) }
  /// Seconds for one more round of the guest's loop.
  func cost(_ what: String, _ where: String, _ few: Int, _ many: Int) throws -> Double {
    func best(_ count: Int) throws -> Double {
      var best = Double.infinity
      for _ in 0..<rounds {
        best = min(
          best,
          try toolSeconds([
            "run", "--file", "\(program.path):/layers", "--", "layers", what, `where`, "\(count)",
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
  let copies = (try cost("copy", "disk", 0, 1), try cost("copy", "union", 0, 1))
  print(
    String(
      format: "200 KiB, first time   disk %6.0f µs  union %6.0f µs  %.2f times (at most 1.3)",
      copies.0 * 1e6, copies.1 * 1e6, copies.1 / copies.0))
  let more = (try cost("copy", "disk", 1, 101), try cost("copy", "union", 1, 101))
  print(
    String(
      format: "200 KiB, once more    disk %6.0f µs  union %6.0f µs  %.2f times",
      more.0 * 1e6, more.1 * 1e6, more.1 / more.0))
}
