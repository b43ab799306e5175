// Budgets of processes: `maxproc`, the slot that a fork takes in each budget of its process, and the
// one way in which a group of processes comes under a limit.

extension Kernel {
  /// Takes a slot for a child of `slot` in each of its budgets, or in none.
  mutating func takeBudget(for slot: Slot) throws(Refusal) {
    if processes[slot].budgets.isEmpty { return }
    charge(.budgets, processes[slot].budgets.count)
    do {
      try budgets.takeSlot(in: processes[slot].budgets, beyond: budgetSlack(slot))
    } catch {
      throw refuse(error, slot)
    }
  }

  /// Notes that a budget had no room for a process, and whose it is.
  mutating func refuse(_ full: FullBudget, _ slot: Slot) -> Refusal {
    budgets.noteRefusal(full.index)
    let group = budgets[full.index].group
    emit(
      .refused(
        stamp(slot), .budget, limit: full.limit, held: full.held, group: group,
        of: group == .none ? .empty : names.intern(Array("pids".utf8))))
    return .budget
  }

  /// How many slots more than its limit a budget gives out.
  private func budgetSlack(_ slot: Slot) -> Int {
    if defects.isEmpty { return 0 }
    let looked = defects.contains(.checkThenTake) && processes[slot].pending != nil
    if defects.contains(.limitUnchecked) || looked { return Int(Int32.max) }
    return defects.contains(.limitOffByOne) ? 1 : 0
  }

  /// Takes a process out of its budgets while it still has its slot, which takes a defect.
  mutating func forgetBudgets(_ slot: Slot) {
    budgets.releaseSlot(in: processes[slot].budgets)
    processes[slot].budgets = []
  }

  mutating func limitProcesses(_ slot: Slot, to limit: Int32) throws(Refusal) -> CallOutcome {
    guard limit >= 1 else { throw .outOfRange }
    mergeBudgets(of: slot)
    let group = descendants(of: slot)
    charge(.processes, group.count)
    let budget: BudgetIndex
    if let own = processes[slot].budgets.last, !budgets[own].isPinned,
      // Whom it adopted is below it now, but counts elsewhere.
      group.allSatisfy({ processes[$0].budgets.contains(own) }),
      budgets[own].held == group.count || budgets[own].owner == processes[slot].pid
    {
      // It has one of its own, in which orphans count as well, or one that nobody else has. (A
      // container's own will count those that join.)
      guard Int(limit) >= budgets[own].held else { throw .budget }
      budgets.tighten(own, to: Int(limit))
      budget = own
    } else {
      budget = try impose(limit, on: group, owner: slot)
    }
    emit(.processesLimited(stamp(slot), limit: limit, held: budgets[budget].held))
    return .value(0)
  }

  /// Of two budgets that the same processes have, the lower limit is all that counts: so a process
  /// whose forebears had limits of their own, and are gone, has one of them and not all.
  private mutating func mergeBudgets(of slot: Slot) {
    for place in processes[slot].budgets.indices.reversed().dropLast() {
      let inner = processes[slot].budgets[place]
      let outer = processes[slot].budgets[place - 1]
      guard budgets[outer].held == budgets[inner].held, !budgets[outer].isPinned,
        !budgets[inner].isPinned, haveSameMembers(outer, inner)
      else { continue }
      budgets.tighten(inner, to: budgets[outer].limit)
      for member in processes.slotsByPID where processes[member].budgets.contains(outer) {
        processes[member].budgets.removeAll { $0 == outer }
        budgets.releaseSlot(in: [outer])
      }
    }
  }

  private mutating func haveSameMembers(_ a: BudgetIndex, _ b: BudgetIndex) -> Bool {
    charge(.processes, processes.usedCount)
    return processes.slotsByPID.allSatisfy {
      processes[$0].budgets.contains(a) == processes[$0].budgets.contains(b)
    }
  }

  /// Gives everybody in the group one more budget, with their children to come.
  mutating func impose(_ limit: Int32, on group: [Slot], owner: Slot) throws(Refusal)
    -> BudgetIndex
  {
    guard limit >= 1 else { throw .outOfRange }
    guard Int(limit) >= group.count else { throw .budget }
    let new = budgets.insert(
      owner: processes[owner].pid, limit: Int(limit), held: group.count)
    for slot in group { processes[slot].budgets.append(new) }
    return new
  }

  /// A process and all below it, itself first, each with its threads.
  private func descendants(of slot: Slot) -> [Slot] {
    let family = processesBelow(processes.leader(of: slot))
    return family.flatMap { processes.threads(of: $0) }
  }

  private func processesBelow(_ slot: Slot) -> [Slot] {
    var found = [slot]
    var next = 0
    while next < found.count {
      var child = processes[found[next]].children.first
      while let here = child {
        found.append(here)
        child = processes[here].nextSibling
      }
      next += 1
    }
    return found
  }
}
