// Budgets of process slots. Who calls maxproc gets a budget, and so does everything below it and
// everything that is forked from then on, besides the budgets that it has already. A group has one for
// all that are in it or below it, and a container's group's is the one that cm_maxproc limits. A slot counts in
// each of a process's budgets from fork to reap, so that zombies and orphans cannot get around one.

/// A limit in force, and how much of it is used.
package struct ProcessBudget: Sendable {
  /// Whose call made it.
  package internal(set) var owner: ProcessID
  package internal(set) var limit: Int
  /// Processes that have it, zombies included.
  package internal(set) var held: Int
  /// The group whose it is; none of one that maxproc made.
  package internal(set) var group = GroupID.none
  /// The most that were ever held at a time, and how often it had no room.
  package internal(set) var peak = 0
  package internal(set) var refusals = 0
  /// A group's own budget stays for as long as the group does.
  fileprivate(set) var isPinned = false
}

extension ProcessBudget {
  /// The limit of a group that has none.
  package static let unlimited = Int.max
}

/// A budget that has no room.
struct FullBudget: Error, Equatable {
  var index: BudgetIndex
  var limit: Int
  var held: Int
}

/// The machine's budgets; places are used again when no process has them any more.
package struct BudgetTable: Sendable {
  package private(set) var budgets: [ProcessBudget] = []
  private var free: [BudgetIndex] = []

  package subscript(_ index: BudgetIndex) -> ProcessBudget { budgets[index.index] }

  package var usedCount: Int { budgets.count - free.count }

  /// Takes a slot in each of these budgets, or in none of them.
  ///
  /// - Parameter slack: how many more than the limit there may be, which takes a defect.
  mutating func takeSlot(in list: [BudgetIndex], beyond slack: Int = 0) throws(FullBudget) {
    try requireRoom(in: list, beyond: slack)
    for index in list {
      budgets[index.index].held += 1
      budgets[index.index].peak = max(self[index].peak, self[index].held)
    }
  }

  func requireRoom(in list: [BudgetIndex], beyond slack: Int = 0) throws(FullBudget) {
    for index in list {
      let (limit, isEndless) = self[index].limit.addingReportingOverflow(slack)
      if isEndless || self[index].held < limit { continue }
      throw FullBudget(index: index, limit: self[index].limit, held: self[index].held)
    }
  }

  mutating func releaseSlot(in list: [BudgetIndex]) {
    for index in list {
      precondition(self[index].held > 0, "a budget's count fell below zero")
      budgets[index.index].held -= 1
      if self[index].held == 0 && !self[index].isPinned { free.append(index) }
    }
  }

  mutating func tighten(_ index: BudgetIndex, to limit: Int) {
    budgets[index.index].limit = min(self[index].limit, limit)
  }

  /// A new budget that `held` processes have already.
  mutating func insert(owner: ProcessID, limit: Int, held: Int) -> BudgetIndex {
    precondition(held > 0, "a budget is somebody's")
    return insert(ProcessBudget(owner: owner, limit: limit, held: held))
  }

  private mutating func insert(_ budget: ProcessBudget) -> BudgetIndex {
    if let index = free.popLast() {
      budgets[index.index] = budget
      return index
    }
    budgets.append(budget)
    return BudgetIndex(budgets.count - 1)
  }

  /// A new budget for a group in which nobody is yet.
  mutating func insert(for group: GroupID, owner: ProcessID) -> BudgetIndex {
    var budget = ProcessBudget(owner: owner, limit: ProcessBudget.unlimited, held: 0)
    budget.group = group
    budget.isPinned = true
    return insert(budget)
  }

  mutating func setLimit(_ index: BudgetIndex, to limit: Int) { budgets[index.index].limit = limit }

  mutating func noteRefusal(_ index: BudgetIndex) { budgets[index.index].refusals += 1 }

  mutating func unpin(_ index: BudgetIndex) {
    budgets[index.index].isPinned = false
    if self[index].held == 0 { free.append(index) }
  }
}

extension ProcessBudget: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(owner.raw)
    digest.combine(limit)
    digest.combine(held)
    digest.combine(isPinned)
    digest.combine(group.raw)
    digest.combine(peak)
    digest.combine(refusals)
  }
}

extension BudgetTable: Digestible {
  func combine(into digest: inout Digest) {
    digest.combine(free)
    digest.combine(budgets)
  }
}
