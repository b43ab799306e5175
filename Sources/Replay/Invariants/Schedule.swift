// Schedule. A hart that looks for work takes a process of the highest priority that waits. No
// process runs while one of higher priority waits and could run there: either a hart is about to
// look, or the one that runs the lowest priority has been told to give way and does so by the end
// of its slice. Each hart runs at most one process and each process runs on at most one hart. A
// process's priority is what it began with, what prio_set made it, or what those lend it who wait for its
// mutexes (`Inheritance.swift`), and prio_set gives nobody more than the caller's own. Who gets a hart has a whole slice before it gives way to its equals, or what
// is left of the one in which it was preempted.

import Sim

struct ScheduleInvariant: Sendable {
  /// Somebody began or stopped waiting in this step.
  var hasChanged = false
  /// By hart, when the slice of the process that runs there ends.
  private var sliceEnds: [UInt64] = []

  mutating func seeDispatch(
    _ event: Event, _ population: inout Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    hasChanged = true
    let priority = Int(truncatingIfNeeded: event[DispatchEvent.priority])
    if let member = population[event.process.raw], member.priority != priority {
      findings.report(
        .schedule, "priority \(priority) at dispatch", expected: "\(member.priority), as it was set"
      )
    }
    if let best = machine.kernel.scheduler.best, best < priority {
      findings.report(
        .schedule, "dispatch at priority \(priority) while one of priority \(best) waits",
        expected: "that one")
    }
    checkSlice(event, population, in: machine, &findings)
    population[event.process.raw]?.sliceLeft = nil
    var places = 0
    for index in machine.contexts.indices {
      guard let slot = machine.contexts[index].current,
        machine.kernel.processes.isUsed(slot),
        machine.kernel.processes[slot].pid == event.process
      else { continue }
      places += 1
    }
    if places > 1 {
      findings.report(.schedule, "the process on \(places) harts", expected: "it on one")
    }
  }

  /// A process gets a whole slice, or what was left of its own when it was preempted.
  private mutating func checkSlice(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    let hart = Int(event.hart.raw)
    guard machine.contexts.indices.contains(hart), let member = population[event.process.raw]
    else { return }
    while sliceEnds.count <= hart { sliceEnds.append(0) }
    sliceEnds[hart] = machine.contexts[hart].turnEnd
    let slice = sliceEnds[hart] &- event.time.instructions
    guard machine.kernel.scheduler.isStrict else {
      // A policy may give less than a slice, by what has been used of it before.
      if machine.scenario.scheduler != .fifo, slice > machine.scenario.tick {
        findings.report(
          .schedule, "\(slice) instructions for a process that gets a hart",
          expected: "a slice at most, \(machine.scenario.tick)")
      }
      return
    }
    if let left = member.sliceLeft {
      // Where slices are drawn, one that was short may have been followed by another.
      let most = machine.scenario.seed == 0 ? left : machine.scenario.tick
      guard slice == 0 || slice > most else { return }
      findings.report(
        .schedule, "\(slice) instructions for a process that was preempted",
        expected: "what was left of its slice, \(left) or less")
    } else if slice != machine.scenario.tick {
      findings.report(
        .schedule, "\(slice) instructions for a process that gets a hart",
        expected: "a whole slice, \(machine.scenario.tick)")
    }
  }

  /// Who gives way to a higher priority keeps the rest of its slice; otherwise the next is whole.
  mutating func seeYield(_ event: Event, _ population: inout Population) {
    hasChanged = true
    let hart = Int(event.hart.raw)
    guard event[YieldEvent.why] == Int64(YieldReason.preempted.rawValue), hart < sliceEnds.count
    else { return }
    // Where it had run over the end of a slice, it has begun another.
    let gone = event.time.instructions
    let left = sliceEnds[hart] > gone ? sliceEnds[hart] - gone : UInt64.max
    population[event.process.raw]?.sliceLeft = left
  }

  mutating func seePriority(
    _ event: Event, _ population: inout Population, _ findings: inout Findings
  ) {
    hasChanged = true
    let new = Int(truncatingIfNeeded: event[PriorityEvent.new])
    let by = event[PriorityEvent.by]
    if let setter = population[by], new < setter.own {
      findings.report(
        .schedule, "priority \(new) given by pid \(by.raw), which has \(setter.own)",
        expected: "no higher one than its own")
    }
    population[event.process.raw]?.priority = new
    population[event.process.raw]?.own = new
  }

  mutating func seeInheritance(
    _ event: Event, _ population: inout Population, _ findings: inout Findings
  ) {
    hasChanged = true
    if let member = population[event.process.raw], event[InheritEvent.old] != member.priority {
      findings.report(
        .schedule, "priority \(event[InheritEvent.old]) before another was inherited",
        expected: "\(member.priority), as it was set")
    }
    population[event.process.raw]?.priority = Int(truncatingIfNeeded: event[InheritEvent.new])
  }

  /// Whether every process that waits and should run will be dispatched.
  mutating func seeStep(in machine: borrowing Simulation, _ findings: inout Findings) {
    guard hasChanged else { return }
    hasChanged = false
    guard !machine.hasHalted, machine.kernel.scheduler.waitingCount > 0 else { return }
    // The policies besides strict priorities have checks of their own; here only no hart may idle.
    let best = machine.kernel.scheduler.best ?? Scheduler.priorities
    var worst = -1
    var runner = ProcessID.none
    for index in machine.contexts.indices
    where machine.contexts[index].mode == .seeking || machine.contexts[index].givesWay {
      return
    }
    for index in machine.contexts.indices {
      switch machine.contexts[index].mode {
      case .seeking: return
      case .idle:
        findings.report(
          .schedule, "hart \(index) idle while somebody waits", expected: "it to look for work",
          about: ProcessID.none)
        return
      case .running:
        guard let slot = machine.contexts[index].current,
          machine.kernel.processes.isUsed(slot)
        else { continue }
        guard machine.kernel.processes[slot].priority > worst else { continue }
        worst = machine.kernel.processes[slot].priority
        runner = machine.kernel.processes[slot].pid
      }
    }
    if worst > best {
      findings.report(
        .schedule, "one of priority \(worst) running while one of priority \(best) waits",
        expected: "it to give way", about: runner)
    }
  }

  // MARK: Everything

  func audit(
    _ population: Population, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    if machine.hasHalted { return }
    var waiting = 0
    var best: Int?
    for slot in 0..<machine.kernel.processes.slotCount where machine.kernel.processes.isUsed(slot) {
      let priority = machine.kernel.processes[slot].priority
      let pid = machine.kernel.processes[slot].pid
      if let member = population[pid.raw], member.priority != priority {
        findings.report(
          .schedule, "priority \(priority)", expected: "\(member.priority), as it was set",
          about: pid)
      }
      switch machine.kernel.processes[slot].state {
      case .runnable:
        waiting += 1
        best = min(best ?? priority, priority)
      case .running(let hart):
        if machine.contexts[Int(hart.raw)].current != slot {
          findings.report(
            .schedule, "a process running on hart \(hart.raw), which runs another",
            expected: "the hart to run it", about: pid)
        }
      case .blocked, .exited: break
      }
    }
    let isOrdered = !machine.kernel.scheduler.isStrict || best == machine.kernel.scheduler.best
    if waiting != machine.kernel.scheduler.waitingCount || !isOrdered {
      findings.report(
        .schedule, "\(machine.kernel.scheduler.waitingCount) processes in line",
        expected: "\(waiting), those that can run", about: ProcessID.none)
    }
    for index in machine.contexts.indices {
      guard let slot = machine.contexts[index].current else { continue }
      let state = machine.kernel.processes.isUsed(slot) ? machine.kernel.processes[slot].state : nil
      if state != .running(on: machine.contexts[index].id) {
        findings.report(
          .schedule, "hart \(index) running a process that does not run", expected: "one that does",
          about: machine.kernel.pid(of: slot))
      }
    }
  }
}
