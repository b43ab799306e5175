// What holds for every session of containers that is kept in `traces/`: it is the same twice on any
// number of harts, and when it is over the machine is as it was before the first request.

import Recorder
import Sim
import TestSupport
import Testing

@Suite("Every session of containers in traces/")
struct ContainerSessionTests {
  /// The recorded scenarios in which the manager runs.
  private static let scenarios: [(name: String, scenario: Scenario)] =
    CommittedTraces.names.compactMap { name in
      let reader = try? TraceReader(path: CommittedTraces.path(name))
      guard let scenario = reader?.scenario, scenario.manager else { return nil }
      return (name, scenario)
    }

  private struct Outcome {
    var digest = Digest()
    var events = 0
    var usage: Usage?
    var end: EndReason?
  }

  /// Folds events instead of keeping them.
  private struct FoldingSink: EventSink {
    var digest = Digest()
    var events = 0
    var interest: EventInterest { .everything }

    mutating func receive(_ event: Event) {
      events += 1
      digest.combine(event.time.instructions)
      digest.combine(UInt64(event.kind.rawValue) << 8 | UInt64(event.hart.raw))
      digest.combine(UInt64(UInt32(bitPattern: event.process.raw)))
      digest.combine(UInt64(UInt32(bitPattern: event.container.raw)))
      for column in EventColumn.six { digest.combine(UInt64(bitPattern: event[column])) }
    }
  }

  private func run(_ scenario: Scenario) throws -> Outcome {
    var simulation = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = FoldingSink()
    while true {
      guard case .ended(let reason) = simulation.step(&decisions, into: &sink) else { continue }
      return Outcome(
        digest: sink.digest, events: sink.events, usage: simulation.usage, end: reason)
    }
  }

  @Test("there are some")
  func thereAreSome() { #expect(Self.scenarios.count >= 6) }

  @Test(
    "gives the same events twice, on one, two and four harts", arguments: scenarios.map(\.name),
    [1, 2, 4])
  func isTheSameTwice(name: String, harts: Int) throws {
    var scenario = try #require(Self.scenarios.first { $0.name == name }).scenario
    scenario.harts = harts
    let first = try run(scenario)
    let second = try run(scenario)
    #expect(first.events > 100 && first.events == second.events)
    #expect(first.digest == second.digest)
  }

  /// What ended containers have changed on the disk, and images, stay until somebody removes them.
  private static let keepingFiles = [
    "build", "chat", "eight-layers", "full-tables", "lossy", "noisy-disk", "shared-foo", "web",
  ]

  /// The name service begins with the first container that has a network, and stays: what the machine is compared with
  /// has had one, and asked for its name.
  private static let firstWithNetwork = [
    "chat": "dockv6 create ada.json; resolve ada; dockv6 kill ada",
    "lossy": "dockv6 create c.json; resolve far; dockv6 kill far",
    "browser": "dockv6 create web.json; dockv6 kill web",
    "web": "dockv6 create b.json; resolve second; dockv6 kill second",
  ]

  @Test("leaves the machine as it was before the first request", arguments: scenarios.map(\.name))
  func leavesNothing(name: String) throws {
    let scenario = try #require(Self.scenarios.first { $0.name == name }).scenario
    var idle = scenario
    idle.script = []
    idle.clients = []
    if let line = Self.firstWithNetwork[name] {
      idle.script = [ScriptLine(bytes: Array("\(line)\n".utf8))]
    }
    let untouched = try run(idle)
    let used = try run(scenario)
    #expect(untouched.end == .inputEnded && used.end == .inputEnded)
    var usage = try #require(used.usage)
    let before = try #require(untouched.usage)
    if Self.keepingFiles.contains(name) {
      usage.inodes = before.inodes
      usage.blocks = before.blocks
    }
    #expect(usage == before)
  }
}
