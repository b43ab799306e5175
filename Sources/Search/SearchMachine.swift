// One job's machine: it is switched on once, goes to where the program's first choice is, and from there
// it makes one run after the other, each from the state that was kept there.

import Foundation
import Recorder
import Replay
import Sim

/// A machine that makes runs from one state.
public final class SearchMachine {
  public let scenario: Scenario
  public let rules: FailureRules
  /// Whether there is any choice to be made.
  public let hasChoices: Bool
  private var machine: Simulation
  private let start: Simulation.Snapshot
  private var decisions: SearchDecisions
  private let sink: RunSink
  private let checker: InvariantChecker?
  /// What is known of the processes where the search begins; nil where nobody wants to explore.
  private let view: MachineView?

  /// Goes to where the search begins: the first choice after the program was executed, or of a scenario
  /// without one, the first after the boot.
  ///
  /// - Parameter explores: whether `explore` is to be called.
  /// - Throws: `ScenarioError` if no machine can be made of the scenario.
  public init(_ scenario: Scenario, _ rules: FailureRules, explores: Bool = false)
    throws(ScenarioError)
  {
    self.scenario = scenario
    self.rules = rules
    let place = try SearchMachine.firstChoice(scenario, rules)
    var machine = try Simulation(scenario)
    var decisions = SearchDecisions(scenario)
    var sink = RunSink(rules, keepsSteps: explores)
    var checker = rules.checksInvariants ? InvariantChecker() : nil
    var view = explores ? MachineView() : nil
    var effect = Effect()
    for _ in 0..<(place ?? 0) {
      _ = machine.step(&decisions, into: &sink)
      checker?.check(sink.step, in: machine)
      for event in sink.step { view?.see(event, &effect) }
      effect = Effect()
      sink.step.removeAll(keepingCapacity: true)
    }
    view?.forgetTime()
    self.view = view
    if place != nil { decisions.begin = decisions.asked }
    hasChoices = place != nil
    start = machine.snapshot()
    self.machine = machine
    self.decisions = decisions
    self.sink = sink
    self.checker = checker
  }

  /// How many steps there are before it; nil if there is none.
  private static func firstChoice(_ scenario: Scenario, _ rules: FailureRules)
    throws(ScenarioError) -> Int?
  {
    var machine = try Simulation(scenario)
    var decisions = SearchDecisions(scenario)
    var sink = ExecSink(program: scenario.program.first)
    var steps = 0
    while true {
      let hasBegun = sink.hasBegun
      let before = decisions.relevant
      switch machine.step(&decisions, into: &sink) {
      case .ended, .waitingForInput: return nil
      case .ran, .holding: break
      }
      sink.take(machine.names)
      if hasBegun, decisions.relevant > before { return steps }
      steps += 1
    }
  }

  // MARK: Runs

  /// Leaves out accesses to words that one process alone has used, in this machine's runs from now on. Otherwise most
  /// places to go another way would be those at which a function uses its own stack.
  public func leaveOutOwnWords(of profile: Profile) { decisions.ownWords = profile.ownWords }

  /// The run in which always the first goes on, and what it and a few random ones show: in the usual
  /// one alone a process may never have been asked about.
  public func usualRun() throws -> (outcome: RunOutcome, profile: Profile) {
    var decisions = decisions
    decisions.profile = Profile()
    let outcome = try run(&decisions)
    var profile = decisions.profile ?? Profile()
    guard hasChoices else { return (outcome, profile) }
    for seed in 1...SearchMachine.profilingRuns {
      var decisions = self.decisions
      decisions.profile = Profile()
      decisions.guide = .strategy
      decisions.strategy = RandomWalk(RandomSource(seed: UInt64(seed)))
      _ = try run(&decisions, asksRows: false)
      if let other = decisions.profile { profile.join(other) }
    }
    return (outcome, profile)
  }

  private static let profilingRuns = 8

  /// A run in which a strategy decides.
  ///
  /// - Parameter preemptions: how many are made at most.
  public func run(_ strategy: any Strategy, preemptions: Int? = nil) throws -> RunOutcome {
    var decisions = decisions
    decisions.guide = .strategy
    decisions.strategy = strategy
    decisions.preemptionsLeft = preemptions
    return try run(&decisions)
  }

  /// The run that goes another way at these places only.
  public func run(_ switches: [Switch]) throws -> RunOutcome {
    var decisions = decisions
    decisions.guide = .switches(switches)
    return try run(&decisions)
  }

  /// All places of such a run where somebody could have been preempted, in order.
  func places(_ switches: [Switch]) throws -> [Switch] {
    var decisions = decisions
    decisions.guide = .switches(switches)
    decisions.places = []
    _ = try run(&decisions, asksRows: false)
    return decisions.places ?? []
  }

  /// A machine's explorer, for `explore`.
  ///
  /// - Parameter preemptions: how many are made at most in a run.
  func makeExplorer(preemptions: Int?) -> Explorer {
    guard let view else { preconditionFailure("the machine was made to explore") }
    return Explorer(view, preemptionsAtMost: preemptions)
  }

  /// The next run that an explorer wants.
  ///
  /// - Returns: what it came to; nil if it was given up, since all of that was seen.
  func explore(_ explorer: inout Explorer?) throws -> RunOutcome? {
    var decisions = decisions
    decisions.guide = .exploring
    explorer?.beginRun()
    swap(&explorer, &decisions.explorer)
    defer { swap(&explorer, &decisions.explorer) }
    let outcome = try run(&decisions)
    let isGivenUp = decisions.explorer?.isGivenUp ?? false
    decisions.explorer?.endRun()
    return isGivenUp ? nil : outcome
  }

  private func run(_ decisions: inout SearchDecisions, asksRows: Bool = true) throws
    -> RunOutcome
  {
    machine.restore(start)
    var sink = sink
    var checker = checker
    var end: EndReason?
    while end == nil {
      switch machine.step(&decisions, into: &sink) {
      case .ran, .holding: break
      case .waitingForInput: end = .inputEnded
      case .ended(let reason): end = reason
      }
      if decisions.explorer != nil {
        for event in sink.step { decisions.explorer?.see(event) }
        if decisions.explorer?.isGivenUp == true { end = .stopped }
      }
      if sink.step.isEmpty { continue }
      checker?.check(sink.step, in: machine)
      sink.step.removeAll(keepingCapacity: true)
    }
    checker?.finish(in: machine)
    var outcome = RunOutcome(
      failure: failure(sink, end ?? .stopped, checker?.violations.first),
      behaviour: sink.behaviour, length: decisions.length, switches: decisions.switches,
      choices: decisions.choices)
    let isGivenUp = decisions.explorer?.isGivenUp ?? false
    if asksRows, !isGivenUp, outcome.failure == nil, let query = rules.query,
      try hasRows(query, decisions.switches)
    {
      outcome.failure = .rows(query)
    }
    return outcome
  }

  /// Whether a query of a run's recording gives any rows.
  private func hasRows(_ query: String, _ switches: [Switch]) throws -> Bool {
    let name = "drydock-search-\(ProcessInfo.processInfo.globallyUniqueString).db"
    let path = NSTemporaryDirectory() + name
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try record(switches, to: path)
    return try !TraceQuery.run(query, on: path).rows.isEmpty
  }

  private func failure(_ sink: RunSink, _ end: EndReason, _ violation: Violation?) -> Failure? {
    if let violation { return .invariant(violation.invariant.rawValue) }
    if let fault = sink.fault {
      let program = fault.program.map { String(decoding: machine.names[$0], as: UTF8.self) }
      let cause = Fault.Cause(rawValue: UInt8(truncatingIfNeeded: fault.cause))?.name
      return .fault(
        program: program ?? "pid \(fault.process.raw)", cause: cause ?? "\(fault.cause)",
        pc: fault.pc)
    }
    if sink.showsText, let text = rules.text { return .console(text) }
    switch end {
    case .halted(let status):
      return status == rules.status ? nil : .status(status, expected: rules.status)
    case .inputEnded, .stopped: return nil
    case .limitReached: return .limit(ticks: scenario.limitTicks ?? 0)
    case .consoleExhausted(let pid): return .input(words(pid))
    case .deadlocked(let pids): return .deadlock(pids.map(words))
    }
  }

  /// Who waits for what.
  private func words(_ pid: ProcessID) -> String {
    let line = machine.describe(pid) ?? "pid \(pid.raw)"
    return line.replacing(/\ \(parent \d+\):/, with: "")
  }

  // MARK: Recording

  /// Records the run that goes another way at these places, from the boot on.
  ///
  /// - Returns: what was told, with what is to be known for an account of it.
  /// - Throws: `ScenarioError` or `TraceError`.
  func record(_ switches: [Switch], to path: String) throws -> RunAccount {
    var decisions = SearchDecisions(scenario, begin: self.decisions.begin)
    decisions.guide = .switches(switches)
    let machine = try Simulation(scenario)
    var session = try RecordingSession(
      machine, decisions, to: path, alsoTo: AccountSink())
    var isOver = false
    while !isOver {
      switch try session.step() {
      case .ran, .holding: break
      case .waitingForInput, .ended: isOver = true
      }
    }
    _ = try session.finish()
    return RunAccount(
      switches: session.decisions.base.switches, events: session.sink.other.events,
      names: session.machine.names, sources: try TraceReader(path: path).sourcePlaces)
  }
}

/// Waits for a program to be executed.
private struct ExecSink: EventSink {
  private let program: String?
  private(set) var hasBegun: Bool
  private var paths: [NameID] = []

  init(program: String?) {
    self.program = program
    hasBegun = program == nil
  }

  var interest: EventInterest { .undigested }

  mutating func receive(_ event: Event) {
    if event.kind == .exec { paths.append(event[ExecEvent.path]) }
  }

  mutating func take(_ names: NameTable) {
    guard let program, !hasBegun else { return }
    hasBegun = paths.contains { names[$0].elementsEqual(program.utf8) }
    paths.removeAll()
  }
}

/// Keeps all events.
struct AccountSink: EventSink {
  private(set) var events: [Event] = []
  var interest: EventInterest { .everything }
  mutating func receive(_ event: Event) { events.append(event) }
}
