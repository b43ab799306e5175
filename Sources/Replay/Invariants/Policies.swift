// The scheduling policies, each by its own rule; `Schedule.swift` has what all have in common.
//
// - mlfq: a process is at the level that the rules give it, told from its turns alone, and nobody at a
//   lower level is taken while one at a higher one waits.
// - lottery: each has as many tickets as it weighs, and all who wait are in the drawing.
// - stride: who is taken has the smallest pass; a pass rises by what was used over the weight. So of two
//   who want to run all the time neither is ahead of the other by more than one slice of its own. Who comes
//   back is owed no more than a slice.
// - fair: who is taken is owed something, and has the earliest deadline of those who are; nobody comes
//   back with a lag of more than two slices.
// - fifo: who is taken has waited longest, and nobody loses its hart.

import Sim

struct PolicyInvariant: Sendable {
  /// What mlfq's rules make of a process.
  private struct Job {
    var level: Int
    var spent: UInt64 = 0
    /// What it had used in all when that was told.
    var charged: UInt64 = 0
    var period: UInt64
  }

  /// A process that has a hart.
  private struct Turn {
    var began: UInt64
    /// What it had used in all by then.
    var used: UInt64
  }

  private struct Record {
    /// Nil of one that came into another group while it was blocked, until it comes to wait there.
    var job: Job?
    var turn: Turn?
    var isInLine = false
    /// The pass with which it was last taken, and what it had used by then; nil when it has been away,
    /// or has got another priority, since.
    var pass: (rank: Int64, used: UInt64)?
  }

  private var records = KeyedList<Record>()
  /// Under fifo, who waits, in order of arrival.
  private var line: [Int32] = []
  private var period: UInt64 = 0

  private static let boostTicks: Int64 = 50

  // MARK: Events

  mutating func see(
    _ event: Event, _ population: Population, in machine: borrowing Simulation,
    _ findings: inout Findings
  ) {
    switch event.kind {
    case .tick: period = UInt64(event[TickEvent.tick] / PolicyInvariant.boostTicks)
    case .fork: seeFork(event, population, in: machine)
    case .wake: seeWake(event, in: machine, &findings)
    case .dispatch: seeDispatch(event, in: machine, &findings)
    case .yield: seeYield(event, in: machine, &findings)
    case .block: seeBlock(event)
    case .exit: seeExit(event)
    case .priority: seePriority(event, in: machine)
    // Another weight from now on.
    case .inherit: records[event.process.raw]?.pass = nil
    case .groupEnter: seeEntering(event, in: machine)
    default: break
    }
  }

  private mutating func seeFork(
    _ event: Event, _ population: Population, in machine: borrowing Simulation
  ) {
    let child = event[ForkEvent.child].raw
    records[child] = Record(
      job: Job(level: population[child]?.priority ?? 0, period: period))
    joinLine(child, in: machine)
  }

  private mutating func seeWake(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    joinLine(event.process.raw, in: machine)
    guard let slot = machine.kernel.processes.slot(of: event.process) else { return }
    let process = machine.kernel.processes[slot]
    // From a frozen group into another one it does not come to wait in between.
    if case .blocked = process.state { return }
    if records[event.process.raw]?.job == nil {
      records[event.process.raw]?.job = Job(
        level: process.priority, charged: process.instructions, period: period)
    }
    guard process.state == .runnable else { return }
    let tick = machine.scenario.tick
    let weight = Weight.of(priority: process.priority)
    let standing = machine.kernel.scheduler.standing(of: slot)
    switch machine.scenario.scheduler {
    case .stride:
      let owed = standing.measure &- standing.rank
      guard owed > Weight.time(tick, of: weight) else { return }
      findings.report(
        .schedule, "a pass that is \(PolicyInvariant.slices(owed, weight, tick)) slices behind",
        expected: "1 at most, for a process that was away")
    case .fair:
      // Of several who come at once, each changes what the others are owed after that.
      guard let lag = machine.kernel.scheduler.lagOnComing(of: slot) else {
        preconditionFailure("fair knows with which lag a process came")
      }
      let most = Weight.time(2 * tick, of: weight)
      guard lag > most || lag < -most else { return }
      findings.report(
        .schedule, "a lag of \(PolicyInvariant.slices(lag, weight, tick)) slices",
        expected: "2 at most, for a process that was away")
    case .priority, .mlfq, .lottery, .fifo: break
    }
  }

  private static func slices(_ time: Int64, _ weight: UInt64, _ tick: UInt64) -> Int64 {
    time / max(Weight.time(tick, of: weight), 1)
  }

  private mutating func seeYield(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    endTurn(event)
    joinLine(event.process.raw, in: machine)
    if machine.scenario.scheduler == .fifo {
      findings.report(
        .schedule, "a process that loses its hart", expected: "it to keep it, by fifo")
    }
  }

  private mutating func seeBlock(_ event: Event) {
    endTurn(event)
    records[event.process.raw]?.pass = nil
    // One that is frozen while it waits leaves the line as well.
    leaveLine(event.process)
  }

  private mutating func seeExit(_ event: Event) {
    records[event.process.raw] = nil
    leaveLine(event.process)
  }

  private mutating func joinLine(_ pid: Int32, in machine: borrowing Simulation) {
    records[pid]?.isInLine = true
    if machine.scenario.scheduler == .fifo { line.append(pid) }
  }

  private mutating func leaveLine(_ process: ProcessID) {
    records[process.raw]?.isInLine = false
    if let place = line.firstIndex(of: process.raw) { line.remove(at: place) }
  }

  private mutating func seePriority(_ event: Event, in machine: borrowing Simulation) {
    let pid = event.process.raw
    guard let slot = machine.kernel.processes.slot(of: event.process) else { return }
    var used = machine.kernel.processes[slot].instructions
    // What the call itself costs is paid for after it.
    if let turn = records[pid]?.turn, event[PriorityEvent.by] == event.process {
      used = turn.used + (event.time.instructions - turn.began)
    }
    records[pid]?.pass = nil
    records[pid]?.job = Job(
      level: Int(event[PriorityEvent.new]), charged: used, period: period)
  }

  /// In another group, a process begins anew; one that is blocked, when it comes to wait there.
  private mutating func seeEntering(_ event: Event, in machine: borrowing Simulation) {
    let pid = event.process.raw
    guard let slot = machine.kernel.processes.slot(of: event.process) else { return }
    records[pid]?.pass = nil
    guard let record = records[pid], record.turn != nil || record.isInLine else {
      records[pid]?.job = nil
      return
    }
    var used = machine.kernel.processes[slot].instructions
    if let turn = record.turn, event[GroupEnterEvent.by] == event.process {
      used = turn.used + (event.time.instructions - turn.began)
    }
    records[pid]?.job = Job(
      level: machine.kernel.processes[slot].priority, charged: used, period: period)
    if record.isInLine {
      leaveLine(event.process)
      joinLine(pid, in: machine)
    }
  }

  /// A turn counts up to where it ended; what the last call cost is paid for later.
  private mutating func endTurn(_ event: Event) {
    guard let record = records[event.process.raw], let turn = record.turn else { return }
    let used = turn.used + (event.time.instructions - turn.began)
    records[event.process.raw]?.turn = nil
    guard let job = record.job else { return }
    let now = settled(job, used)
    records[event.process.raw]?.job = now
  }

  private func settled(_ job: Job, _ used: UInt64) -> Job {
    var job = job
    if job.period != period {
      job = Job(level: 0, charged: used, period: period)
    } else {
      job.spent += used > job.charged ? used - job.charged : 0
      job.charged = used
    }
    return job
  }

  /// Moves a job down for each allotment that it has used.
  private func lowered(_ job: Job, _ allotment: UInt64) -> Job {
    var job = job
    while job.level < Scheduler.priorities - 1, job.spent >= allotment {
      job.level += 1
      job.spent -= allotment
    }
    if job.level == Scheduler.priorities - 1 { job.spent = 0 }
    return job
  }

  // MARK: Dispatches

  private mutating func seeDispatch(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let pid = event.process.raw
    guard let slot = machine.kernel.processes.slot(of: event.process) else { return }
    let used = machine.kernel.processes[slot].instructions
    if records[pid] == nil {
      records[pid] = Record(job: Job(level: Int(event[DispatchEvent.priority]), period: period))
    }
    if let job = records[pid]?.job {
      let now = lowered(settled(job, used), machine.scenario.tick)
      records[pid]?.job = now
    }
    switch machine.scenario.scheduler {
    case .priority: break
    case .mlfq: checkLevel(event, in: machine, &findings)
    case .lottery: checkDrawing(event, in: machine, &findings)
    case .stride: checkPass(event, used, in: machine, &findings)
    case .fair: checkDeadline(event, in: machine, &findings)
    case .fifo: checkArrival(event, in: machine, &findings)
    }
    records[pid]?.isInLine = false
    records[pid]?.turn = Turn(began: event.time.instructions, used: used)
    records[pid]?.pass = (event[DispatchEvent.rank], used)
  }

  /// Who waits in a process's own group, by pid, with its priority and what the scheduler has of it: a policy
  /// orders those of one group, and groups go by their shares.
  private func waiting(beside pid: ProcessID, in machine: borrowing Simulation) -> [(
    pid: ProcessID, priority: Int, standing: Standing
  )] {
    var found: [(ProcessID, Int)] = []
    var group = GroupID.root
    if let slot = machine.kernel.processes.slot(of: pid) {
      group = machine.kernel.processes[slot].group
    }
    machine.kernel.processes.forEachUsed { process in
      if process.state == .runnable, process.group == group {
        found.append((process.pid, process.priority))
      }
    }
    var described: [(ProcessID, Int, Standing)] = []
    for (pid, priority) in found {
      guard let slot = machine.kernel.processes.slot(of: pid) else { continue }
      described.append((pid, priority, machine.kernel.scheduler.standing(of: slot)))
    }
    return described
  }

  private func checkLevel(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard let job = records[event.process.raw]?.job else { return }
    let level = event[DispatchEvent.rank]
    if level != Int64(job.level) {
      findings.report(
        .schedule, "a process at level \(level)", expected: "level \(job.level), by its turns")
    }
    for other in waiting(beside: event.process, in: machine) where other.standing.rank < level {
      findings.report(
        .schedule,
        "dispatch at level \(level) while pid \(other.pid.raw) waits at \(other.standing.rank)",
        expected: "that one")
      return
    }
  }

  private func checkDrawing(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let others = waiting(beside: event.process, in: machine)
    let own = Weight.of(priority: Int(event[DispatchEvent.priority]))
    let all = others.reduce(own) { $0 + Weight.of(priority: $1.priority) }
    if event[DispatchEvent.rank] != Int64(own) {
      findings.report(
        .schedule, "\(event[DispatchEvent.rank]) tickets", expected: "\(own), by its priority")
    } else if event[DispatchEvent.measure] != Int64(all) {
      findings.report(
        .schedule, "a drawing of \(event[DispatchEvent.measure]) tickets",
        expected: "\(all), of all who wait")
    } else if event[DispatchEvent.options] != Int64(others.count + 1) {
      findings.report(
        .schedule, "a drawing among \(event[DispatchEvent.options])",
        expected: "all \(others.count + 1) who wait")
    }
  }

  private func checkPass(
    _ event: Event, _ used: UInt64, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let pass = event[DispatchEvent.rank]
    for other in waiting(beside: event.process, in: machine) where other.standing.rank &- pass < 0 {
      findings.report(
        .schedule,
        "dispatch at pass \(pass) while pid \(other.pid.raw) waits at \(other.standing.rank)",
        expected: "the smallest pass")
      return
    }
    guard let last = records[event.process.raw]?.pass, used > last.used else { return }
    let weight = Weight.of(priority: Int(event[DispatchEvent.priority]))
    let due = Weight.time(used - last.used, of: weight)
    let rise = pass &- last.rank
    // Each of many small amounts is rounded down; and on several harts something may be forgiven.
    let slack = due / 64 + Weight.time(1, of: 1)
    if rise < due - slack || rise > due + slack && machine.scenario.harts == 1 {
      findings.report(
        .schedule, "a pass that rose by \(rise) for \(used - last.used) instructions",
        expected: "\(due), at a weight of \(weight)")
    }
  }

  private func checkDeadline(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let deadline = event[DispatchEvent.rank]
    let isOwed = event[DispatchEvent.measure] >= 0
    for other in waiting(beside: event.process, in: machine) where other.standing.measure >= 0 {
      if isOwed && other.standing.rank >= deadline { continue }
      findings.report(
        .schedule,
        isOwed
          ? "a later deadline than that of pid \(other.pid.raw), which is owed something too"
          : "a process that is owed nothing, while pid \(other.pid.raw) waits, which is",
        expected: "the earliest deadline of those who are owed something")
      return
    }
  }

  private mutating func checkArrival(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    func group(_ pid: Int32) -> GroupID {
      guard let slot = machine.kernel.processes.slot(of: ProcessID(raw: pid)) else { return .none }
      return machine.kernel.processes[slot].group
    }
    guard let place = line.firstIndex(of: event.process.raw) else { return }
    let own = group(event.process.raw)
    if let first = line[..<place].first(where: { group($0) == own }) {
      findings.report(
        .schedule, "a process that came after pid \(first)", expected: "that one, by fifo")
    }
    line.remove(at: place)
  }
}
