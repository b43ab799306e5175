// What a trace keeps of the decisions: a row of the table `choice`, and one of `input`.

import Sim

/// A choice at which something else than the first option was taken.
public struct RecordedChoice: Equatable, Sendable {
  /// Which of all the session's choices it was, counted from 1.
  public var ordinal: Int64
  /// A `ChoicePoint.Kind`, or what the file has in place of one.
  public var point: UInt8
  /// 0 where the point has none.
  public var hart: UInt8
  /// How many there were, and which was taken, counted from 0.
  public var options: Int
  public var chosen: Int
  /// The number of the event before which it was made.
  public var sequence: Int64
  /// What was taken: a `Candidate.number`.
  public var candidate: Int64

  init(
    ordinal: Int64, point: UInt8, hart: UInt8, options: Int, chosen: Int, sequence: Int64,
    candidate: Int64
  ) {
    self.ordinal = ordinal
    self.point = point
    self.hart = hart
    self.options = options
    self.chosen = chosen
    self.sequence = sequence
    self.candidate = candidate
  }

  /// - Parameters:
  ///   - chosen: the option that was taken.
  ///   - candidate: what that stands for.
  public init(ordinal: Int64, _ choice: Choice, chosen: Int, candidate: Candidate) {
    self.init(
      ordinal: ordinal, point: choice.point.kind.rawValue, hart: choice.point.hart.raw,
      options: choice.options, chosen: chosen, sequence: choice.sequence,
      candidate: candidate.number)
  }

  func add(to chain: inout CheckChain) {
    chain.combine(ordinal)
    chain.combine(Int64(point) << 8 | Int64(hart))
    chain.combine(Int64(options))
    chain.combine(Int64(chosen))
    chain.combine(sequence)
    chain.combine(candidate)
  }
}

/// Bytes that arrived.
public struct RecordedInput: Equatable, Sendable {
  /// Counted from 1.
  public var ordinal: Int64
  public var input: TimedInput

  public init(ordinal: Int64, input: TimedInput) {
    self.ordinal = ordinal
    self.input = input
  }

  /// Adds all but the ordinal.
  func add(to chain: inout CheckChain) {
    chain.combine(Int64(bitPattern: input.time.instructions))
    chain.combine(Int64(input.channel.rawValue))
    chain.combine(input.bytes)
  }
}
