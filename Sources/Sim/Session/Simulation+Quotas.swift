// Quotas of time, on harts. What a group has left is divided among the harts that run its processes at the time:
// each may run up to a moment of its clock, and the sum of all is what is left. Clock and use go together while a
// process has a hart. A hart that gets to its moment asks again, until nothing is left and the group is throttled;
// so a quota is exact to the instruction, and no two harts use the same one.

extension Simulation {
  /// Where a hart's clock is, which a call's cost has moved on already.
  package func clock(of hart: HartID) -> UInt64 { harts[Int(hart.raw)].clock.instructions }

  /// Counts the time of all who run, and of those who left their hart last, in the present periods.
  mutating func settleTime() {
    guard kernel.scheduler.isShared else { return }
    kernel.settleTime()
    if !kernel.groups.limited.isEmpty {
      var over: [(slot: Slot, until: UInt64)] = []
      for index in harts.indices {
        guard let slot = kernel.hartUses[index].occupant, kernel.processes.isUsed(slot),
          harts[index].clock > kernel.now
        else { continue }
        over.append((slot, harts[index].clock.instructions))
      }
      kernel.renewPeriods(over: over)
    }
    for index in contexts.indices where kernel.hartUses[index].occupant != contexts[index].current {
      kernel.hartUses[index].occupant = contexts[index].current
    }
  }

  /// Tells each hart how long its process may run.
  ///
  /// - Parameter first: the hart that gets what cannot be divided: the one that goes on next.
  mutating func allotTime(first: Int? = nil) {
    guard kernel.scheduler.isShared else { return }
    let hasQuotas = !kernel.groups.limited.isEmpty
    if hasQuotas { settleTime() }
    for index in contexts.indices {
      contexts[index].quotaEnd = .max
      guard hasQuotas, let slot = contexts[index].current, kernel.processes.isUsed(slot),
        !kernel.processes[slot].isKilled,
        let bound = kernel.groups.quotaLeft(in: kernel.processes[slot].group)
      else { continue }
      let share = share(of: slot, isFirst: index == first)
      contexts[index].quotaEnd = min(harts[index].clock.instructions + share, bound.end)
    }
  }

  /// What a process may use of what its groups have left, beside others that run.
  private func share(of slot: Slot, isFirst: Bool) -> UInt64 {
    var least = UInt64(1) << 62
    for id in kernel.groups.path(to: kernel.processes[slot].group) {
      guard let processor = kernel.groups[id]?.processor, processor.quota != nil else { continue }
      if kernel.defects.contains(.quotaPerHart) {
        least = min(least, processor.left)
        continue
      }
      var runners: UInt64 = 0
      for context in contexts {
        guard let other = context.current, kernel.processes.isUsed(other),
          kernel.groups.isInside(id, kernel.processes[other].group)
        else { continue }
        runners += 1
      }
      let (part, rest) = processor.left.quotientAndRemainder(dividingBy: max(runners, 1))
      least = min(least, part + (isFirst ? rest : 0))
    }
    return least
  }

  /// A process has used what its hart was told: it goes on with what is left, or its group is throttled.
  mutating func endQuota(of slot: Slot, on index: Int) -> Effects {
    allotTime(first: index)
    var effects = Effects.none
    guard contexts[index].quotaEnd <= harts[index].clock.instructions else { return effects }
    let path = kernel.groups.path(to: kernel.processes[slot].group)
    for id in path where kernel.groups[id]?.processor.left == 0 {
      kernel.throttle(id, &effects)
      break
    }
    return effects
  }
}
