// Runs every condition with every seed, several at a time, and gives the outcomes in order: what comes
// out is the same on however many threads.

import Foundation
import Recorder
import Replay
import Sim
import Synchronization

/// The runs of a comparison.
struct ComparedRuns: Sendable {
  let session: ComparedSession
  let conditions: [ComparedCondition]
  let seeds: Int
  /// Which processes are measured; nil for all.
  let names: [String]?
  /// How many stretches of each condition's first run are kept.
  let timeline: Int

  private struct State {
    /// The runs of the conditions that are not done yet.
    var figures: [[RunFigures?]]
    var outcomes: [ComparedOutcome?]
    var failure: ScenarioError?
    var done = 0
    var instructions: UInt64 = 0
  }

  /// - Throws: `ScenarioError` if no machine can be made of the scenario.
  func outcomes(_ progress: @escaping (_ done: Int, _ of: Int) -> Void) throws -> [ComparedOutcome]
  {
    let count = conditions.count * seeds
    let state = Synchronization.Mutex(
      State(
        figures: conditions.map { _ in Array(repeating: nil, count: seeds) },
        outcomes: conditions.map { _ in nil }))
    let next = Atomic(0)
    let shown = Shown(progress)
    let workers = max(1, min(count, ProcessInfo.processInfo.activeProcessorCount))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let job = next.add(1, ordering: .relaxed).oldValue
        guard job < count, state.withLock({ $0.failure == nil }) else { return }
        let result = Result { () throws(ScenarioError) in try run(job) }
        state.withLock { state in
          take(result, of: job, &state)
          shown.show(state.done, count)
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.outcomes.compactMap { $0 }
    }
  }

  /// One seed after the other of each condition, counted from 1.
  private func run(_ job: Int) throws(ScenarioError) -> RunFigures {
    let seed = job % seeds
    let scenario = session.scenario(conditions[job / seeds], seed: UInt64(seed + 1))
    return try Simulation.figures(
      of: scenario, session.decisions(for: scenario), timeline: seed == 0 ? timeline : 0,
      where: { names?.contains($0) ?? true })
  }

  private func take(
    _ result: Result<RunFigures, ScenarioError>, of job: Int, _ state: inout State
  ) {
    let condition = job / seeds
    state.done += 1
    switch result {
    case .failure(let error): state.failure = state.failure ?? error
    case .success(let figures): state.figures[condition][job % seeds] = figures
    }
    let runs = state.figures[condition].compactMap { $0 }
    guard runs.count == seeds else { return }
    state.outcomes[condition] = ComparedOutcome(conditions[condition], runs)
    state.figures[condition] = []
  }
}

/// Shows progress, from whichever thread; one at a time.
private final class Shown: @unchecked Sendable {
  private let body: (Int, Int) -> Void
  init(_ body: @escaping (Int, Int) -> Void) { self.body = body }
  func show(_ done: Int, _ count: Int) { body(done, count) }
}
