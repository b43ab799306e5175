// Whole sessions, measured from outside: the release build of the tool is started as anyone would
// start it, and the clock runs from its start to its end.

import Foundation

let startupBenchmark = Benchmark(
  verb: "startup",
  summary: "from process start to the first prompt, and to the end of `true`",
  run: measureStartup)

let callsBenchmark = Benchmark(
  verb: "calls",
  summary: "450,000 system calls: run, recorded and replayed",
  run: { try measureRecording("storm") })

let busyBenchmark = Benchmark(
  verb: "busy",
  summary: "CPU-bound work: run, recorded and replayed",
  run: { try measureRecording("busy") })

let dispatchBenchmark = Benchmark(
  verb: "dispatch",
  summary: "the same work of 16 and of 4,000 processes, by policy, with and without groups",
  run: measureDispatch)

/// How often each side runs; the fastest counts, since the host has other work too.
private let rounds = 7

/// The release build of the tool.
let tool = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent(".build/release/drydock")

/// The wall-clock seconds of one run of the tool.
func toolSeconds(_ arguments: [String]) throws -> Double {
  guard FileManager.default.isExecutableFile(atPath: tool.path) else {
    throw BenchmarkError(description: "no \(tool.path); `make release` builds it")
  }
  let start = DispatchTime.now().uptimeNanoseconds
  try Subprocess.runQuietly(tool, arguments)
  return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
}

/// What the tool prints.
func toolOutput(_ arguments: [String]) throws -> [UInt8] { try Subprocess.run(tool, arguments) }

private func measureStartup() throws {
  // A shell whose input has ended is over as soon as it has asked for the first line.
  let empty = FileManager.default.temporaryDirectory.appendingPathComponent("drydock-empty")
  try Data().write(to: empty)
  defer { try? FileManager.default.removeItem(at: empty) }
  var prompt = Double.infinity
  var program = Double.infinity
  for _ in 0..<rounds {
    prompt = min(prompt, try toolSeconds(["run", "--script", empty.path]))
    program = min(program, try toolSeconds(["run", "--", "true"]))
  }
  print(String(format: "to the first prompt   %5.1f ms   (at most 60)", prompt * 1e3))
  print(String(format: "run -- true           %5.1f ms   (at most 60)", program * 1e3))
}

private func measureRecording(_ name: String) throws {
  let program = try GuestCompiler.compileForDrydock(name)
  let trace = FileManager.default.temporaryDirectory
    .appendingPathComponent("drydock-bench-\(name).db")
  defer {
    try? FileManager.default.removeItem(at: program)
    try? FileManager.default.removeItem(at: trace)
  }
  let session = ["--file", "\(program.path):/\(name)", "--", name]
  var run = Double.infinity
  var record = Double.infinity
  var replay = Double.infinity
  var check = Double.infinity
  for _ in 0..<rounds {
    run = min(run, try toolSeconds(["run"] + session))
    record = min(record, try toolSeconds(["record", "--force", "-o", trace.path] + session))
    replay = min(replay, try toolSeconds(["replay", "--no-invariants", trace.path]))
    check = min(check, try toolSeconds(["replay", trace.path]))
  }
  let events = try eventCount(trace)
  let attributes = try FileManager.default.attributesOfItem(atPath: trace.path)
  let bytes = (attributes[.size] as? Int ?? 0)
  let each = (record - run) * 1e6 / Double(events)
  print(String(format: "run       %.3f s", run))
  print(
    String(
      format: "record    %.3f s   %.2f times the run, %.2f µs an event, %.1f bytes an event",
      record, record / run, each, Double(bytes) / Double(events)))
  print(String(format: "replay    %.3f s   %.2f times the recording", replay, replay / record))
  print(String(format: "checked   %.3f s   %.2f times the replay without", check, check / replay))
  print("events    \(events)")
}

/// Slices of 1,000 instructions, so that handing a hart on is much of what is measured.
private func measureDispatch() throws {
  let program = try GuestCompiler.compileForDrydock("crowd")
  let scenario = FileManager.default.temporaryDirectory.appendingPathComponent("crowd.yaml")
  try Data("processes: 4096\nmemory: 512M\ntick: 1000\n".utf8).write(to: scenario)
  defer {
    try? FileManager.default.removeItem(at: program)
    try? FileManager.default.removeItem(at: scenario)
  }
  let policies = ["priority", "mlfq", "lottery", "stride", "fair", "fifo"]
  for (policy, groups) in policies.flatMap({ [($0, 0), ($0, 16)] }) {
    var seconds = [16: Double.infinity, 4000: Double.infinity]
    for _ in 0..<rounds {
      for count in [16, 4000] {
        let session = [
          "--scheduler", policy, "--file", "\(program.path):/crowd", "--", "crowd", "\(count)",
          "\(groups)",
        ]
        let once = try toolSeconds(["run", "--scenario", scenario.path] + session)
        seconds[count] = min(seconds[count] ?? once, once)
      }
    }
    let few = seconds[16] ?? 0
    let many = seconds[4000] ?? 0
    print(
      String(
        format: "%@ %2d groups: 16 processes %.3f s, 4,000 %.3f s   %.2f times",
        policy.padding(toLength: 10, withPad: " ", startingAt: 0), groups, few, many, many / few))
  }
}

private func eventCount(_ trace: URL) throws -> Int {
  let answer = try Subprocess.run(
    tool, ["query", trace.path, "--csv", "SELECT count(*) FROM event"])
  let lines = String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isNewline)
  guard let count = lines.last.flatMap({ Int($0) }) else {
    throw BenchmarkError(description: "no count of events from \(trace.path)")
  }
  return count
}
