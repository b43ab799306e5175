// Budgets of process slots, a tree of them. Who calls maxproc gets a budget of its own below the
// one it was under, and everything it forks from then on counts in both. A slot is counted from
// fork to reap, so that zombies and orphans cannot get around a budget.

/// A budget's place in the table.
package typealias BudgetIndex = Int32

/// A limit in force, and how much of it is used.
package struct ProcessBudget: Sendable {
  /// Whose call made it.
  package internal(set) var owner: ProcessID
  package internal(set) var limit: Int
  /// Slots held by the processes under it, directly or under a budget inside it.
  package internal(set) var held = 0
  /// The budget around it.
  package internal(set) var parent: BudgetIndex?
  /// Processes and containers for which this is an innermost budget, and budgets right inside it.
  package internal(set) var users = 0
}

/// A budget that has no room.
struct FullBudget: Error, Equatable {
  var limit: Int
  var held: Int
}

/// The machine's budgets; places are used again when nobody is under them any more.
package struct BudgetTable: Sendable {
  package private(set) var budgets: [ProcessBudget] = []
  private var free: [BudgetIndex] = []

  package subscript(_ index: BudgetIndex) -> ProcessBudget { budgets[Int(index)] }

  package var usedCount: Int { budgets.count - free.count }

  /// Every budget around these innermost ones, each once, from the inside out.
  package func enclosing(_ innermost: [BudgetIndex]) -> [BudgetIndex] {
    var all: [BudgetIndex] = []
    for start in innermost {
      var next: BudgetIndex? = start
      while let index = next, !all.contains(index) {
        all.append(index)
        next = self[index].parent
      }
    }
    return all
  }

  /// Takes a slot in each of these budgets, or in none of them.
  ///
  /// - Parameter slack: how many more than the limit there may be, which takes a defect.
  mutating func takeSlot(in chain: [BudgetIndex], beyond slack: Int = 0) throws(FullBudget) {
    try requireRoom(in: chain, beyond: slack)
    for index in chain { budgets[Int(index)].held += 1 }
  }

  func requireRoom(in chain: [BudgetIndex], beyond slack: Int = 0) throws(FullBudget) {
    for index in chain where self[index].held >= self[index].limit + slack {
      throw FullBudget(limit: self[index].limit, held: self[index].held)
    }
  }

  mutating func releaseSlot(in chain: [BudgetIndex]) {
    for index in chain {
      precondition(self[index].held > 0, "a budget's count fell below zero")
      budgets[Int(index)].held -= 1
    }
  }

  mutating func tighten(_ index: BudgetIndex, to limit: Int) {
    budgets[Int(index)].limit = min(self[index].limit, limit)
  }

  /// A new budget inside `parent`, under which `held` slots are already held.
  mutating func insert(owner: ProcessID, limit: Int, held: Int, parent: BudgetIndex?)
    -> BudgetIndex
  {
    let budget = ProcessBudget(owner: owner, limit: limit, held: held, parent: parent)
    if let parent { retain(parent) }
    if let index = free.popLast() {
      budgets[Int(index)] = budget
      return index
    }
    budgets.append(budget)
    return BudgetIndex(budgets.count - 1)
  }

  /// Puts a budget inside another one.
  mutating func move(_ index: BudgetIndex, into parent: BudgetIndex) {
    let old = self[index].parent
    retain(parent)
    budgets[Int(index)].parent = parent
    if let old { release(old) }
  }

  mutating func retain(_ index: BudgetIndex) { budgets[Int(index)].users += 1 }

  /// One user less. A budget without users is gone, and one that only encloses a single other
  /// budget is merged into that, so that chains do not grow with every generation.
  mutating func release(_ index: BudgetIndex) {
    precondition(self[index].users > 0, "a budget without users was released")
    budgets[Int(index)].users -= 1
    if self[index].users == 0 {
      let parent = self[index].parent
      vacate(index)
      if let parent { release(parent) }
    } else if self[index].users == 1, let only = onlyBudget(inside: index) {
      budgets[Int(only)].limit = min(self[only].limit, self[index].limit)
      budgets[Int(only)].parent = self[index].parent
      vacate(index)
    }
  }

  private mutating func vacate(_ index: BudgetIndex) {
    budgets[Int(index)].parent = nil
    budgets[Int(index)].users = 0
    free.append(index)
  }

  /// The budget that is this one's only user; nil when that is a process or a container.
  private func onlyBudget(inside index: BudgetIndex) -> BudgetIndex? {
    budgets.firstIndex { $0.users > 0 && $0.parent == index }.map { BudgetIndex($0) }
  }
}
