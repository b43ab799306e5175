// The decisions of a recorded session, given again. Each is checked as it is used: a choice that the
// machine does not ask for at the same place between the same, or input that it never takes, is a finding.

import Recorder
import Sim

/// Answers as the trace has it.
public struct RecordedDecisions: Decisions {
  private let choices: ChoiceStream
  private var arrivals: RecordedArrivals
  public let wantsPreemption: Bool
  /// How many choices the machine has asked for.
  public private(set) var choicesMade: Int64 = 0
  /// The first decision that did not fit.
  public private(set) var finding: Divergence.Finding?

  public init(_ reader: TraceReader) {
    choices = reader.choices()
    arrivals = RecordedArrivals(reader)
    wantsPreemption = reader.summary.asksPreemption
  }

  public mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    choicesMade += 1
    guard let recorded = choices.peek() else {
      if let failure = choices.failure { report(.unreadable(failure)) }
      return 0
    }
    guard recorded.ordinal <= choicesMade else { return 0 }
    choices.advance()
    guard
      recorded.chosen > 0 && recorded.chosen < choice.options,
      recorded
        == RecordedChoice(
          ordinal: choicesMade, choice, chosen: recorded.chosen,
          candidate: candidate(recorded.chosen))
    else {
      let candidates = (0..<min(choice.options, Divergence.candidatesAtMost)).map(candidate)
      report(
        .choice(
          recorded: recorded, ordinal: choicesMade, actual: choice, candidates: candidates))
      return 0
    }
    return recorded.chosen
  }

  public mutating func input(_ request: InputRequest) -> InputAnswer {
    guard let recorded = arrivals.next else { return arrivals.afterLast(request) }
    arrivals.advance()
    if recorded.input.time < request.earliest {
      report(.lateInput(recorded, earliest: request.earliest))
    }
    return .bytes(recorded.input)
  }

  /// What the machine should have used and has not, now that the session is over.
  func leftOver(_ summary: TraceSummary) -> Divergence.Finding? {
    if let input = arrivals.next { return .unusedInput(input) }
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
