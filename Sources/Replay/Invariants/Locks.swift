// Locks. A mutex has at most one holder, who is alive and took it or was handed it; only its holder
// releases it, to the waiter of the highest priority, the first of several. A process waits in at
// most one queue and leaves it only when it is handed the mutex, signalled or killed. A signal
// wakes a sleeper if there is one, is kept if there is none, and nobody comes back from cv_wait
// without one. A cv_wait that finds a kept signal lets a waiter of the mutex have it first.

import Sim

struct LocksInvariant: Sendable {
  /// A mutex as the events have described it.
  private struct Lock: Sendable {
    var holder: Int32 = 0
    var waiters = TurnQueue()
    var sleepers = TurnQueue()
    var isSignalled = false
  }

  private var locks: [Lock] = []
  /// Places in queues that were taken so far.
  private var arrivals: Int64 = 0
  /// The mutex that a cv_wait in this step has to let go of; -1 for none.
  private var owedRelease = -1
  /// Processes that may leave a lock's queue in this step.
  private var released: Int32 = 0

  mutating func see(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let index = Int(truncatingIfNeeded: event[LockEvent.mutex])
    guard index >= 0, index < 1 << 20 else { return }
    while locks.count <= index { locks.append(Lock()) }
    let pid = event.process.raw
    let other = event[LockEvent.other].raw
    switch event.kind {
    case .lockCreate: locks[index] = Lock()
    case .lockAcquire:
      if locks[index].holder != 0 {
        findings.report(
          .locks, "pid \(pid) taking mutex \(index), which pid \(locks[index].holder) holds",
          expected: "to wait for it")
      }
      give(index, to: pid, &population)
    case .lockContend:
      released = 0
      queue(pid, on: index, sleeps: false, &population)
    case .lockRelease, .lockAbandon:
      if owedRelease == index { owedRelease = -1 }
      requireHolder(index, event, &findings)
      population[locks[index].holder]?.heldMutexes -= 1
      locks[index].holder = 0
    case .lockHandOver:
      released = other
      checkTurn(locks[index].waiters, other, "waiter", &findings)
      leaveQueue(other, &population)
      give(index, to: other, &population)
    case .lockDelete:
      if locks[index].holder != 0 || locks[index].waiters.next != nil {
        findings.report(
          .locks, "mutex \(index) deleted while it is in use", expected: "nobody to hold it")
      }
      locks[index] = Lock()
    case .cvWait:
      requireHolder(index, event, &findings)
      queue(pid, on: index, sleeps: true, &population)
    case .cvSignal:
      checkTurn(locks[index].sleepers, other, "sleeper", &findings)
    case .cvWake:
      if other != 0 {
        leaveQueue(pid, &population)
        released = pid
      } else {
        if !locks[index].isSignalled {
          findings.report(
            .locks, "cv_wait on mutex \(index) back without a signal", expected: "to sleep")
        }
        locks[index].isSignalled = false
        if locks[index].waiters.next != nil { owedRelease = index }
      }
    case .cvLatch:
      if let sleeper = locks[index].sleepers.next {
        findings.report(
          .locks, "a signal for mutex \(index) kept while pid \(sleeper) waits for one",
          expected: "pid \(sleeper) to be woken")
      }
      locks[index].isSignalled = true
    default: return
    }
    checkSignal(index, event, machine, &findings)
  }

  /// Whether everything that the step began was brought to its end.
  mutating func seeStep(_ findings: inout Findings) {
    guard owedRelease >= 0 else { return }
    findings.report(
      .locks,
      "cv_wait keeping mutex \(owedRelease), for which pid "
        + "\(locks[owedRelease].waiters.next ?? 0) waits",
      expected: "it to be let go, and taken again in line")
    owedRelease = -1
  }

  private mutating func give(_ index: Int, to pid: Int32, _ population: inout Population) {
    if locks[index].holder != 0 { population[locks[index].holder]?.heldMutexes -= 1 }
    locks[index].holder = pid
    population[pid]?.heldMutexes += 1
  }

  // MARK: Queues

  private mutating func queue(
    _ pid: Int32, on mutex: Int, sleeps: Bool, _ population: inout Population
  ) {
    leaveQueue(pid, &population)
    guard let priority = population[pid]?.priority else { return }
    arrivals += 1
    let arrival = arrivals
    population[pid]?.queued = QueuedPlace(mutex: mutex, sleeps: sleeps, arrival: arrival)
    change(mutex, sleeps) { $0.insert(pid, arrival: arrival, priority: priority) }
  }

  private mutating func leaveQueue(_ pid: Int32, _ population: inout Population) {
    guard let member = population[pid], let place = member.queued else { return }
    change(place.mutex, place.sleeps) {
      $0.remove(arrival: place.arrival, priority: member.priority)
    }
    population[pid]?.queued = nil
  }

  /// Who waits goes to another place when its priority changes, which the population does not know yet.
  mutating func seePriority(_ event: Event, _ new: Int64, _ population: Population) {
    guard let member = population[event.process.raw], let place = member.queued else { return }
    change(place.mutex, place.sleeps) {
      $0.remove(arrival: place.arrival, priority: member.priority)
      $0.insert(
        event.process.raw, arrival: place.arrival,
        priority: Int(truncatingIfNeeded: new))
    }
  }

  private mutating func change(_ mutex: Int, _ sleeps: Bool, _ body: (inout TurnQueue) -> Void) {
    if sleeps { body(&locks[mutex].sleepers) } else { body(&locks[mutex].waiters) }
  }

  private func requireHolder(_ index: Int, _ event: Event, _ findings: inout Findings) {
    if locks[index].holder != event.process.raw {
      let holder = locks[index].holder
      findings.report(
        .locks,
        "\(event.kind.name) of mutex \(index), held by \(holder == 0 ? "nobody" : "pid \(holder)")",
        expected: "pid \(event.process.raw) to hold it")
    }
  }

  /// The next holder has the highest priority of the waiters, and of those it came first.
  private func checkTurn(
    _ queue: TurnQueue, _ chosen: Int32, _ what: String, _ findings: inout Findings
  ) {
    let best = queue.next ?? 0
    if best != chosen {
      findings.report(
        .locks, "pid \(chosen) taken from the queue",
        expected: best == 0 ? "nobody, for nobody waits" : "pid \(best), the first \(what)")
    }
  }

  /// A signal is kept, or a process sleeps, but not both.
  private func checkSignal(
    _ index: Int, _ event: Event, _ machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard event.kind == .lockAcquire || event.kind == .cvLatch,
      machine.kernel.mutexes.isUsed(MutexIndex(rawValue: Int32(index)))
    else { return }
    let mutex = machine.kernel.mutexes[MutexIndex(rawValue: Int32(index))]
    if mutex.isSignalled && !mutex.sleepers.isEmpty {
      findings.report(
        .locks, "mutex \(index) with a signal and somebody who waits for it",
        expected: "one or the other")
    }
  }

  mutating func seeWake(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let reason = event[WakeEvent.reason]
    guard reason == WaitReason.mutexCode || reason == WaitReason.conditionCode,
      population[event.process.raw] != nil
    else { return }
    let pid = event.process.raw
    if released != pid {
      // Otherwise only a kill removes a process from a queue, or another thread that deletes the mutex.
      if let slot = machine.slot(of: event.process), !machine.kernel.processes[slot].isKilled,
        machine.kernel.processes[slot].pending != .interrupted
      {
        findings.report(
          .locks, "pid \(pid) woken from mutex \(event[WakeEvent.object])",
          expected: "its turn, or a signal")
      }
      leaveQueue(pid, &population)
    }
    released = 0
  }

  mutating func seeExit(
    _ event: Event, _ population: inout Population, _ findings: inout Findings
  ) {
    guard let member = population[event.process.raw] else { return }
    if member.heldMutexes > 0 {
      findings.report(
        .locks, "a process that ended with \(member.heldMutexes) mutexes",
        expected: "them to be released")
    }
    leaveQueue(event.process.raw, &population)
  }

  // MARK: Everything

  func audit(in machine: borrowing Simulation, _ findings: inout Findings) {
    var places = [Int](repeating: 0, count: machine.kernel.processes.slotCount)
    for index in machine.kernel.mutexes.indices where machine.kernel.mutexes.isUsed(index) {
      let mutex = machine.kernel.mutexes[index]
      if let holder = mutex.holder {
        let isAlive =
          machine.kernel.processes.isUsed(holder)
          && machine.kernel.processes[common: holder].mutexHandles.contains(index)
        if !isAlive {
          findings.report(
            .locks, "mutex \(index) held by a process without a handle",
            expected: "a living holder", about: machine.kernel.pid(of: holder))
        }
      } else if !mutex.waiters.isEmpty {
        findings.report(
          .locks, "mutex \(index) free while somebody waits for it", expected: "a holder",
          about: ProcessID.none)
      }
      for slot in mutex.waiters.waiting { places[slot] += 1 }
      for slot in mutex.sleepers.waiting { places[slot] += 1 }
      checkQueue(mutex.waiters.waiting, .mutex(index), machine, &findings)
      checkQueue(mutex.sleepers.waiting, .condition(index), machine, &findings)
    }
    for slot in places.indices where machine.kernel.processes.isUsed(slot) {
      var expected = 0
      switch machine.kernel.processes[slot].state {
      case .blocked(.mutex), .blocked(.condition): expected = 1
      case .blocked, .runnable, .running, .exited: break
      }
      if places[slot] != expected {
        findings.report(
          .locks, "a process in \(places[slot]) queues of mutexes", expected: "\(expected)",
          about: machine.kernel.processes[slot].pid)
      }
    }
  }

  private func checkQueue(
    _ queue: [Slot], _ reason: WaitReason, _ machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    for slot in queue
    where !machine.kernel.processes.isUsed(slot)
      || machine.kernel.processes[slot].state != .blocked(reason)
    {
      findings.report(
        .locks, "a process in a queue that it does not wait in",
        expected: "everybody there to wait", about: machine.kernel.pid(of: slot))
    }
  }
}
