// One session under several conditions, with several seeds each. Each run has a machine of its own, so
// that runs can be made on several threads; whoever has made them gives their figures in order.

import Recorder
import Sim

/// What a session is run under.
public struct ComparedCondition: Equatable, Sendable {
  public var scheduler: SchedulerKind
  public var harts: Int
  /// Whether who holds a mutex inherits the priority of who waits for it.
  public var inheritsPriorities: Bool

  public init(scheduler: SchedulerKind, harts: Int, inheritsPriorities: Bool) {
    self.scheduler = scheduler
    self.harts = harts
    self.inheritsPriorities = inheritsPriorities
  }
}

/// What a condition came to, over its seeds.
public struct ComparedOutcome: Sendable {
  public var condition: ComparedCondition
  /// How many runs ended how, in words, in order of how they can end.
  public var endings: [(words: String, count: Int)]
  public var runs: Int
  /// Whether each of them came to its own end.
  public var isFinished: Bool
  public var time: Estimate?
  public var throughput: Estimate?
  public var switches: Estimate?
  public var containerFairness: Estimate?
  public var all: GroupEstimates
  /// By name and by container, each in the order of names.
  public var processes: [(name: String, figures: GroupEstimates)]
  public var containers: [(name: String, figures: GroupEstimates)]
  /// Of the first seed.
  public var lanes: [Stretch]
  public var drawn: [DrawnProcess]
  /// When the run that is drawn ended.
  public var drawnEnd: Int64

  /// - Parameter runs: the figures of each seed, in order; one or more.
  public init(_ condition: ComparedCondition, _ runs: [RunFigures]) {
    self.condition = condition
    self.runs = runs.count
    endings = ComparedOutcome.endings(runs)
    isFinished = runs.allSatisfy(\.isFinished)
    time = Estimate(runs.map { Double($0.end) })
    throughput = Estimate(runs.map(\.throughput))
    switches = Estimate(runs.map { Double($0.switches) })
    containerFairness = Estimate(runs.compactMap(\.containerFairness))
    all = GroupEstimates(runs.map(\.all))
    processes = ComparedOutcome.byName(runs.map(\.processes))
    containers = ComparedOutcome.byName(runs.map(\.containers))
    lanes = runs.first?.lanes ?? []
    drawn = runs.first?.drawn ?? []
    drawnEnd = runs.first?.end ?? 0
  }

  private static func endings(_ runs: [RunFigures]) -> [(words: String, count: Int)] {
    var found: [(code: Int64, status: Int32, words: String, count: Int)] = []
    for run in runs {
      var status: Int32 = 0
      if case .halted(let value) = run.reason { status = value }
      let code = run.reason.code
      if let place = found.firstIndex(where: { $0.code == code && $0.status == status }) {
        found[place].count += 1
      } else {
        let words = EndReason.names[Int(code) - 1] + (status == 0 ? "" : " with \(status)")
        found.append((code, status, words, 1))
      }
    }
    return found.sorted { ($0.code, $0.status) < ($1.code, $1.status) }
      .map { ($0.words, $0.count) }
  }

  private static func byName(_ runs: [[NamedFigures]])
    -> [(name: String, figures: GroupEstimates)]
  {
    var found: [(name: String, figures: [GroupFigures])] = []
    for run in runs {
      for named in run {
        if let place = found.firstIndex(where: { $0.name == named.name }) {
          found[place].figures.append(named.figures)
        } else {
          found.append((named.name, [named.figures]))
        }
      }
    }
    return found.sorted { $0.name < $1.name }.map { ($0.name, GroupEstimates($0.figures)) }
  }
}

/// A time over several runs: each figure is the mean of what the runs have, the largest is that of all.
public struct TimeEstimates: Sendable {
  public var mean: Estimate?
  public var p50: Estimate?
  public var p95: Estimate?
  public var most: Int64?

  init(_ runs: [TimeFigures]) {
    mean = Estimate(runs.compactMap(\.mean))
    p50 = Estimate(runs.compactMap { $0.p50.map(Double.init) })
    p95 = Estimate(runs.compactMap { $0.p95.map(Double.init) })
    most = runs.compactMap(\.most).max()
  }
}

/// A group's figures over several runs.
public struct GroupEstimates: Sendable {
  public var count: Estimate?
  /// How many had not exited when the run ended.
  public var left: Estimate?
  public var turnaround: TimeEstimates
  public var response: TimeEstimates
  public var waiting: TimeEstimates
  public var ran: Estimate?
  public var share: Estimate?
  public var fairness: Estimate?

  init(_ runs: [GroupFigures]) {
    count = Estimate(runs.map { Double($0.count) })
    left = Estimate(runs.map { Double($0.count - $0.ended) })
    turnaround = TimeEstimates(runs.map(\.turnaround))
    response = TimeEstimates(runs.map(\.response))
    waiting = TimeEstimates(runs.map(\.waiting))
    ran = Estimate(runs.map { Double($0.ran) })
    share = Estimate(runs.compactMap(\.share))
    fairness = Estimate(runs.compactMap(\.fairness))
  }
}

extension Simulation {
  /// Runs a scenario to its end, and tells what it came to.
  ///
  /// - Parameters:
  ///   - decisions: what is drawn and what arrives. Where the machine waits for input and they have none
  ///     yet, the run is over.
  ///   - timeline: how many stretches of who ran where are kept.
  ///   - isMeasured: whether processes of this name count among all.
  /// - Throws: `ScenarioError` if no machine can be made of the scenario.
  public static func figures(
    of scenario: Scenario, _ decisions: consuming some Decisions, timeline: Int = 0,
    where isMeasured: (String) -> Bool = { _ in true }
  ) throws(ScenarioError) -> RunFigures {
    var machine = try Simulation(scenario)
    var metrics = RunMetrics(timeline: timeline)
    while true {
      switch machine.step(&decisions, into: &metrics) {
      case .ran, .holding: continue
      case .waitingForInput: machine.stop(into: &metrics)
      case .ended(let reason):
        return metrics.finish(reason, machine.names, where: isMeasured)
      }
    }
  }
}
