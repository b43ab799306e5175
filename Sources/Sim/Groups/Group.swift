// A group of processes, and what is counted for it. All groups are one tree, of which the root is the machine:
// it has no limits, and whoever is in it pays for no counting. A group's limits hold for all below it.
//
// Process slots are counted where all budgets of slots are (`ProcessBudget`): a group has one of those. The other
// resources are counted here, in one place each (`GroupTable.take`, `GroupTable.giveBack`).

/// What a group can have so much of and no more, besides process slots.
package enum GroupResource: Int, CaseIterable, Sendable {
  case memory, disk, inodes, files, pipes, mutexes, sharedPages, sockets

  /// As refusals in a trace name it.
  package var name: String {
    switch self {
    case .memory: "memory"
    case .disk: "disk"
    case .inodes: "inodes"
    case .files: "files"
    case .pipes: "pipes"
    case .mutexes: "mutexes"
    case .sharedPages: "shared_pages"
    case .sockets: "sockets"
    }
  }
}

/// How much of a resource a group and all below it have.
package struct ResourceUse: Equatable, Sendable {
  /// Nil where there is none: `max`.
  package internal(set) var limit: Int?
  package internal(set) var held = 0
  /// The most that was ever held at a time.
  package internal(set) var peak = 0
  /// What was told last (`GroupTable.takeUntold`), and the most that was held since then.
  var told = 0
  package internal(set) var most = 0
  /// How often this group's limit was what refused.
  package internal(set) var refusals = 0
}

/// A group that has no room: what a refusal tells.
struct FullGroup: Error, Equatable {
  var group: GroupID
  var limit: Int
  var held: Int
}

/// A group of processes.
package struct Group: Sendable {
  package let id: GroupID
  /// None of the root.
  package let parent: GroupID
  package let name: Name
  /// In whose tree it is: a container's own group and all below that are the container's.
  package let owner: ContainerID
  /// Whether it is a container's own group, which is there for as long as the container.
  package let isContainers: Bool
  /// Where its process slots are counted; none of the root.
  package internal(set) var budget: BudgetIndex?
  /// What was written to its `cgroup.freeze`.
  package internal(set) var isFrozen = false
  /// Processes in the group itself that have not exited; not counted in the root.
  package internal(set) var members = 0
  /// Groups right below it that have not been removed.
  package internal(set) var children = 0
  /// A group that was removed is kept as long as something counts in it.
  package internal(set) var isRemoved = false
  /// Whether what it has of something has changed since that was told.
  var isUntold = false
  package internal(set) var processor = ProcessorUse()
  /// By resource.
  package internal(set) var uses = [ResourceUse](
    repeating: ResourceUse(), count: GroupResource.allCases.count)
  /// By direction.
  package internal(set) var dataRates = [DataRate](
    repeating: DataRate(), count: DataDirection.allCases.count)

  init(
    id: GroupID, parent: GroupID, name: Name, owner: ContainerID, isContainers: Bool,
    budget: BudgetIndex?
  ) {
    self.id = id
    self.parent = parent
    self.name = name
    self.owner = owner
    self.isContainers = isContainers
    self.budget = budget
  }

  package subscript(resource: GroupResource) -> ResourceUse {
    get { uses[resource.rawValue] }
    set { uses[resource.rawValue] = newValue }
  }

  /// Whether nothing counts in it any more.
  fileprivate var isUnused: Bool { uses.allSatisfy { $0.held == 0 } }

  /// Whether a group that was removed has to be kept.
  var isKept: Bool { !isRemoved || !isUnused }
}

extension ResourceUse: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(limit ?? -1)
    digest.combine(held)
    digest.combine(peak)
    digest.combine(told)
    digest.combine(most)
    digest.combine(refusals)
  }
}

extension Group: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(id.raw)
    digest.combine(parent.raw)
    digest.combine(name.bytes)
    digest.combine(owner.raw)
    digest.combine(isContainers)
    digest.combine(budget)
    digest.combine(isFrozen)
    digest.combine(members)
    digest.combine(children)
    digest.combine(isRemoved)
    digest.combine(isUntold)
    digest.combine(processor)
    digest.combine(uses)
    digest.combine(dataRates)
  }
}
