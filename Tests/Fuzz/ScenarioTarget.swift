// Scenario files with characters, words and pieces changed. What the reader lets pass is set up as a
// machine if that is a small one; what it refuses has to be told in one line.

import Foundation
import Recorder
import Scenarios
import Sim

struct ScenarioTarget: BytesTarget {
  static let suffix = "yaml"

  private let corpus: [[UInt8]]
  private let initial: GuestFile

  /// One in so many is set up as a machine.
  private static let machineInterval: UInt64 = 16

  private static let words = [
    ":", ": ", "\n", "\n  ", "  ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "? ", "|\n", ">\n",
    "!!binary ", "!!str ", "!x ", "%YAML 1.1\n", "---\n", "...\n", "<<: ", "\"", "'", "\\", "#",
    "\\u202e", "\\x1b", "\u{0}", "\u{1b}", "\u{202e}", "\u{feff}", "\t", "\r", "~", "null", "true",
    "0x", "-1", "1e9", "18446744073709551616", "9223372036854775808", "128M", "99999999999G",
    "harts", "seed", "tick", "memory", "limitTicks", "manager", "sharedAccesses", "defects",
    "reserve", "network", "ports", "127.0.0.1:8080:80", "scheduler", "fair", "program", "files",
    "script", "limits", "clients", "to", "from", "time", "reads", "steps", "send", "base64", "take",
    "end", "sending", "connection", "{to: 8080, steps: [x, {take: 4, time: 9}, {end: sending}]}",
    "processes", "inodes", "blocks",
    "host", "text",
    "directory", "device", "at", "keys", "path", "/", "/a/b", "dead-holder", "sh", "[1, 2]",
    "&b [*a,*a,*a,*a,*a,*a,*a,*a,*a]", "{text: a}", "{at: 4, text: x}",
  ].map { Array($0.utf8) }

  init(folder: String) throws {
    initial = try guestFile("init")
    let scenarios = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../traces/scenarios").standardized
    let names = try FileManager.default.contentsOfDirectory(atPath: scenarios.path).sorted()
    corpus =
      try names.map { Array(try Data(contentsOf: scenarios.appendingPathComponent($0))) } + [
        Array(
          """
          harts: 2
          seed: 0x7
          limits: {processes: 32, inodes: 77}
          defects: [dead-holder]
          program: [sh, -c, "a b"]
          files:
            - {path: /a, text: "x\\ty"}
            - {path: /d, directory: true}
            - {path: /c, device: [1, -1]}
            - {path: /p, program: ls}
            - {path: /h, host: ./x}
          script: [a b, {at: 4, text: x}, {keys: "\\x01x"}]
          ports: [127.0.0.1:8080:web:80, "9090:90"]
          clients:
            - {to: 8080, from: 7, time: 5, reads: 9, steps: ["a", {time: 6, base64: AAE=}]}
            - {to: 127.0.0.1:9090, steps: [{take: 3}, {host: ./x}, {end: sending}, {end: connection}]}
          list: &a [1, 2]
          other: *a

          """.utf8)
      ]
  }

  func input(_ seed: UInt64) -> [UInt8] {
    var mutator = Mutator(seed: seed, words: ScenarioTarget.words)
    var bytes = mutator.pick(corpus)
    mutator.mutate(&bytes, corpus)
    return bytes
  }

  func attempt(_ bytes: [UInt8], turn: UInt64?) throws -> Attempt {
    // The host's own files have no part in it.
    let file = ScenarioFile(path: "fuzz.yaml") { _, guest in
      [GuestFile(path: guest, content: .file([0x7f]))]
    }
    var scenario = Scenario()
    do {
      try file.apply(bytes, to: &scenario)
      if isTurn(turn, oneIn: ScenarioTarget.machineInterval), ScenarioTarget.isSmall(scenario) {
        scenario.files.append(initial)
        _ = try Simulation(scenario)
      }
      return .taken(events: 0)
    } catch let error as ToolError {
      return judge(error.description, beginsWith: "fuzz.yaml:", bytes.count)
    } catch let error as ScenarioError {
      return judge(error.description, beginsWith: "", bytes.count)
    }
  }

  private func judge(_ text: String, beginsWith start: String, _ size: Int) -> Attempt {
    if !text.hasPrefix(start) { return .failed("an error that does not say where: \(text)") }
    // A path or a word of the input may be in it, escaped; the input's copies may not.
    let longest = 1000 + 8 * size
    if text.utf8.count > longest { return .failed("an error of \(text.utf8.count) bytes") }
    return .refused
  }

  /// Whether a machine of that size costs little to set up.
  private static func isSmall(_ scenario: Scenario) -> Bool {
    Limits.all.allSatisfy { scenario.limits[keyPath: $0.path] <= 40_000 }
  }
}
