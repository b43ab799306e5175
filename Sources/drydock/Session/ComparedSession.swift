// What `compare` runs: the inputs of a recording, or a scenario file, under any condition. The file is
// read once; each run gets a scenario and decisions of its own.

import Foundation
import Recorder
import Replay
import Scenarios
import Sim

/// A session that is run again and again under other conditions.
struct ComparedSession: Sendable {
  let scenario: Scenario
  /// What was typed, where that was recorded by its times.
  private let reader: TraceReader?

  /// Ticks after which a run of a scenario without a limit is given up.
  static let scenarioTicks: UInt64 = 10_000
  /// A run that has no limit of its own may take so many times as long as its recording, on fewer harts
  /// for instance, and so many ticks more.
  private static let patience: UInt64 = 8
  private static let grace: UInt64 = 1000

  /// - Throws: `TraceError` or `ToolError` if the file is neither a trace nor a scenario, or not whole.
  init(_ file: String, limitTicks: UInt64?) throws {
    if try ComparedSession.isTrace(file) {
      let reader = try openTrace(file, refusingStrangers: true)
      if let altered = reader.alterations.first {
        throw TraceError(.damaged, file, altered.description)
      }
      if !reader.summary.isComplete {
        complain("\(file): \(reader.condition.clause); its input is given as far as it goes")
      }
      var scenario = reader.scenario
      scenario.limitTicks =
        limitTicks ?? scenario.limitTicks ?? ComparedSession.limit(of: reader)
      self.scenario = scenario
      self.reader = scenario.script.isEmpty ? reader : nil
    } else {
      var scenario = Scenario()
      try ScenarioFile(path: file).apply(to: &scenario)
      scenario.files = GuestFiles.userland + scenario.files
      try GuestFiles.checkProgram(of: scenario)
      scenario.limitTicks =
        limitTicks ?? scenario.limitTicks ?? ComparedSession.scenarioTicks
      self.scenario = scenario
      reader = nil
    }
  }

  private static func isTrace(_ file: String) throws -> Bool {
    if file.hasSuffix(".db") { return true }
    let magic = Array("SQLite format 3\0".utf8)
    let descriptor = file.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    // Whoever reads it says what is wrong.
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var found = [UInt8](repeating: 0, count: magic.count)
    return pread(descriptor, &found, magic.count, 0) == magic.count && found == magic
  }

  /// A recording that somebody stopped, or that is cut, is run for as long as it was; any other comes to
  /// its end by itself, sooner or later.
  private static func limit(of reader: TraceReader) -> UInt64 {
    let tick = reader.scenario.tick
    let recorded = UInt64(max(0, min(reader.summary.instructions, 1 << 50)))
    let ticks = recorded / tick + 1
    let isOpenEnded = reader.summary.stop.map { !$0.idle } ?? !reader.summary.isComplete
    return isOpenEnded ? ticks : ticks * patience + grace
  }

  /// The scenario of a run.
  func scenario(_ condition: ComparedCondition, seed: UInt64) -> Scenario {
    var scenario = scenario
    scenario.scheduler = condition.scheduler
    scenario.harts = condition.harts
    scenario.inheritsPriorities = condition.inheritsPriorities
    scenario.seed = seed
    return scenario
  }

  /// The choices of a run's seed, and what is typed: a script's lines when the machine waits for them or
  /// at their ticks, anything else at the times at which it was typed when it was recorded.
  func decisions(for scenario: Scenario) -> ComparedDecisions {
    if let reader { return .recorded(RepeatedInput(reader, seed: scenario.seed)) }
    return .script(ConsoleDecisions(scenario, keyboard: nil))
  }
}

/// Where a run's choices and input come from.
enum ComparedDecisions: Decisions {
  case recorded(RepeatedInput)
  case script(ConsoleDecisions)

  mutating func choose(_ choice: Choice, candidate: (Int) -> Candidate) -> Int {
    switch self {
    case .recorded(var decisions):
      defer { self = .recorded(decisions) }
      return decisions.choose(choice, candidate: candidate)
    case .script(var decisions):
      defer { self = .script(decisions) }
      return decisions.choose(choice, candidate: candidate)
    }
  }

  mutating func input(_ request: InputRequest) -> InputAnswer {
    switch self {
    case .recorded(var decisions):
      defer { self = .recorded(decisions) }
      return decisions.input(request)
    case .script(var decisions):
      defer { self = .script(decisions) }
      return decisions.input(request)
    }
  }
}
