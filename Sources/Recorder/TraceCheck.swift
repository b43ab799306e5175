// How a trace notices that it was altered: the rows of every table that a replay depends on are
// chained. Each row holds a check of itself and of all rows before it, so that the first one that
// does not fit is the one that was changed, removed or put in. Events are chained too, but keep
// their check only once in 4096 (in `mark`), for the sake of size; a replay compares each of them
// with what really happens anyway.

import Sim

/// The running check of a table's rows, in order.
struct CheckChain {
  private var digest: Digest

  /// Starts the chain of one table, so that rows cannot be moved from one table to another.
  init(_ table: TraceSchema.Checked) {
    digest = Digest(seed: UInt64(table.seed))
  }

  /// The check of all rows so far, as a column stores it: 31 bits, for it costs room in each row.
  var check: Int64 { Int64(digest.value & 0x7fff_ffff) }

  mutating func combine(_ number: Int64) { digest.combine(UInt64(bitPattern: number)) }
  mutating func combine(_ bytes: [UInt8]) { digest.combine(bytes) }
  mutating func combine(_ text: String) { digest.combine(Array(text.utf8)) }
}

/// The running check of the events of a trace.
struct EventChain {
  private var digest = Digest(seed: UInt64(TraceSchema.Checked.event.seed))

  var check: Int64 { Int64(bitPattern: digest.value) }

  @inline(__always)
  mutating func combine(_ event: Event) {
    digest.combine(event.time.instructions)
    digest.combine(
      UInt64(UInt32(bitPattern: event.process.raw)) << 32
        | UInt64(UInt32(bitPattern: event.container.raw)))
    digest.combine(UInt64(event.hart.raw) << 8 | UInt64(event.kind.rawValue))
    let words = event.words
    digest.combine(UInt64(bitPattern: words.0))
    digest.combine(UInt64(bitPattern: words.1))
    digest.combine(UInt64(bitPattern: words.2))
    digest.combine(UInt64(bitPattern: words.3))
    digest.combine(UInt64(bitPattern: words.4))
    digest.combine(UInt64(bitPattern: words.5))
  }
}

/// A `choose()` whose answer was not the first option.
public struct RecordedChoice: Equatable, Sendable {
  /// Which of all the session's choices it was, counted from 1.
  public var ordinal: Int64
  /// A `ChoicePoint.code`.
  public var point: UInt8
  /// 0 where the point has none.
  public var hart: UInt8
  /// How many there were, and which was taken, counted from 0.
  public var options: Int
  public var chosen: Int

  public init(ordinal: Int64, point: ChoicePoint, options: Int, chosen: Int) {
    self.ordinal = ordinal
    self.point = point.code
    hart = point.hart.raw
    self.options = options
    self.chosen = chosen
  }

  init(ordinal: Int64, point: UInt8, hart: UInt8, options: Int, chosen: Int) {
    self.ordinal = ordinal
    self.point = point
    self.hart = hart
    self.options = options
    self.chosen = chosen
  }

  func add(to chain: inout CheckChain) {
    chain.combine(ordinal)
    chain.combine(Int64(point) << 8 | Int64(hart))
    chain.combine(Int64(options))
    chain.combine(Int64(chosen))
  }
}

extension ChoicePoint {
  /// The hart that the choice is for; 0 where it is for none.
  public var hart: HartID {
    switch self {
    case .dispatch(let hart), .slice(let hart), .turn(let hart): hart
    case .fault: HartID(raw: 0)
    }
  }

  /// What is chosen, in words.
  public static func name(code: UInt8) -> String {
    switch code {
    case 1: "dispatch"
    case 2: "slice"
    case 3: "fault"
    case 4: "turn"
    default: "point \(code)"
    }
  }
}

/// Bytes that arrived at the console.
public struct RecordedInput: Equatable, Sendable {
  /// Counted from 1.
  public var ordinal: Int64
  public var input: TimedInput
  /// How many times the busy machine had asked for input before it got this.
  public var asked: Int64

  public init(ordinal: Int64, input: TimedInput, asked: Int64) {
    self.ordinal = ordinal
    self.input = input
    self.asked = asked
  }

  /// Adds all but the ordinal.
  func add(to chain: inout CheckChain) {
    chain.combine(Int64(bitPattern: input.time.instructions))
    chain.combine(asked)
    chain.combine(input.bytes)
  }
}
