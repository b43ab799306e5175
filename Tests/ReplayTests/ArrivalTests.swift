// Input is kept by time alone: whenever the machine is told of it, the session is the same.

import Recorder
import Replay
import Sim
import TestSupport
import Testing

struct ArrivalTests {
  /// Passes on what a source decides, and keeps what it types.
  private struct Listening: Decisions {
    var base: ScriptedDecisions
    private(set) var inputs: [TimedInput] = []

    init(_ scenario: Scenario) { base = ScriptedDecisions(scenario) }

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      base.choose(choice, candidate: candidate)
    }

    mutating func input(_ request: InputRequest) -> InputAnswer {
      let answer = base.input(request)
      if case .bytes(let input) = answer { inputs.append(input) }
      return answer
    }
  }

  /// The same choices, and the same input, told in advance: of each as early, or as late, as `delay` says.
  private struct Telling: Decisions {
    private var choices: SeededChoices
    private var inputs: ArraySlice<TimedInput>
    /// How long before its time it is told at the earliest.
    private let delay: UInt64

    init(_ scenario: Scenario, _ inputs: [TimedInput], delay: UInt64) {
      choices = SeededChoices(seed: scenario.seed)
      self.inputs = inputs[...]
      self.delay = delay
    }

    mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
      choices.choose(choice)
    }

    mutating func input(_ request: InputRequest) -> InputAnswer {
      guard let next = inputs.first else { return request.idle ? .ended : .nothingYet }
      let isNear = next.time.instructions <= request.earliest.instructions + delay
      guard isNear || request.idle else { return .nothingYet }
      inputs.removeFirst()
      return .bytes(next)
    }
  }

  @Test(arguments: [1, 2, 4], [0, 5] as [UInt64])
  func itMakesNoDifferenceWhenInputIsTold(harts: Int, seed: UInt64) throws {
    let scenario = RecordedSession.shell(harts: harts, seed: seed)
    var listening = Listening(scenario)
    let expected = try run(scenario, &listening)
    #expect(listening.inputs.count == 7)
    for delay: UInt64 in [0, 100_000, 1_000_000, .max >> 2] {
      var telling = Telling(scenario, listening.inputs, delay: delay)
      #expect(try run(scenario, &telling) == expected, "told \(delay) before")
    }
  }

  private func run(_ scenario: Scenario, _ decisions: inout some Decisions) throws -> [Event] {
    var machine = try Simulation(scenario)
    var sink = CollectingSink()
    while case .ran = machine.step(&decisions, into: &sink) {}
    return sink.events
  }
}
