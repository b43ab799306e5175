// The seam between a run and whoever decides in it. A strategy is told at each moment who could go on,
// and what each of them would do first as far as that is known; it makes one run.

import Sim

/// Somebody who could go on.
public struct Contender: Equatable, Sendable {
  public var process: ProcessID
  /// What it does first of all; nil where it has not come to a visible operation since it went on last.
  public var next: VisibleOperation?

  public init(process: ProcessID, next: VisibleOperation?) {
    self.process = process
    self.next = next
  }
}

/// A moment at which somebody has to go on.
public struct Moment: Sendable {
  /// Two or more. Where `isPreemption`, the first is the one who runs.
  public var contenders: [Contender]
  /// Whether somebody runs, who is in front of a visible operation.
  public var isPreemption: Bool
  /// Who has just used up its slice of time, and is among the contenders.
  public var yielded: ProcessID?

  public init(_ contenders: [Contender], isPreemption: Bool, yielded: ProcessID? = nil) {
    self.contenders = contenders
    self.isPreemption = isPreemption
    self.yielded = yielded
  }
}

/// Decides in one run.
public protocol Strategy: Sendable {
  /// - Returns: the index of the contender who goes on.
  mutating func choose(_ moment: Moment) -> Int
}

/// The strategies that there are.
public enum StrategyKind: String, CaseIterable, Sendable {
  case random, pct, pos, surw
  /// Dynamic partial-order reduction: not drawn, but each order that makes a difference once.
  case dpor

  /// Those with which each run is drawn by itself.
  public static let drawn: [StrategyKind] = [.random, .pct, .pos, .surw]

  /// Makes the strategy of a run, of a kind that is drawn.
  ///
  /// - Parameters:
  ///   - depth: of `pct`, how many constraints on the order a bug may take.
  public func make(seed: UInt64, _ profile: Profile, depth: Int) -> any Strategy {
    let random = RandomSource(seed: seed)
    switch self {
    case .random: return RandomWalk(random)
    case .pct: return PriorityChanges(random, length: profile.length, depth: depth)
    case .pos: return PartialOrderSampling(random)
    case .surw: return SelectivelyUniform(random, profile)
    case .dpor: preconditionFailure("runs of dpor depend on one another")
    }
  }

  /// The algorithm's name and source, and what it promises for a program like this one.
  public func guarantee(_ profile: Profile, depth: Int) -> String {
    let processes = max(1, profile.processes.count)
    let length = max(1, profile.length)
    switch self {
    case .random:
      return "random walk: a run with s choices among at most n is drawn with probability >= 1/n^s"
    case .pct:
      var bound = Double(processes)
      for _ in 1..<max(1, depth) { bound *= Double(length) }
      return
        "pct (Burckhardt et al., 2010), depth \(depth): a bug of that depth shows in a run with "
        + "probability >= 1/(n k^(d-1)), here n = \(processes) processes and k = \(length) "
        + "operations: 1 in \(Int(min(bound, 1e15)))"
    case .pos:
      return
        "partial order sampling (Yuan, Yang and Gu, 2018): every partial order of the operations has a "
        + "positive probability"
    case .surw:
      return
        "selectively uniform random walk (Zhao et al., 2025): of the operations on one object each order "
        + "is about as likely, by the counts of the first run"
    case .dpor:
      return
        "dynamic partial-order reduction with source sets and sleep sets (Abdulla et al., 2014): one run "
        + "of each order of operations that depend on each other"
    }
  }
}
