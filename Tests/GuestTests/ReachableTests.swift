// The manager and its client while one container has all that it gets of the machine's tables: what a scenario's
// reserve keeps for the machine is enough to look at that container and to end it.

import Sim
import TestSupport
import Testing
import Userland

@Suite struct ReachableTests {
  /// A container that takes all it gets, and what is typed then, a hundred ticks apart.
  private func session(
    _ kinds: [String], harts: Int = 1, typed: [String],
    adjust: (inout Scenario) -> Void = { _ in }
  ) throws -> GuestRun {
    try GuestRun([]) { scenario in
      scenario.manager = true
      scenario.harts = harts
      scenario.limits.frames = 2048
      scenario.limitTicks = 300 + UInt64(typed.count + 1) * 100
      for name in ["echo", "full"] {
        let program = Userland.image(name)?.bytes ?? []
        scenario.files.append(GuestFile(path: "/c/\(name)", content: .file(program)))
      }
      let words = (["/full"] + kinds).map { "\"\($0)\"" }.joined(separator: ", ")
      let specs = [
        "/full.json": #"{"init": [\#(words)], "fs": "/c", "nproc": 64, "name": "full"}"#,
        "/next.json": #"{"init": ["/echo", "served"], "fs": "/c", "nproc": 1}"#, "/nul": "",
      ]
      for (path, content) in specs.sorted(by: { $0.key < $1.key }) {
        scenario.files.append(GuestFile(path: path, content: .file(Array(content.utf8))))
      }
      scenario.script = [ScriptLine(bytes: Array("dockv6 create full.json\n".utf8), atTick: 10)]
      scenario.script += typed.enumerated().map { number, line in
        ScriptLine(bytes: Array("\(line)\n".utf8), atTick: 300 + UInt64(number) * 100)
      }
      adjust(&scenario)
    }
  }

  /// How much the container has got of something, as it says itself.
  private func taken(_ kind: String, _ run: GuestRun) -> Int? {
    lines(run).first { $0.hasPrefix("\(kind) ") }?.split(separator: " ").last.flatMap { Int($0) }
  }

  private func lines(_ run: GuestRun) -> [String] {
    run.console.split(separator: "\n").map(String.init)
  }

  /// Every table, and all of them at once.
  private static let tables: [[String]] =
    ["slots", "frames", "files", "pipes", "mutexes", "pages", "blocks", "inodes"].map { [$0] } + [
      ["blocks", "inodes", "files", "mutexes", "pages", "slots", "frames"]
    ]

  @Test(
    "A container that has filled a table is listed, looked at, paused, ended and removed",
    arguments: tables, [1, 2, 4])
  func isReachable(kinds: [String], harts: Int) throws {
    let run = try session(
      kinds, harts: harts,
      typed: [
        "dockv6 logs full", "dockv6 ps; dockv6 top full; dockv6 stats -n 1 full",
        "dockv6 pause full; dockv6 ps; dockv6 resume full", "dockv6 kill full; dockv6 ps",
        "dockv6 run next.json < nul; dockv6 rm full; dockv6 ps",
      ])
    #expect(lines(run).contains("full"), "\(run.console)")
    let states = lines(run).filter { $0.hasPrefix("1    /full ") }.map { line in
      ["running", "paused", "exited"].first { line.contains(" \($0) ") } ?? "?"
    }
    #expect(states == ["running", "paused", "exited"], "\(run.console)")
    #expect(lines(run).contains { $0.hasPrefix("1    full ") }, "stats: \(run.console)")
    #expect(lines(run).contains("served"), "\(run.console)")
    #expect(!run.console.contains("no process"), "\(run.console)")
  }

  @Test("Without a reserve a container that has taken all slots, or all memory, cannot be ended")
  func withoutReserve() throws {
    for kind in ["slots", "frames"] {
      let run = try session([kind], typed: ["dockv6 kill full; dockv6 ps"]) { $0.reserve = 0 }
      #expect(run.events.contains { $0.kind == .containerCreate }, "\(run.console)")
      #expect(!run.events.contains { $0.kind == .containerEnd }, "\(run.console)")
    }
  }

  @Test("What a container gets is the more, the less the machine keeps back")
  func reserve() throws {
    let counts = try [5, 20].map { percent in
      let run = try session(["slots"], typed: ["dockv6 logs full"]) { $0.reserve = percent }
      return taken("slots", run) ?? 0
    }
    #expect(counts[0] > counts[1] && counts[1] > 0, "\(counts)")
  }
}
