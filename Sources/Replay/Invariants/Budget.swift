// Budget. Under every limit that maxproc, cm_maxproc or pids.max set nobody comes beyond what it says:
// whoever called maxproc, what that process has forked since, what is in a group or below it, zombies and
// orphans included, from fork to reap. A container's limit is its group's. The kernel's count of the slots held
// under a budget is the number of processes under it, and a fork that is refused leaves every
// count as it was.

import Sim

struct BudgetInvariant: Sendable {
  /// A limit in force, as the events told it: whoever set it, and how many count in it.
  private struct Limit: Sendable {
    var owner: Int32
    var allowed: Int
    var held: Int
    var isGroups = false
  }

  private var limits: [Limit] = []
  /// Groups by their numbers, and containers' own by the containers'.
  private var groups = KeyedList<(limit: Int, parent: Int32)>()
  private var containerGroups = KeyedList<Int32>()

  // MARK: Who counts where

  mutating func seeFork(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    guard !limits.isEmpty, let member = population[event.process.raw] else { return }
    for limit in member.limits { take(limit, &findings) }
    if !member.limits.isEmpty { checkOwn(event.process, machine, &findings) }
  }

  private mutating func take(_ limit: Int, _ findings: inout Findings) {
    limits[limit].held += 1
    let now = limits[limit]
    if now.held > now.allowed {
      findings.report(
        .budget, "\(now.held) processes under the limit of pid \(now.owner)",
        expected: "at most \(now.allowed)")
    }
  }

  mutating func seeReap(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    guard !limits.isEmpty, let member = population[event[ReapEvent.child]] else { return }
    for limit in member.limits { limits[limit].held -= 1 }
    if !member.limits.isEmpty { checkCounts(machine, &looks, &findings) }
  }

  /// exec and exit change no count.
  func seeUnchanged(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    if !limits.isEmpty { checkOwn(event.process, machine, &findings) }
  }

  func seeRefusal(
    in machine: borrowing Simulation, _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    if !limits.isEmpty { checkCounts(machine, &looks, &findings) }
  }

  // MARK: Limits

  mutating func seeLimit(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    let isContainers = event.kind == .containerBudget
    let allowed = Int(
      isContainers ? event[ContainerBudgetEvent.limit] : event[ProcessBudgetEvent.limit])
    guard let caller = population[event.process.raw] else { return }
    var owner = event.process.raw
    let group: [Int32]
    if isContainers {
      guard let container = machine.kernel.containers[ContainerID(raw: caller.container)] else {
        return
      }
      owner = container.initial.raw
      group = machine.kernel.processes.slotsByPID.filter {
        machine.kernel.processes[$0].container.raw == caller.container
      }.map { machine.kernel.processes[$0].pid.raw }
    } else {
      group = population.descendants(of: owner)
    }
    let last = caller.limits.last { limits[$0].owner == owner && !limits[$0].isGroups }
    let place: Int
    if isContainers, let group = containerGroups[caller.container], let own = groups[group] {
      place = own.limit
      limits[place].allowed = allowed
      owner = limits[place].owner
    } else if !isContainers, let last, limits[last].held == group.count,
      group.allSatisfy({ population[$0]?.limits.contains(last) ?? false })
    {
      // The same processes once more: of the two limits the lower one holds.
      place = last
      limits[last].allowed = min(limits[last].allowed, allowed)
    } else {
      mergeLimits(of: event.process.raw, &population, in: machine)
      place = limits.count
      limits.append(Limit(owner: owner, allowed: allowed, held: group.count))
      for pid in group { population[pid]?.limits.append(place) }
    }
    if limits[place].held > limits[place].allowed {
      findings.report(
        .budget, "a limit of \(allowed) with \(limits[place].held) processes under it",
        expected: "the call to fail")
    }
    checkCounts(machine, &looks, &findings)
  }

  /// Of two limits around the same processes the lower one is kept, for both.
  private mutating func mergeLimits(
    of pid: Int32, _ population: inout Population, in machine: borrowing Simulation
  ) {
    guard let own = population[pid]?.limits, own.count > 1 else { return }
    for place in own.indices.reversed().dropLast() {
      let (outer, inner) = (own[place - 1], own[place])
      guard limits[outer].held == limits[inner].held, !limits[outer].isGroups,
        !limits[inner].isGroups
      else { continue }
      let pids = machine.kernel.processes.slotsByPID.map { machine.kernel.processes[$0].pid.raw }
      let areSame = pids.allSatisfy {
        population[$0]?.limits.contains(outer) == population[$0]?.limits.contains(inner)
      }
      guard areSame else { continue }
      limits[inner].allowed = min(limits[inner].allowed, limits[outer].allowed)
      limits[outer].held = 0
      for member in pids where population[member]?.limits.contains(outer) ?? false {
        population[member]?.limits.removeAll { $0 == outer }
      }
    }
  }

  // MARK: Groups

  mutating func seeGroup(_ event: Event) {
    let group = event[GroupMakeEvent.group].raw
    let parent = event[GroupMakeEvent.parent].raw
    let owner = event[GroupMakeEvent.owner]
    groups[group] = (limits.count, parent)
    limits.append(Limit(owner: event.process.raw, allowed: .max, held: 0, isGroups: true))
    if owner != .outside, parent == GroupID.root.raw { containerGroups[owner.raw] = group }
  }

  /// The limits of a group and of those above it.
  private func path(to group: GroupID) -> [Int] {
    var places: [Int] = []
    var here = group.raw
    while let found = groups[here], places.count <= limits.count {
      places.append(found.limit)
      here = found.parent
    }
    return places
  }

  mutating func seeEntering(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    guard let own = population[event.process.raw]?.limits else { return }
    let wanted = path(to: event[GroupEnterEvent.group])
    for limit in own where limits[limit].isGroups && !wanted.contains(limit) {
      limits[limit].held -= 1
      population[event.process.raw]?.limits.removeAll { $0 == limit }
    }
    for limit in wanted where !own.contains(limit) {
      population[event.process.raw]?.limits.append(limit)
      take(limit, &findings)
    }
    checkCounts(machine, &looks, &findings)
  }

  /// A group's limit holds for who comes from then on, also where more are there already.
  mutating func seeGroupLimit(
    _ event: Event, in machine: borrowing Simulation, _ looks: inout LookAllowance,
    _ findings: inout Findings
  ) {
    guard let group = groups[event[GroupLimitEvent.group].raw],
      machine.names.string(event[GroupLimitEvent.file]) == "pids.max"
    else { return }
    let value = event[GroupLimitEvent.value]
    limits[group.limit].allowed = value < 0 ? .max : Int(value)
    checkCounts(machine, &looks, &findings)
  }

  // MARK: The kernel's counts

  /// The limits around one process are kept to by the kernel's own count.
  private func checkOwn(
    _ pid: ProcessID, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let slot = machine.slot(of: pid) else { return }
    for index in machine.kernel.processes[slot].budgets {
      let budget = machine.kernel.budgets[index]
      if budget.held > budget.limit, budget.group == .none {
        findings.report(
          .budget, "\(budget.held) slots held under the limit of pid \(budget.owner.raw)",
          expected: "at most \(budget.limit)")
      }
    }
  }

  private func checkCounts(
    _ machine: borrowing Simulation, _ looks: inout LookAllowance, _ findings: inout Findings
  ) {
    guard
      looks.affords(
        machine, besides: machine.kernel.budgets.budgets.reduce(0) { $0 + $1.held })
    else { return }
    checkCounts(machine, &findings)
  }

  /// Every count of the kernel's is the number of processes under that budget.
  private func checkCounts(_ machine: borrowing Simulation, _ findings: inout Findings) {
    let budgets = machine.kernel.budgets.budgets
    if budgets.isEmpty { return }
    var held = [Int](repeating: 0, count: budgets.count)
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      for index in machine.kernel.processes[slot].budgets { held[index.index] += 1 }
    }
    for (index, budget) in budgets.enumerated() {
      let owner = budget.owner.raw
      if budget.held != held[index] {
        findings.report(
          .budget, "\(budget.held) slots counted under the limit of pid \(owner)",
          expected: "\(held[index]), the processes under it")
      } else if budget.held > budget.limit, budget.group == .none {
        findings.report(
          .budget, "\(budget.held) slots held under the limit of pid \(owner)",
          expected: "at most \(budget.limit)")
      }
    }
  }

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    checkCounts(machine, &findings)
  }
}
