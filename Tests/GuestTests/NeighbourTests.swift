// A container that has work to do, beside one that takes all that it gets of one thing: it is to be no slower than the
// half of the harts makes it that two containers of equal weight get: half of one hart, or, since one process can use
// no more, one hart of several. The table of it is in docs/containers.md.

import Foundation
import Sim
import TestGuests
import TestSupport
import Testing
import Userland

@Suite struct NeighbourTests {
  /// What a noisy container takes, and how it is told of.
  private static let kinds = [
    ("cpu", "processor time, with six processes"), ("memory", "memory, page by page"),
    ("disk", "blocks and inodes of the disk"), ("io", "reading and writing files"),
    ("files", "open files"), ("pipes", "pipes"), ("mutexes", "mutexes"),
    ("pages", "shared pages"), ("forks", "processes: a fork bomb"),
  ]

  /// What the noisy container may have of everything.
  private static let limits = """
    "nproc": 8, "memory": "256K", "disk": "64K", "inodes": 8, "files": 24, "pipes": 4, "mutexes": 8, \
    "shared_pages": 4, "io": {"read": "4K", "write": "4K"}
    """

  /// Instructions in a tick, and units of work: alone they take some 500 ticks.
  private static let tick: UInt64 = 10_000
  private static let units = 480

  /// What the work took, and what of it failed.
  private struct Work: Sendable {
    var instructions: Int
    var failures: Int
  }

  private static func session(beside kind: String?, harts: Int = 1) throws -> GuestRun {
    try GuestRun([]) { scenario in
      scenario.manager = true
      scenario.harts = harts
      scenario.tick = tick
      scenario.limitTicks = 2_000
      let program = TestGuests.image("neighbour")?.bytes ?? []
      for root in ["/c", "/n"] {
        scenario.files.append(GuestFile(path: "\(root)/neighbour", content: .file(program)))
      }
      let work = #"{"init": ["/neighbour", "work", "\#(units)"], "fs": "/c", "nproc": 4}"#
      scenario.files.append(GuestFile(path: "/work.json", content: .file(Array(work.utf8))))
      let noisy =
        #"{"init": ["/neighbour", "\#(kind ?? "")"], "fs": "/n", "name": "noisy", \#(limits)}"#
      scenario.files.append(GuestFile(path: "/noisy.json", content: .file(Array(noisy.utf8))))
      scenario.files.append(GuestFile(path: "/nul", content: .file([])))
      var typed: [(UInt64, String)] = [(100, "dockv6 run work.json < nul; dockv6 kill noisy")]
      if kind != nil { typed.insert((10, "dockv6 create noisy.json"), at: 0) }
      scenario.script = typed.map { ScriptLine(bytes: Array("\($0.1)\n".utf8), atTick: $0.0) }
    }
  }

  private static func work(beside kind: String?, harts: Int = 1) throws -> Work {
    let run = try session(beside: kind, harts: harts)
    let line = run.console.split(separator: "\n").first { $0.hasPrefix("work: ") }
    let numbers = (line ?? "").split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 3, "\(kind ?? "alone"): \(run.console)")
    return Work(instructions: numbers[1], failures: numbers[2])
  }

  private static let harts = [1, 2, 4]

  @Test("No neighbour makes a container slower than its share of the harts does, within 2 %")
  func share() async throws {
    var rows = ["| nothing, alone |"] + NeighbourTests.kinds.map { "| \($0.1) |" }
    for harts in NeighbourTests.harts {
      let alone = try NeighbourTests.work(beside: nil, harts: harts)
      #expect(alone.failures == 0)
      #expect(
        abs(alone.instructions - 500 * Int(NeighbourTests.tick)) < 100 * Int(NeighbourTests.tick))
      rows[0] += " \(NeighbourTests.ticks(alone)) | |"
      for (place, (kind, _)) in NeighbourTests.kinds.enumerated() {
        let beside = try NeighbourTests.work(beside: kind, harts: harts)
        // Half of one hart is twice the time.
        let owed = harts == 1 ? 2 * alone.instructions : alone.instructions
        let permille = beside.instructions * 1000 / owed
        #expect(permille <= 1020, "\(kind), \(harts) harts: \(permille) thousandths")
        #expect(beside.failures == 0, "\(kind), \(harts) harts")
        rows[place + 1] +=
          " \(NeighbourTests.ticks(beside)) | "
          + "\(String(format: "%.1f", Double(permille) / 10)) % |"
      }
    }
    try hold(rows)
  }

  private static func ticks(_ work: Work) -> String {
    String(format: "%.1f", Double(work.instructions) / Double(tick))
  }

  /// Holds the page's table to these rows.
  private func hold(_ rows: [String]) throws {
    let heading = """
      | the neighbour takes | 1 hart: ticks for the work | of what half of it takes | 2 harts | of what one takes | 4 harts | of what one takes |
      |---|---:|---:|---:|---:|---:|---:|
      """
    let text = ([heading] + rows).joined(separator: "\n")
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/containers.md").standardized.path
    let page = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let parts = page.components(separatedBy: "<!-- neighbours -->")
    if parts.count == 3, parts[1].trimmingCharacters(in: .newlines) == text { return }
    if parts.count == 3, ProcessInfo.processInfo.environment["DRYDOCK_RECORD"] != nil {
      let new = [parts[0], "\n\(text)\n", parts[2]].joined(separator: "<!-- neighbours -->")
      try new.write(toFile: path, atomically: true, encoding: .utf8)
    }
    Issue.record("docs/containers.md is out of date; DRYDOCK_RECORD=1 writes its table anew")
  }
}
