// The sink of a replay: events are compared as they come, and kept for nobody unless that is asked for.

import Recorder
import Sim

/// Holds each event against the next one of the recording.
struct ComparingSink: EventSink {
  /// Indirect, since every step asks whether there is one.
  indirect enum Mismatch {
    case event(expected: Event, actual: Event)
    case extra(actual: Event)
    case unreadable(TraceError)
  }

  private let stream: EventStream
  private(set) var matched: Int64 = 0
  /// The first event that was not as recorded; nothing after it is compared.
  private(set) var mismatch: Mismatch?
  /// The events of the step that is being made, for whoever looks at them together.
  var step: [Event] = []
  var keepsStep = false
  /// Whether the machine was switched on from another scenario than the recorded one.
  var ignoresScenario = false
  /// Whether its scheduler is another, so that what each keeps of the processes is no difference.
  var ignoresScheduler = false

  init(_ reader: TraceReader) { stream = reader.events() }

  var interest: EventInterest { .everything }
  /// The next event of the recording; nil at its end.
  var expected: Event? { stream.peek()?.pointee }
  var isAtEnd: Bool { stream.peek() == nil }
  var failure: TraceError? { stream.failure }

  mutating func receive(_ event: Event) {
    if keepsStep { step.append(event) }
    if let expected = stream.peek(), expected.pointee == event, mismatch == nil {
      stream.advance()
      matched += 1
    } else if mismatch == nil {
      differ(event)
    }
  }

  @inline(never)
  private mutating func differ(_ event: Event) {
    if ignoresScenario, event.kind == .boot, stream.peek()?.pointee.kind == .boot {
      stream.advance()
      matched += 1
      return
    }
    if ignoresScheduler, let expected = stream.peek()?.pointee, isAlike(event, expected) {
      stream.advance()
      matched += 1
      return
    }
    if let expected = stream.peek() {
      mismatch = .event(expected: expected.pointee, actual: event)
    } else if let failure = stream.failure {
      mismatch = .unreadable(failure)
    } else {
      mismatch = .extra(actual: event)
    }
  }

  /// Whether two events are the same but for what a scheduler says of its reasons.
  private func isAlike(_ a: Event, _ b: Event) -> Bool {
    guard a.kind == b.kind, a.time == b.time, a.hart == b.hart, a.process == b.process else {
      return false
    }
    switch a.kind {
    case .digest: return true
    case .end:
      return a[EndEvent.how] == b[EndEvent.how] && a[EndEvent.status] == b[EndEvent.status]
    case .dispatch:
      return a[DispatchEvent.previous] == b[DispatchEvent.previous]
        && a[DispatchEvent.options] == b[DispatchEvent.options]
        && a[DispatchEvent.priority] == b[DispatchEvent.priority]
        && a[DispatchEvent.chosen] == b[DispatchEvent.chosen]
    default: return false
    }
  }
}
