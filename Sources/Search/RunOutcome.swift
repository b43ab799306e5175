// What a run came to: how it ended, what everyone saw, and where it went another way than it would have
// gone by itself.

import Sim

/// A place where a run went another way than the usual one.
///
/// It is named by what does not change when others are left out: which process was how far.
public struct Switch: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The process lost its hart in front of `operation`.
    case preemption
    /// The process had left its hart, and not the first in line got it.
    case dispatch
  }

  public var kind: Kind
  /// Who lost the hart, or had it before.
  public var process: ProcessID
  /// How many visible operations that one had been in front of, where others waited.
  public var step: Int
  /// Which dispatch since then; 0 for a preemption.
  public var turn: Int
  /// Who got it.
  public var target: ProcessID
  /// In front of what.
  public var operation: VisibleOperation?
}

/// What a run came to.
public struct RunOutcome: Sendable {
  /// Nil if it did not fail.
  public var failure: Failure?
  /// Equal for two runs in which every process saw the same.
  public var behaviour: UInt64
  /// How many choices there were before visible operations.
  public var length: Int
  public var switches: [Switch]
  /// The choices that were not the first option: for each, how many choices came since the one before and
  /// which option it was, as LEB128.
  public var choices: [UInt8]

  public var preemptions: Int { switches.count { $0.kind == .preemption } }
}

/// What a few runs show about a program: for each figure the most of any of them.
public struct Profile: Equatable, Sendable {
  /// How often a process was in front of an operation on an object.
  public struct Use: Equatable, Sendable {
    public var process: ProcessID
    public var domain: VisibleOperation.Domain
    public var object: UInt64
    public var changes: Bool
    public var count: Int
  }

  /// Visible operations in front of which there was a choice.
  public var length = 0
  /// Processes that had one, in order of their first.
  public var processes: [ProcessID] = []
  public var uses: [Use] = []

  /// Words of memory that one process alone has used, as far as these runs show, and who that is.
  var ownWords: [UInt64: ProcessID] {
    var owners: [UInt64: ProcessID] = [:]
    var shared: Set<UInt64> = []
    for use in uses where use.domain == .memory {
      if let owner = owners[use.object], owner != use.process { shared.insert(use.object) }
      owners[use.object] = use.process
    }
    return owners.filter { !shared.contains($0.key) }
  }

  mutating func join(_ other: Profile) {
    length = max(length, other.length)
    for process in other.processes where !processes.contains(process) {
      processes.append(process)
    }
    for use in other.uses {
      let place = uses.firstIndex {
        $0.process == use.process && $0.domain == use.domain && $0.object == use.object
      }
      if let place {
        uses[place].count = max(uses[place].count, use.count)
        uses[place].changes = uses[place].changes || use.changes
      } else {
        uses.append(use)
      }
    }
  }

  mutating func note(_ process: ProcessID, _ operation: VisibleOperation) {
    length += 1
    if !processes.contains(process) { processes.append(process) }
    for place in uses.indices
    where uses[place].process == process && uses[place].domain == operation.domain
      && uses[place].object == operation.object
    {
      uses[place].count += 1
      uses[place].changes = uses[place].changes || operation.changes
      return
    }
    uses.append(
      Use(
        process: process, domain: operation.domain, object: operation.object,
        changes: operation.changes, count: 1))
  }
}
