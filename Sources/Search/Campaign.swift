// Makes the runs of a search, several at a time. A run's seed depends on its number alone, and rows are
// kept in order of the runs: so what is found is the same with however many jobs.

import Dispatch
import Foundation
import Sim
import Synchronization

/// How far a search is.
public struct SearchProgress: Sendable {
  public var runs = 0
  public var novelty = Novelty()
  /// Each failure's first run, by its outcome, in order of these.
  public var failures: [(outcome: String, run: Int, count: Int)] = []

  mutating func note(_ row: RunRow) {
    runs += 1
    novelty.note(row.behaviour)
    guard let outcome = row.outcome else { return }
    if let place = failures.firstIndex(where: { $0.outcome == outcome }) {
      failures[place].count += 1
    } else {
      failures.append((outcome, row.run, 1))
    }
  }
}

/// How much of everything that a program can come to a search has seen that does not draw its runs.
public struct Coverage: Equatable, Sendable {
  /// Whether nothing is left.
  public var isComplete: Bool
  /// Runs that came to their end.
  public var runs: Int
  /// Runs that were given up, since what they would have come to had been seen.
  public var redundant: Int
  /// Whether anything hung on the time that it was: such a program can come to more.
  public var dependsOnTime: Bool
}

/// A search that is under way.
public final class Campaign: Sendable {
  public let plan: SearchPlan
  public let profile: Profile
  /// The run without any preemption.
  public let usual: RunOutcome
  /// Whether there is any choice to be made.
  public let hasChoices: Bool
  /// What the first runs show, with all operations.
  private let everything: Profile
  /// Of a search that was begun before and depends on its runs, those.
  private let known: [RunRow]
  private let file: SearchFileBox
  private let state: Synchronization.Mutex<State>

  private struct State {
    var progress = SearchProgress()
    /// The place of the next run that is to be given out.
    var next = 0
    /// The place of the next row that is to be kept.
    var due = 0
    /// Rows that came before their turn.
    var waiting: [Int: RunRow] = [:]
    /// Rows that are not committed.
    var rows: [RunRow] = []
    var lastCommit = 0.0
    var isOver = false
    var failure: (any Error)?
    var coverage: Coverage?
    /// Of an exploration, the first run of each failure.
    var firsts: [(run: Int, outcome: RunOutcome)] = []
  }

  /// The file is used under the state's lock alone.
  private struct SearchFileBox: @unchecked Sendable { let file: SearchFile }

  /// Looks at the program's usual run.
  ///
  /// - Throws: `ScenarioError` if no machine can be made of the scenario; `SearchError`.
  public init(_ plan: SearchPlan, _ file: SearchFile) throws {
    self.plan = plan
    self.file = SearchFileBox(file: file)
    let machine = try SearchMachine(plan.scenario, plan.rules)
    var (usual, profile) = try machine.usualRun()
    everything = profile
    if plan.strategy != .dpor, !everything.ownWords.isEmpty {
      machine.leaveOutOwnWords(of: everything)
      (usual, profile) = try machine.usualRun()
    }
    (self.usual, self.profile) = (usual, profile)
    hasChoices = machine.hasChoices && profile.length > 0
    var state = State()
    var known: [RunRow] = []
    try file.readRows { row in
      guard row.run == plan.shard.run(state.due) else {
        throw SearchError(
          "\(file.path): found run \(row.run), expected run \(plan.shard.run(state.due))")
      }
      state.progress.note(row)
      state.due += 1
      if plan.strategy == .dpor { known.append(row) }
    }
    self.known = known
    state.next = state.due
    state.isOver = !plan.findsAll && !state.progress.failures.isEmpty
    self.state = Synchronization.Mutex(state)
  }

  public var progress: SearchProgress { state.withLock { $0.progress } }

  /// How much of everything that there is was seen; nil where runs are drawn.
  public var coverage: Coverage? { state.withLock { $0.coverage } }

  /// Makes runs until there are enough, time is over, or one fails and that is enough.
  ///
  /// - Parameters:
  ///   - isStopped: asked before each run.
  ///   - tell: called now and then, by one thread at a time.
  /// - Throws: `ScenarioError` or `SearchError`; everything up to there is kept.
  public func run(
    isStopped: @escaping @Sendable () -> Bool, tell: @escaping @Sendable (SearchProgress) -> Void
  ) throws {
    let start = Date.timeIntervalSinceReferenceDate
    state.withLock { $0.lastCommit = start }
    let isDone: @Sendable () -> Bool = { [plan] in
      if isStopped() { return true }
      guard let seconds = plan.seconds else { return false }
      return Date.timeIntervalSinceReferenceDate - start >= seconds
    }
    let isExploring = plan.strategy == .dpor
    DispatchQueue.concurrentPerform(iterations: isExploring ? 1 : max(1, plan.jobs)) { _ in
      do {
        if isExploring { try explore(isDone, tell) } else { try work(isDone, tell) }
      } catch {
        state.withLock {
          $0.failure = $0.failure ?? error
          $0.isOver = true
        }
      }
    }
    try state.withLock { state in
      try commit(&state, at: start)
      if let failure = state.failure { throw failure }
    }
  }

  private func work(
    _ isDone: @Sendable () -> Bool, _ tell: @Sendable (SearchProgress) -> Void
  ) throws {
    var machine: SearchMachine?
    while let place = nextPlace(isDone) {
      let run = plan.shard.run(place)
      let seed = plan.seed(ofRun: run)
      let outcome: RunOutcome
      if run == 0 {
        outcome = usual
      } else {
        let maker = try machine ?? makeMachine()
        machine = maker
        outcome = try maker.run(strategy(seed), preemptions: plan.preemptions)
      }
      try take(
        RunRow(
          run: run, seed: seed, length: outcome.length, choices: outcome.choices,
          behaviour: outcome.behaviour, outcome: outcome.failure?.description),
        at: place, tell)
    }
  }

  /// Makes the runs of an exploration. A search that was begun before is gone through again first, since each
  /// run depends on those before it.
  private func explore(
    _ isDone: @Sendable () -> Bool, _ tell: @Sendable (SearchProgress) -> Void
  ) throws {
    let machine = try SearchMachine(plan.scenario, plan.rules, explores: true)
    var explorer: Explorer? = machine.makeExplorer(preemptions: plan.preemptions)
    var outcome: RunOutcome? = usual
    var run = 0
    if !hasChoices {
      let only = Coverage(isComplete: true, runs: 1, redundant: 0, dependsOnTime: false)
      state.withLock { $0.coverage = only }
    }
    var isRepeated = !known.isEmpty
    while isRepeated || nextPlace(isDone) != nil {
      while run > 0 {
        let isOver = explorer?.exploration.isFinished ?? true
        if isOver || isDone() { break }
        outcome = try machine.explore(&explorer)
        keep(explorer)
        if outcome != nil { break }
      }
      guard let found = outcome else { return }
      outcome = nil
      let row = RunRow(
        run: run, seed: plan.seed(ofRun: run), length: found.length, choices: found.choices,
        behaviour: found.behaviour, outcome: found.failure?.description)
      keep(found, of: run)
      if isRepeated {
        guard row == known[run] else {
          throw SearchError("found another run \(run) than in the search that is gone on with")
        }
        isRepeated = run + 1 < known.count
      } else {
        try take(row, at: run, tell)
      }
      run += 1
    }
  }

  private func keep(_ explorer: Explorer?) {
    guard let explorer else { return }
    let coverage = Coverage(
      isComplete: explorer.exploration.isFinished, runs: explorer.exploration.complete,
      redundant: explorer.exploration.redundant, dependsOnTime: explorer.dependsOnTime)
    state.withLock { $0.coverage = coverage }
  }

  private func keep(_ outcome: RunOutcome, of run: Int) {
    guard let failure = outcome.failure else { return }
    state.withLock { state in
      if state.firsts.contains(where: { $0.outcome.failure == failure }) { return }
      state.firsts.append((run, outcome))
    }
  }

  /// One whose runs have the places of this search.
  private func makeMachine() throws -> SearchMachine {
    let machine = try SearchMachine(plan.scenario, plan.rules)
    if plan.strategy != .dpor { machine.leaveOutOwnWords(of: everything) }
    return machine
  }

  private func strategy(_ seed: UInt64) -> any Strategy {
    plan.strategy.make(seed: seed, profile, depth: plan.depth)
  }

  private func nextPlace(_ isDone: () -> Bool) -> Int? {
    let isDone = isDone()
    return state.withLock { state in
      // Without choices all runs are the first.
      let most = hasChoices ? plan.runs ?? .max : 1
      guard !isDone, !state.isOver, state.next < most else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  private func take(
    _ row: RunRow, at place: Int, _ tell: @Sendable (SearchProgress) -> Void
  ) throws {
    try state.withLock { state in
      state.waiting[place] = row
      while let row = state.waiting.removeValue(forKey: state.due) {
        // Runs behind the failure with which it ends are as if they had not been made.
        if state.isOver && !plan.findsAll && !state.progress.failures.isEmpty { break }
        state.progress.note(row)
        state.rows.append(row)
        state.due += 1
        if row.outcome != nil, !plan.findsAll { state.isOver = true }
      }
      let now = Date.timeIntervalSinceReferenceDate
      guard now - state.lastCommit >= 1 || state.rows.count >= 4096 else { return }
      try commit(&state, at: now)
      tell(state.progress)
    }
  }

  private func commit(_ state: inout State, at now: Double) throws {
    try file.file.append(state.rows)
    state.rows.removeAll(keepingCapacity: true)
    state.lastCommit = now
  }

  // MARK: Failures

  /// Shrinks and records each failure that is not in the folder yet.
  ///
  /// - Throws: `ScenarioError`, `TraceError` or `SearchError`.
  public func writeFailures(
    to folder: String, isStopped: () -> Bool, tell: (FoundFailure) throws -> Void
  ) throws {
    let failures = progress.failures
    if failures.isEmpty { return }
    let written = try file.file.writtenFailures()
    let machine = try makeMachine()
    for (place, failure) in failures.enumerated() where !written.contains(failure.outcome) {
      let first = try run(failure.run, on: machine)
      guard let reason = first.failure, reason.description == failure.outcome else {
        preconditionFailure("run \(failure.run) came to \(first.failure?.description ?? "nothing")")
      }
      let shrunk = try machine.shrink(first, isStopped: isStopped)
      let name = "failure-\(place + 1)"
      let path = "\(folder)/\(name).db"
      // A search that was killed may have left half of it.
      try? FileManager.default.removeItem(atPath: path)
      let account = try machine.record(shrunk.switches, to: path)
      let found = FoundFailure(
        number: place + 1, outcome: reason.description, run: failure.run,
        preemptions: shrunk.preemptions,
        switches: shrunk.switches.count, file: "\(name).db", account: account.text(reason))
      let text =
        [
          "# \(reason.description)", "", "Run \(failure.run) of the search; \(name).db shows it.",
          "",
        ]
        + found.account + [""]
      do {
        try text.joined(separator: "\n")
          .write(toFile: "\(folder)/\(name).md", atomically: true, encoding: .utf8)
      } catch {
        throw SearchError("\(folder)/\(name).md: cannot be written: \(error.localizedDescription)")
      }
      try file.file.note(found)
      try tell(found)
    }
  }

  /// Makes a run that failed once more.
  private func run(_ number: Int, on machine: SearchMachine) throws -> RunOutcome {
    if number == 0 { return usual }
    if plan.strategy != .dpor {
      return try machine.run(strategy(plan.seed(ofRun: number)), preemptions: plan.preemptions)
    }
    guard let first = state.withLock({ $0.firsts.first { $0.run == number } }) else {
      preconditionFailure("run \(number) failed and was not kept")
    }
    return first.outcome
  }
}
