// Runs a scenario with the invariants watching.

import Replay
import Sim

/// What came of a run that was watched.
public struct CheckedRun: Sendable {
  public let end: EndReason
  public let console: String
  /// The first violation of each invariant that did not hold.
  public let violations: [Violation]
  public let eventCount: Int64
  /// What was in use at the end.
  package let usage: Usage

  public init(
    _ scenario: Scenario, checking invariants: [Invariant] = Invariant.allCases
  ) throws(ScenarioError) {
    var simulation = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = StepSink()
    var checker = InvariantChecker(invariants)
    while true {
      let result = simulation.step(&decisions, into: &sink)
      checker.check(sink.events, in: simulation)
      sink.events.removeAll(keepingCapacity: true)
      switch result {
      case .ran: continue
      case .waitingForInput, .holding:
        preconditionFailure("a script never keeps the machine waiting")
      case .ended(let reason):
        checker.finish(in: simulation)
        end = reason
        console = String(decoding: sink.output, as: UTF8.self)
        violations = checker.violations
        eventCount = checker.eventCount
        usage = simulation.usage
        return
      }
    }
  }
}

/// Keeps the events of a step and all that the console showed.
private struct StepSink: EventSink {
  var events: [Event] = []
  var output: [UInt8] = []

  var interest: EventInterest { .everything }

  mutating func receive(_ event: Event) {
    events.append(event)
    if event.kind == .output { output += event.packedBytes }
  }
}
