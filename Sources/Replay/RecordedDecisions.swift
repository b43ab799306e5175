// The decisions of a recorded session, given again. Each is checked as it is used: a choice that the
// machine does not ask for in the same words, or input that it never takes, is a finding.

import Recorder
import Sim

/// Answers as the trace has it.
public struct RecordedDecisions: Decisions {
  private let choices: ChoiceStream
  private let inputs: [RecordedInput]
  private let inputEndedAfter: Int64?
  private let isComplete: Bool
  private var nextInput = 0
  /// How often the busy machine has asked for input; see `RecordingDecisions`.
  private var asked: Int64 = 0
  /// How many choices the machine has asked for.
  public private(set) var choicesMade: Int64 = 0
  /// The first decision that did not fit.
  public private(set) var finding: Divergence.Finding?

  public init(_ reader: TraceReader) {
    choices = reader.choices()
    inputs = reader.inputs
    inputEndedAfter = reader.summary.inputEndedAfter
    isComplete = reader.summary.isComplete
  }

  public mutating func choose(_ point: ChoicePoint, options: Int) -> Int {
    choicesMade += 1
    guard let recorded = choices.peek() else {
      if let failure = choices.failure { report(.unreadable(failure)) }
      return 0
    }
    guard recorded.ordinal <= choicesMade else { return 0 }
    choices.advance()
    guard
      recorded.ordinal == choicesMade, recorded.point == point.code,
      recorded.hart == point.hart.raw, recorded.options == options,
      (1..<options).contains(recorded.chosen)
    else {
      report(.choice(recorded: recorded, ordinal: choicesMade, point: point, options: options))
      return 0
    }
    return recorded.chosen
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    defer { if !request.idle { asked += 1 } }
    if nextInput < inputs.count {
      let recorded = inputs[nextInput]
      guard recorded.asked <= asked else { return .nothingYet }
      nextInput += 1
      if recorded.input.time < request.earliest {
        report(.lateInput(recorded, earliest: request.earliest))
      }
      return .bytes(recorded.input)
    }
    // A recording that was cut short cannot say whether more input was to come; where the machine
    // stands still for want of it, it can only go on if there was none.
    guard isComplete else { return request.idle ? .ended : .nothingYet }
    guard let inputEndedAfter, inputEndedAfter <= asked else { return .nothingYet }
    return .ended
  }

  /// What the machine should have used and has not, now that the session is over.
  func leftOver(_ summary: TraceSummary) -> Divergence.Finding? {
    if nextInput < inputs.count { return .unusedInput(inputs[nextInput]) }
    if let choice = choices.peek() { return .unusedChoice(choice) }
    if let failure = choices.failure { return .unreadable(failure) }
    if let recorded = summary.choicesMade, recorded != choicesMade {
      return .choiceCount(recorded: recorded, actual: choicesMade)
    }
    return nil
  }

  private mutating func report(_ finding: Divergence.Finding) {
    if self.finding == nil { self.finding = finding }
  }
}
