// The one way out. The recorder writes events, the replayer compares them, the invariants watch
// them, `--live` prints them: each is a sink.

/// How much a sink wants to hear. What the machine does never depends on it.
public enum EventInterest: Sendable {
  /// Only what reaches the console.
  case output
  /// Every event but the digests of the machine's state, which cost the most.
  case undigested
  /// Every event.
  case everything
}

/// Takes the events of a session, in order, each once.
public protocol EventSink {
  var interest: EventInterest { get }
  mutating func receive(_ event: Event)
}
