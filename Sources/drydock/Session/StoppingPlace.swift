// Where `--until` stops: behind an event, or behind what happens without a further one. An
// invariant can be seen to fail in a step that makes no event, so that stopping at once would miss it.

import Replay

/// The event after which a replay stops, and the state there.
struct StoppingPlace {
  private let wanted: Int64
  /// How many events there were there; nil while it has not been reached.
  private(set) var events: Int64?
  /// The processes as they were behind the last of them.
  private(set) var processes: [String] = []

  /// - Parameter wanted: the number of the event.
  init(after wanted: Int64) { self.wanted = wanted }

  /// Whether a machine that has made so many events has gone past the place.
  mutating func isPassed(_ count: Int64, _ describe: @autoclosure () -> [String]) -> Bool {
    if let events { return count > events }
    if count >= wanted {
      events = count
      processes = describe()
    }
    return false
  }

  /// Whether an event is among those up to here.
  func includes(_ sequence: Int64) -> Bool { sequence <= events ?? wanted }

  /// Of what did not hold, what was seen up to here.
  func seen(_ violations: [Violation]) -> [Violation] {
    violations.filter { includes($0.sequence) }
  }
}
