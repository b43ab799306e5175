// A scenario as a file that `drydock run --scenario` takes too, with its programs beside it.

import Foundation
import Recorder
import Scenarios
import Sim

extension FuzzTarget where Input == Scenario {
  func write(_ input: Scenario, named name: String, in folder: String) throws -> String {
    try KeptScenario.write(input, named: name, in: folder)
  }

  func read(_ path: String) throws -> Scenario { try KeptScenario.read(path) }
}

enum KeptScenario {
  static func write(_ scenario: Scenario, named name: String, in folder: String) throws -> String {
    var lines = [
      "harts: \(scenario.harts)", "seed: \(scenario.seed)", "tick: \(scenario.tick)",
      "memory: \(scenario.limits.frames * 4)K",
      "processes: \(scenario.limits.processes)", "blocks: \(scenario.limits.blocks)",
      "inodes: \(scenario.limits.inodes)",
      "program: [\(scenario.program.map { "'\($0)'" }.joined(separator: ", "))]",
    ]
    if scenario.scheduler != .priority { lines.append("scheduler: \(scenario.scheduler.name)") }
    if scenario.inheritsPriorities { lines.append("priorityInheritance: true") }
    if scenario.reserve != Reserve.usualPercent { lines.append("reserve: \(scenario.reserve)") }
    let network = scenario.network
    if network != NetworkConditions() {
      lines.append(
        "network: {delay: \(network.delay), loss: \(network.lossPerThousand), spread: \(network.spread)}"
      )
    }
    if let limit = scenario.limitTicks { lines.append("limitTicks: \(limit)") }
    if !scenario.defects.isEmpty {
      lines.append("defects: [\(scenario.defects.map(\.name).joined(separator: ", "))]")
    }
    if !scenario.ports.isEmpty {
      lines.append("ports: [\(scenario.ports.map(\.description).joined(separator: ", "))]")
    }
    lines += HostClient.lines(scenario.clients)
    lines.append("files:")
    for file in scenario.files {
      guard case .file(let bytes) = file.content else { continue }
      // By what is in it, so that inputs share a program, and a later one is another file.
      var digest = Digest()
      digest.combine(bytes)
      let host =
        "\(file.path.dropFirst().replacing("/", with: "-"))-"
        + String(digest.value, radix: 16)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(host)"))
      lines.append("  \(file.path): { host: \(host) }")
    }
    let path = "\(folder)/\(name).yaml"
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    guard try read(path) == scenario else {
      throw ScenarioError("\(path) does not say all of its scenario")
    }
    return path
  }

  /// The scenario of a file, with nothing that is not in it: the tool would add the userland.
  static func read(_ path: String) throws -> Scenario {
    // A name of a file beside it comes as a path.
    let file = ScenarioFile(path: path) { host, guest in
      [
        GuestFile(
          path: guest, content: .file(Array(try Data(contentsOf: URL(fileURLWithPath: host)))))
      ]
    }
    var scenario = Scenario()
    try file.apply(to: &scenario)
    return scenario
  }
}
