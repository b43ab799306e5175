// cpu.weight, cpu.max and cpu.stat, and the time of processes as their groups have it. What a process has used is
// counted in its groups when it matters: when it leaves a hart or comes to one, is moved or reaped, and when somebody
// asks. So a call costs nothing more for it. Who runs is told how long it may by `Simulation+Quotas.swift`.

extension GroupControlFile {
  static let cpuFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "cpu.weight",
      read: { kernel, group, _ in "\(kernel.groups[group]?.processor.weight ?? 0)\n" },
      write: { (kernel, write, _) throws(Refusal) in try kernel.setWeight(write) }),
    GroupControlFile(
      name: "cpu.max",
      read: { kernel, group, _ in
        let processor = kernel.groups[group]?.processor ?? ProcessorUse()
        return "\(processor.quota.map { "\($0)" } ?? "max") \(processor.period)\n"
      },
      write: { (kernel, write, effects) throws(Refusal) in try kernel.setQuota(write, &effects) }),
    GroupControlFile(
      name: "cpu.stat", isOnRoot: true,
      read: { kernel, group, _ in kernel.processorText(of: group) }),
  ]
}

extension Kernel {
  // MARK: Files

  private static let weights = 1...10_000
  private static let periods = 1000...1_000_000_000

  fileprivate mutating func setWeight(_ write: GroupWrite) throws(Refusal) {
    guard let weight = GroupValue.number(write.value), Kernel.weights.contains(weight) else {
      throw .badValue
    }
    settleTime()
    groups.update(write.group) { $0.processor.weight = weight }
    scheduler.setWeight(of: write.group, to: weight)
    emit(
      .groupLimited(
        stamp(write.slot), write.group, names.intern(Array("cpu.weight".utf8)), to: weight))
  }

  /// Takes `MAX PERIOD`, or `MAX` alone, which leaves the period as it is.
  fileprivate mutating func setQuota(_ write: GroupWrite, _ effects: inout Effects)
    throws(Refusal)
  {
    guard let group = groups[write.group] else { throw .notFound }
    let words = write.value.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 1 || words.count == 2 else { throw .badValue }
    let quota = try GroupValue.limit(Array(words[0]))
    var period = Int(group.processor.period)
    if words.count == 2 {
      guard let given = GroupValue.number(words[1]) else { throw .badValue }
      period = given
    }
    guard quota != 0, Kernel.periods.contains(period) else { throw .badValue }
    settleTime()
    renewPeriods(over: [])
    if !defects.contains(.quotaForgotten) {
      groups.setQuota(of: write.group, to: quota.map { UInt64($0) }, per: UInt64(period), at: now)
    }
    emit(
      .groupLimited(
        stamp(write.slot), write.group, names.intern(Array("cpu.max".utf8)), to: quota, more: period
      ))
    effects.holdsBack = true
    guard group.processor.throttledSince != nil else { return }
    timers.remove(write.group)
    goOn(after: write.group, &effects)
  }

  /// The machine's own time is that of its harts.
  fileprivate mutating func processorText(of id: GroupID) -> String {
    settleTime()
    var (usage, periods, throttled, time): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    if id == .root {
      usage = hartUses.reduce(0) { $0 + $1.user + $1.system }
    } else if let processor = groups[id]?.processor {
      let begun = now.instructions / processor.period
      let unseen = processor.quota == nil ? 0 : begun - min(begun, processor.index)
      (usage, periods) = (processor.usage, processor.periods + unseen)
      (throttled, time) = (processor.throttledPeriods, processor.throttledTime)
      if let since = processor.throttledSince { time += now.instructions - since.instructions }
    }
    return "usage \(usage)\nnr_periods \(periods)\nnr_throttled \(throttled)\nthrottled \(time)\n"
  }

  // MARK: Time

  /// Counts what a process has used since that was last done, in its groups and for their shares.
  @inline(__always)
  mutating func settleTime(of slot: Slot) {
    if scheduler.isPlain { return }
    settleSharedTime(of: slot)
  }

  private mutating func settleSharedTime(of slot: Slot) {
    guard scheduler.isShared else { return }
    let amount = processes[slot].instructions - processes[slot].counted
    if amount == 0 { return }
    processes[slot].counted = processes[slot].instructions
    scheduler.chargeShares(slot, amount)
    groups.addTime(amount, in: processes[slot].group)
  }

  /// Does so for all who run, or ran last on their hart.
  mutating func settleTime() {
    guard scheduler.isShared else { return }
    for hart in hartUses.indices {
      guard let slot = hartUses[hart].occupant, processes.isUsed(slot) else { continue }
      settleSharedTime(of: slot)
    }
  }

  /// Before a group is made; with the first one all processes get to have shares.
  mutating func addToShares(_ group: GroupID, below parent: GroupID) {
    settleTime()
    if !scheduler.isShared {
      scheduler.beginSharing()
      for slot in processes.slotsByPID {
        processes[slot].counted = processes[slot].instructions
        var isRunning = false
        if case .running = processes[slot].state { isRunning = true }
        scheduler.admit(
          slot, priority: processes[slot].priority,
          isWaiting: processes[slot].state == .runnable, isRunning: isRunning)
      }
    }
    scheduler.addGroup(group, below: parent)
  }

  // MARK: Quotas

  /// Goes on to the present period of each quota.
  ///
  /// - Parameter over: by process, to what time it has used its hart already, where that is later than now.
  mutating func renewPeriods(over: [(slot: Slot, until: UInt64)]) {
    let (now, forgetsDebt) = (now, defects.contains(.debtForgotten))
    for id in groups.limited {
      guard let group = groups[id] else { continue }
      let begin = now.instructions / group.processor.period * group.processor.period
      var ahead: UInt64 = 0
      for (slot, until) in over
      where until > begin && groups.isInside(id, processes[slot].group) {
        ahead += until - begin
      }
      let passed = ahead
      groups.update(id) {
        $0.processor.renew(at: now, over: passed, forgetsDebt: forgetsDebt)
      }
    }
  }

  /// A group has used its quota: nobody in it or below runs before the next period.
  mutating func throttle(_ id: GroupID, _ effects: inout Effects) {
    guard let group = groups[id], group.processor.throttledSince == nil else { return }
    let now = now
    groups.update(id) {
      $0.processor.throttledSince = now
      $0.processor.throttledPeriods += 1
    }
    timers.insert(id, at: Instant(instructions: group.processor.end))
    emit(.throttling(machineStamp, .throttle, id, group.processor))
    let held = members(of: groups.subtree(of: id))
    // To hold all of them back, and to let them go on, is work that is owed as what calls cost is: or it would be
    // for nothing, in periods as short as can be.
    charge(.resumption, held.count)
    settleHeld(held, &effects)
  }

  /// A period of a throttled group is over, or it has another quota: it goes on, unless it owes all of that.
  mutating func goOn(after id: GroupID, _ effects: inout Effects) {
    renewPeriods(over: [])
    guard let group = groups[id], let since = group.processor.throttledSince else { return }
    if group.processor.left == 0 {
      groups.update(id) { $0.processor.throttledPeriods += 1 }
      timers.insert(id, at: Instant(instructions: group.processor.end))
      return
    }
    let now = now
    groups.update(id) {
      $0.processor.throttledSince = nil
      $0.processor.throttledTime += now.instructions - since.instructions
    }
    emit(.throttling(machineStamp, .unthrottle, id, group.processor))
    effects.holdsBack = true
    settleHeld(members(of: groups.subtree(of: id)), &effects)
  }
}
