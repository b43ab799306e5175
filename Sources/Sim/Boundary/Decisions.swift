// The one way in. Whatever could differ between two runs of one scenario asks here and nowhere
// else: who runs next, how finely the harts interleave, what is typed and when.

/// A place where a run could have gone otherwise.
public enum ChoicePoint: Equatable, Sendable {
  /// Which of the equally entitled processes this hart takes; option 0 is the first in line.
  case dispatch(HartID)
  /// How finely this hart interleaves with the others until its next tick; option 0 is the usual.
  case slice(HartID)
  /// How much of its slice a process has on this hart when others wait for it; option 0 is all.
  case turn(HartID)
  /// Whether an injected fault strikes; option 0 is that it does not. Reserved: no machine asks so far.
  case fault

  /// The code of the point in a trace.
  public var code: UInt8 {
    switch self {
    case .dispatch: 1
    case .slice: 2
    case .fault: 3
    case .turn: 4
    }
  }
}

/// Bytes that arrive at the console at a point in virtual time.
public struct TimedInput: Equatable, Sendable {
  public var time: Instant
  public var bytes: [UInt8]

  public init(time: Instant, bytes: [UInt8]) {
    self.time = time
    self.bytes = bytes
  }
}

/// What the machine tells when it asks for input.
public struct InputRequest: Equatable, Sendable {
  /// No hart has got this far: input made up now has to arrive at this instant or later.
  public var earliest: Instant
  /// Nothing is runnable and nothing is due: without input the machine stands still.
  public var idle: Bool
  /// Whether a process waits for the console.
  public var wanted: Bool
}

/// The answer to an `InputRequest`.
public enum InputAnswer: Equatable, Sendable {
  /// Bytes and the instant at which they arrive.
  case bytes(TimedInput)
  /// Nothing so far; the machine asks again.
  case nothingYet
  /// There will never be any more.
  case ended
}

/// Everything that could have gone otherwise.
///
/// A seeded source draws, a recorded source repeats, a searching source tries.
public protocol Decisions {
  /// Picks one of `options` (two or more) and returns its index.
  mutating func choose(_ point: ChoicePoint, options: Int) -> Int

  /// The next input, asked for at the start, at each tick, when the machine is idle, and after each arrival.
  mutating func input(_ request: InputRequest) -> InputAnswer
}
