// A session run to its end with every event made, and what it came to.

import Replay
import Sim

struct WatchedSession {
  let end: EndReason
  let events: Int
  /// A hash of all events.
  let digest: UInt64
  /// What did not hold; empty if nobody has looked.
  let violations: [Violation]

  /// - Parameter isChecked: whether the invariants watch.
  init(_ scenario: Scenario, isChecked: Bool) throws(ScenarioError) {
    var machine = try Simulation(scenario)
    var decisions = ScriptedDecisions(scenario)
    var sink = DigestingSink()
    var checker = InvariantChecker()
    while true {
      let result = machine.step(&decisions, into: &sink)
      if isChecked { checker.check(sink.step, in: machine) }
      sink.step.removeAll(keepingCapacity: true)
      guard case .ended(let reason) = result else { continue }
      if isChecked { checker.finish(in: machine) }
      end = reason
      events = sink.count
      digest = sink.digest.value
      violations = checker.violations
      return
    }
  }
}

/// Keeps the events of a step and a hash of all events.
private struct DigestingSink: EventSink {
  var step: [Event] = []
  var digest = Digest()
  var count = 0

  var interest: EventInterest { .everything }

  mutating func receive(_ event: Event) {
    step.append(event)
    count += 1
    digest.combine(event.time.instructions)
    digest.combine(UInt64(event.kind.rawValue) << 8 | UInt64(event.hart.raw))
    digest.combine(
      UInt64(UInt32(bitPattern: event.process.raw)) << 32
        | UInt64(UInt32(bitPattern: event.container.raw)))
    let words = event.words
    digest.combine(UInt64(bitPattern: words.0))
    digest.combine(UInt64(bitPattern: words.1))
    digest.combine(UInt64(bitPattern: words.2))
    digest.combine(UInt64(bitPattern: words.3))
    digest.combine(UInt64(bitPattern: words.4))
    digest.combine(UInt64(bitPattern: words.5))
  }
}
