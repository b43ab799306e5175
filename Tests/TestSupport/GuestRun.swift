// Runs guest programs on a machine of their own, from switching on to the end.

import Sim
import TestGuests
import Userland

/// What came of running a program.
public struct GuestRun: Sendable {
  /// How the session ended.
  public let end: EndReason
  /// Everything that the console showed.
  public let console: String
  public let events: [Event]

  /// The machine's exit status, which is the program's; nil if the session ended otherwise.
  public var status: Int32? {
    if case .halted(let status) = end { status } else { nil }
  }

  /// Switches a machine on that has the userland and the guest tests on its disk, and runs it to
  /// its end with the scenario's own decisions.
  ///
  /// - Parameters:
  ///   - program: what init runs, with its arguments; empty for a shell.
  ///   - typed: what is typed at the console, a line when a process waits for one.
  ///   - adjust: changes the scenario before the machine is switched on.
  public init(
    _ program: [String], typed: [String] = [], adjust: (inout Scenario) -> Void = { _ in }
  ) throws(ScenarioError) {
    var scenario = GuestRun.scenario(program, typed: typed)
    adjust(&scenario)
    try self.init(scenario)
  }

  /// Runs a scenario to its end.
  public init(_ scenario: Scenario) throws(ScenarioError) {
    var simulation = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = CollectingSink()
    while true {
      switch simulation.step(&decisions, into: &sink) {
      case .ran: continue
      case .waitingForInput, .holding:
        preconditionFailure("a script never keeps the machine waiting")
      case .ended(let reason):
        end = reason
        events = sink.events
        console = sink.console
        return
      }
    }
  }

  /// A machine with the userland on its disk, and the guest test that is to run.
  public static func scenario(_ program: [String], typed: [String] = []) -> Scenario {
    var scenario = Scenario()
    scenario.program = program
    scenario.limitTicks = 5_000
    scenario.files = userland
    if let name = program.first, let test = TestGuests.image(name) {
      scenario.files.append(file(test))
    }
    scenario.script = typed.map { ScriptLine(bytes: Array($0.utf8)) }
    return scenario
  }

  /// Every program of the userland, and a text.
  private static let userland: [GuestFile] =
    Userland.all.map { file($0) } + [
      GuestFile(path: "/README", content: .file(Array("A machine for tests.\n".utf8)))
    ]

  private static func file(_ image: GuestImage) -> GuestFile {
    GuestFile(path: "/\(image.name)", content: .file(image.bytes))
  }
}

/// Keeps every event, and what the console showed.
public struct CollectingSink: EventSink {
  public private(set) var events: [Event] = []
  private var output: [UInt8] = []

  public init() {}

  public var interest: EventInterest { .everything }
  public var console: String { String(decoding: output, as: UTF8.self) }

  public mutating func receive(_ event: Event) {
    events.append(event)
    if event.kind == .output { output += event.packedBytes }
  }
}
