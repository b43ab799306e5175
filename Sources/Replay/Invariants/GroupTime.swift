// Time of groups. What a group has used is what its processes used while they were in it, recounted from the events
// that brought them there and took them away. No group uses more than its quota times the periods so far, but for
// what calls cost that began within it, and that is owed in the next period. Of two groups beside each other that both
// have a process in line for a hart at the same priority, or on one hart one that wants it, neither is ahead of the
// other, by service over weight, by more than two slices of its own and one of the other's for each hart;
// under fifo groups have no shares.

import Sim

struct GroupTimeInvariant: Sendable {
  /// A group as the events told it.
  private struct Known: Sendable {
    var parent: Int32
    var weight: UInt64 = 100
    /// The least that it has ever had: how far a slice can have brought it ahead.
    var lightest: UInt64 = 100
    /// What its processes used in all before they left it or ended, those of groups below included.
    var closed: UInt64 = 0
    var quota: Quota?
    /// By priority: processes in line, and service over weight.
    var waiting = [Int](repeating: 0, count: Scheduler.priorities)
    var service = [Int64](repeating: 0, count: Scheduler.priorities)
    /// By priority: how far each group beside it was ahead when it last came to wait.
    var baselines = [KeyedList<Int64>](repeating: KeyedList(), count: Scheduler.priorities)
    /// When that was, counted in such moments.
    var since = [Int64](repeating: 0, count: Scheduler.priorities)
  }

  private struct Quota: Sendable {
    var amount: UInt64
    var period: UInt64
    /// What had been used when it was set, and the period it was set in.
    var before: UInt64
    var first: UInt64
    /// When it was last looked at: the period, what was beyond the quota, and what calls have cost since.
    var index: UInt64
    var excess: UInt64 = 0
    var costs: UInt64 = 0

    /// What it gives in some periods; a guest may write a quota of any size.
    func given(from first: UInt64, to end: UInt64) -> UInt64 {
      let (all, isBeyond) = amount.multipliedReportingOverflow(by: end - first)
      return isBeyond ? .max / 4 : min(all, .max / 4)
    }
  }

  private struct Record: Sendable {
    var group: Int32 = GroupID.root.raw
    var rank = 0
    /// What it had used when it came into the group.
    var base: UInt64 = 0
    var isWaiting = false
    /// Since when it has a hart, as far as that has been counted.
    var running: UInt64?
  }

  private var groups = KeyedList<Known>()
  private var records = KeyedList<Record>()
  /// Those who have a hart.
  private var running: [Int32] = []
  private var moments: Int64 = 0
  /// By priority, the groups that have a process in line.
  private var lined = [[Int32]](repeating: [], count: Scheduler.priorities)
  /// The most that an entry of the kernel has cost.
  private var longest: UInt64 = 0

  // MARK: Events

  mutating func see(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    if groups.count == 0, event.kind != .groupMake {
      return
    }
    let pid = event.process.raw
    switch event.kind {
    case .groupMake: seeMaking(event, in: machine)
    case .groupRemove:
      groups[event[GroupRemoveEvent.group].raw] = nil
      for rank in lined.indices {
        lined[rank].removeAll { $0 == event[GroupRemoveEvent.group].raw }
      }
    case .groupEnter: seeEntering(event, in: machine)
    case .groupLimit: seeLimit(event, in: machine)
    case .fork:
      serve(event, in: machine)
      seeFork(event, population, in: machine)
    case .wake:
      serve(event, in: machine)
      wait(pid, true, in: machine)
    case .priority: change(event, to: event[PriorityEvent.new], in: machine)
    case .inherit: change(event, to: event[InheritEvent.new], in: machine)
    case .dispatch:
      // On one hart who has it still wants it; of several, nobody can have more than it has processes.
      serve(event, in: machine)
      if machine.scenario.harts > 1 { wait(pid, false, in: machine) }
      records[pid]?.running = event.time.instructions
      running.append(pid)
      checkShares(event, in: machine, &findings)
    case .yield:
      serve(event, in: machine)
      leaveHart(pid)
      wait(pid, true, in: machine)
    case .block:
      serve(event, in: machine)
      leaveHart(pid)
      wait(pid, false, in: machine)
    case .exit:
      serve(event, in: machine)
      leaveHart(pid)
      wait(pid, false, in: machine)
      close(pid, in: machine)
      records[pid] = nil
    case .throttle, .unthrottle:
      seeHolding(event, in: machine)
      checkQuota(event[ThrottleEvent.group].raw, event, in: machine, &findings)
    default: break
    }
    seeCost(event, in: machine)
  }

  /// Notes what an entry of the kernel has cost that made this event its first.
  private mutating func seeCost(_ event: Event, in machine: borrowing Simulation) {
    guard event.kind == .call || event.kind == .callReturn || event.kind == .exit else { return }
    let clock = machine.clock(of: event.hart)
    guard clock > event.time.instructions else { return }
    let cost = clock - event.time.instructions
    longest = max(longest, cost)
    addCost(cost, in: records[event.process.raw]?.group ?? 0)
  }

  /// To hold a group back costs whoever used its time up.
  private mutating func seeHolding(_ event: Event, in machine: borrowing Simulation) {
    let clock = machine.clock(of: event.hart)
    guard event.kind == .throttle, clock > event.time.instructions else { return }
    addCost(clock - event.time.instructions, in: event[ThrottleEvent.group].raw)
  }

  private mutating func addCost(_ cost: UInt64, in id: Int32) {
    var here = id
    while let group = groups[here] {
      groups[here]?.quota?.costs += cost
      here = group.parent
    }
  }

  /// A process has another priority.
  private mutating func change(
    _ event: Event, to priority: Int64, in machine: borrowing Simulation
  ) {
    let pid = event.process.raw
    let waits = records[pid]?.isWaiting ?? false
    serve(event, in: machine)
    wait(pid, false, in: machine)
    let new = rank(Int(priority), in: machine)
    records[pid]?.rank = new
    if waits { wait(pid, true, in: machine) }
  }

  private func rank(_ priority: Int, in machine: borrowing Simulation) -> Int {
    machine.kernel.scheduler.isStrict ? priority : 0
  }

  private mutating func seeMaking(_ event: Event, in machine: borrowing Simulation) {
    if groups.count == 0 {
      // Until there was a group, nothing was noted; what was used before does not matter.
      machine.kernel.processes.forEachUsed { process in
        var record = Record(base: process.instructions)
        record.rank = machine.kernel.scheduler.isStrict ? process.priority : 0
        record.isWaiting = process.state == .runnable
        if case .running = process.state {
          record.running = event.time.instructions
          running.append(process.pid.raw)
        }
        records[process.pid.raw] = record
      }
    }
    groups[event[GroupMakeEvent.group].raw] = Known(parent: event[GroupMakeEvent.parent].raw)
  }

  private mutating func seeFork(
    _ event: Event, _ population: Population, in machine: borrowing Simulation
  ) {
    let child = event[ForkEvent.child].raw
    var record = Record(group: records[event.process.raw]?.group ?? GroupID.root.raw)
    record.rank = rank(population[child]?.priority ?? 0, in: machine)
    records[child] = record
    wait(child, true, in: machine)
  }

  private mutating func seeEntering(_ event: Event, in machine: borrowing Simulation) {
    let pid = event.process.raw
    if records[pid] == nil { records[pid] = Record() }
    let waits = records[pid]?.isWaiting ?? false
    serve(event, in: machine)
    wait(pid, false, in: machine)
    close(pid, upTo: event, in: machine)
    records[pid]?.group = event[GroupEnterEvent.group].raw
    if waits { wait(pid, true, in: machine) }
  }

  private mutating func seeLimit(_ event: Event, in machine: borrowing Simulation) {
    let id = event[GroupLimitEvent.group].raw
    let value = event[GroupLimitEvent.value]
    switch machine.names.string(event[GroupLimitEvent.file]) {
    case "cpu.weight":
      let weight = UInt64(max(value, 1))
      groups.change(id) {
        $0.weight = weight
        $0.lightest = min($0.lightest, weight)
      }
    case "cpu.max":
      guard value >= 0 else {
        groups[id]?.quota = nil
        return
      }
      let period = UInt64(max(event[GroupLimitEvent.more], 1))
      let index = event.time.instructions / period
      let quota = Quota(
        amount: UInt64(value), period: period, before: usage(of: id, in: machine), first: index,
        index: index)
      groups[id]?.quota = quota
    default: break
    }
  }

  // MARK: Usage

  /// What a process used since it came into its group is its group's, and of all above.
  private mutating func close(
    _ pid: Int32, upTo event: Event? = nil, in machine: borrowing Simulation
  ) {
    let slot = machine.kernel.processes.slot(of: ProcessID(raw: pid))
    guard let record = records[pid],
      var used = slot.map({ machine.kernel.processes[$0].instructions })
        ?? machine.kernel.reapedThreads.used(by: ProcessID(raw: pid))
    else { return }
    // What the call that moves it costs is paid after that.
    if let event, let slot, case .running(let hart) = machine.kernel.processes[slot].state,
      hart == event.hart
    {
      let clock = machine.clock(of: hart)
      if clock > event.time.instructions { used -= clock - event.time.instructions }
    }
    records[pid]?.base = used
    guard used > record.base else { return }
    var here = record.group
    while let group = groups[here] {
      groups[here]?.closed += used - record.base
      here = group.parent
    }
  }

  /// What a group has used, those who are in it or below it now included.
  private func usage(of id: Int32, in machine: borrowing Simulation) -> UInt64 {
    var sum = groups[id]?.closed ?? 0
    machine.kernel.processes.forEachUsed { process in
      guard let record = records[process.pid.raw], isInside(id, record.group) else { return }
      sum += process.instructions - min(record.base, process.instructions)
    }
    return sum
  }

  private func isInside(_ top: Int32, _ id: Int32) -> Bool {
    var here = id
    while let group = groups[here] {
      if here == top { return true }
      here = group.parent
    }
    return false
  }

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    for group in machine.kernel.groups.groups
    where !group.isRemoved && groups[group.id.raw] != nil {
      // What has not been counted yet, because its process runs on, or has just ended.
      var uncounted: UInt64 = 0
      machine.kernel.processes.forEachUsed { process in
        if isInside(group.id.raw, process.group.raw) {
          uncounted += process.instructions - process.counted
        }
      }
      let expected = usage(of: group.id.raw, in: machine)
      let found = group.processor.usage + uncounted
      if found != expected {
        findings.report(
          .limits, "\(found) instructions counted in group \(group.id.raw)",
          expected: "\(expected), which its processes used there", about: ProcessID.none)
      }
    }
    auditQuotas(in: machine, &findings)
  }

  // MARK: Quotas

  private mutating func checkQuota(
    _ id: Int32, _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard var quota = groups[id]?.quota else { return }
    let time = event.time.instructions
    let used = compare(quota, of: id, at: time, besides: 0, in: machine, &findings)
    let allowed = quota.given(from: quota.first, to: time / quota.period + 1)
    (quota.index, quota.excess) = (time / quota.period, used > allowed ? used - allowed : 0)
    quota.costs = 0
    groups[id]?.quota = quota
  }

  /// Reports a group that has used more than its quota allows up to a time.
  ///
  /// - Parameter slack: what may be used beyond, where it is not the moment of a throttle or of its end.
  /// - Returns: what it has used since it got the quota.
  @discardableResult
  private func compare(
    _ quota: Quota, of id: Int32, at time: UInt64, besides slack: UInt64,
    in machine: borrowing Simulation, _ findings: inout Findings
  ) -> UInt64 {
    let index = time / quota.period
    let used = usage(of: id, in: machine) - quota.before
    let allowed = quota.given(from: quota.first, to: index + 1)
    let paid = quota.given(from: quota.index, to: index)
    let owed = quota.excess > paid ? quota.excess - paid : 0
    if used > allowed + owed + quota.costs + slack {
      findings.report(
        .limits,
        "\(used) instructions used by group \(id) in \(index - quota.first + 1) periods",
        expected: "\(quota.amount) in each, and \(owed + quota.costs) that calls cost beyond")
    }
    return used
  }

  /// A group that is never throttled is looked at in audits; by then each hart may have gone ahead by a slice.
  private func auditQuotas(in machine: borrowing Simulation, _ findings: inout Findings) {
    var latest: UInt64 = 0
    for hart in 0..<machine.scenario.harts {
      latest = max(latest, machine.clock(of: HartID(raw: UInt8(hart))))
    }
    let slack = (machine.scenario.tick + longest) * UInt64(machine.scenario.harts)
    for id in groups.keys {
      guard let quota = groups[id]?.quota else { continue }
      compare(quota, of: id, at: latest, besides: slack, in: machine, &findings)
    }
  }

  // MARK: Shares

  /// Whether a process waits for a hart.
  private mutating func wait(_ pid: Int32, _ waits: Bool, in machine: borrowing Simulation) {
    guard let record = records[pid], record.isWaiting != waits else { return }
    records[pid]?.isWaiting = waits
    var here = record.group
    while let group = groups[here] {
      let before = group.waiting[record.rank]
      groups[here]?.waiting[record.rank] = before + (waits ? 1 : -1)
      if waits, before == 0 {
        note(here, record.rank)
        lined[record.rank].append(here)
      } else if !waits, before == 1 {
        let gone = here
        lined[record.rank].removeAll { $0 == gone }
      }
      here = group.parent
    }
  }

  /// A group comes to wait: how far those beside it are ahead that wait already.
  private mutating func note(_ id: Int32, _ rank: Int) {
    guard let own = groups[id] else { return }
    moments += 1
    var baselines = KeyedList<Int64>()
    for other in lined[rank] {
      guard let group = groups[other], group.parent == own.parent else { continue }
      baselines[other] = group.service[rank] &- own.service[rank]
    }
    groups[id]?.baselines[rank] = baselines
    groups[id]?.since[rank] = moments
  }

  /// A process has its hart no longer; what it used has been counted.
  private mutating func leaveHart(_ pid: Int32) {
    records[pid]?.running = nil
    running.removeAll { $0 == pid }
  }

  /// Counts what everybody who has a hart used up to an event. All of them: whoever comes to wait is measured
  /// against the others as they are then.
  private mutating func serve(_ event: Event, in machine: borrowing Simulation) {
    for pid in running { serve(pid, upTo: event.time.instructions) }
  }

  private mutating func serve(_ pid: Int32, upTo now: UInt64) {
    guard let record = records[pid], let since = record.running, now > since else { return }
    records[pid]?.running = now
    var here = record.group
    while let group = groups[here] {
      groups[here]?.service[record.rank] &+= Weight.time(now - since, of: group.weight)
      here = group.parent
    }
  }

  private func checkShares(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard machine.scenario.scheduler != .fifo, let record = records[event.process.raw] else {
      return
    }
    let rank = record.rank
    let turn = (machine.scenario.tick + longest) * UInt64(machine.scenario.harts)
    var here = record.group
    while let own = groups[here] {
      let id = here
      var late: (group: Int32, ahead: Int64)?
      for other in lined[rank] where other != id {
        guard let group = groups[other], group.parent == own.parent else { continue }
        // From when the later of the two came to wait.
        let lead =
          own.since[rank] > group.since[rank]
          ? own.baselines[rank][other] ?? 0 : -(group.baselines[rank][id] ?? 0)
        let ahead = own.service[rank] &- group.service[rank] &+ lead
        // A slice of each, and one more of whoever came last: it starts from where the turn began that it came into.
        let most = 2 * Weight.time(turn, of: own.lightest) + Weight.time(turn, of: group.lightest)
        if ahead > most { late = (other, ahead) }
      }
      if let late {
        findings.report(
          .schedule,
          "a hart for group \(id), \(late.ahead >> Int64(Weight.scale)) ahead of group \(late.group) by its weight",
          expected: "that one, which waits")
      }
      here = own.parent
    }
  }
}
