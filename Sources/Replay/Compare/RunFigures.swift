// The figures of one run. All times are virtual time, in instructions.

import Recorder
import Sim

/// How long something took, over several processes.
public struct TimeFigures: Equatable, Sendable {
  /// nil if there is no process that has this time.
  public var mean: Double?
  /// The lowest values that half of them, and 95 of a hundred, do not exceed (nearest rank).
  public var p50: Int64?
  public var p95: Int64?
  public var most: Int64?

  init(_ values: Distribution) {
    mean = values.mean
    p50 = values.percentile(50)
    p95 = values.percentile(95)
    most = values.count > 0 ? values.most : nil
  }
}

/// What a run came to for some of its processes.
public struct GroupFigures: Equatable, Sendable {
  /// How many there were, and how many of them exited within the run.
  public var count: Int
  public var ended: Int
  /// From when a process was first runnable (its fork; init's, the boot) to its exit; of those that exited.
  public var turnaround: TimeFigures
  /// From when it was first runnable to when it first got a hart; of those that ever got one.
  public var response: TimeFigures
  /// For how long, in sum, it was runnable and did not run; of all, up to their exit or the run's end.
  public var waiting: TimeFigures
  /// For how long they ran, in sum.
  public var ran: Int64
  /// ran / (ran + waited) of all together: the part of the time for which they wanted a hart that they had
  /// one. nil if none ever wanted one.
  public var share: Double?
  /// Jain's index of that share of each of them.
  public var fairness: Double?
}

/// The figures of what has a name: processes that are called the same, or a container.
public struct NamedFigures: Equatable, Sendable {
  public var name: String
  public var figures: GroupFigures
}

/// A process as a timeline names it.
public struct DrawnProcess: Equatable, Sendable {
  public var pid: Int32
  /// As its last exec has it, fit to be shown.
  public var name: String
  public var cid: Int32
  public var start: Int64
  public var end: Int64
  public var ran: Int64
}

/// What one run came to.
public struct RunFigures: Sendable {
  public var reason: EndReason
  /// The time of its last event.
  public var end: Int64
  /// How often a hart was given to another process than it had before.
  public var switches: Int64
  /// Of all processes that are measured.
  public var all: GroupFigures
  /// Jain's index of the shares of containers; nil without any.
  public var containerFairness: Double?
  /// By name, and by container.
  public var processes: [NamedFigures]
  public var containers: [NamedFigures]
  /// Who ran where, and who that was, if it was asked for.
  public var lanes: [Stretch]
  public var drawn: [DrawnProcess]

  /// Processes that exited, of a million instructions of time; 0 for a run without time.
  public var throughput: Double {
    end > 0 ? Double(all.ended) * 1_000_000 / Double(end) : 0
  }

  /// Whether the session came to its own end: everything that was to be done is done.
  public var isFinished: Bool {
    switch reason {
    case .halted, .inputEnded, .stopped: true
    case .consoleExhausted, .limitReached, .deadlocked: false
    }
  }
}
