// Turns. A process that gets a hart may run for a slice, a tick's length, before it gives way to one
// of its own priority. The slice is its own: it begins when the process gets the hart, wherever in a
// tick that is, what calls cost counts in it, and a process whose hart was taken by one of higher
// priority goes on with the rest of it. So nobody can take from the time of an equal by sleeping and
// waking at the right moments.
//
// How much of it the process gets is a choice, made when somebody waits for its end. Where whoever
// decides wants that, it is also a choice, before anything that others can see, whether it ends there.

extension Simulation {
  /// Gives a process that was taken by a hart its slice, or what is left of it.
  mutating func beginTurn(of slot: Slot, on index: Int) {
    let left = kernel.processes[slot].turnLeft
    kernel.processes[slot].turnLeft = nil
    let used = kernel.processes[slot].instructions
    let length = left ?? kernel.scheduler.slice(of: slot, used: used) ?? kernel.tick
    contexts[index].turnEnd = kernel.now.instructions + length
    contexts[index].isTurnDrawn = left != nil
    if kernel.defects.contains(.restOfTick) {
      contexts[index].turnEnd = contexts[index].nextTick
    }
  }

  /// Whether a process waits that is as entitled to the hart as the one that runs there.
  @inline(__always)
  func isWaitedFor(_ slot: Slot) -> Bool {
    if kernel.scheduler.isIdle { return false }
    return kernel.scheduler.isWaitedFor(
      slot, priority: kernel.processes[slot].priority, used: kernel.processes[slot].instructions)
  }

  /// The slice is used up: the process goes to the end of the line, or has another one if there is
  /// none.
  mutating func endTurn(of slot: Slot, on index: Int) -> Effects {
    // By whom it is waited for, among groups, depends on what all have used.
    if kernel.scheduler.isShared { settleScheduler() }
    if isWaitedFor(slot) { return yield(slot, on: index, .slice) }
    settleScheduler()
    kernel.scheduler.renewTurn(of: slot)
    beginTurn(of: slot, on: index)
    return .none
  }

  /// Draws how much of a turn is left, once a process waits for its end.
  mutating func drawTurn(
    of slot: Slot, on index: Int, _ decisions: inout some Decisions
  ) {
    contexts[index].isTurnDrawn = true
    let now = kernel.now.instructions
    let left = max(contexts[index].turnEnd, now) - now
    let chosen = choose(
      .turn(contexts[index].id), among: HartContext.turns.count, &decisions
    ) { .instructions(min(HartContext.turns[$0] ?? left, left)) }
    guard let length = HartContext.turns[chosen] else { return }
    contexts[index].turnEnd = min(contexts[index].turnEnd, now + length)
  }

  /// Whether a process loses its hart just before something that others can see, which it then does
  /// first of all when it gets one again. So always choosing that starves no process.
  ///
  /// The one place where `ChoicePoint.preempt` is asked.
  @inline(never)
  mutating func losesHart(
    _ slot: Slot, on index: Int, _ decisions: inout some Decisions
  ) -> Bool {
    let isBeforeCall = contexts[index].trap == .call && !kernel.processes[slot].isKilled
    let isBeforeAccess =
      contexts[index].isBeforeAccess && contexts[index].trap == nil
      && !kernel.processes[slot].mayAccess
    guard isBeforeCall || isBeforeAccess else { return false }
    contexts[index].isBeforeAccess = false
    if isBeforeAccess { kernel.processes[slot].mayAccess = true }
    guard
      kernel.scheduler.hasEqual(
        slot, priority: kernel.processes[slot].priority,
        used: kernel.processes[slot].instructions)
    else {
      if decisions.wantsOperations {
        decisions.goesOn(kernel.processes[slot].pid, with: nextOperation(of: slot, on: index))
      }
      return false
    }
    let preemption = Preemption(
      operation: nextOperation(of: slot, on: index), waiting: kernel.scheduler.options)
    let chosen = choose(
      .preempt(contexts[index].id), among: 2, preemption: preemption, &decisions
    ) {
      .process(
        $0 == 0
          ? kernel.processes[slot].pid : kernel.pid(of: kernel.scheduler.candidate($0 - 1)))
    }
    guard chosen == 1 else { return false }
    if isBeforeCall {
      contexts[index].trap = nil
      kernel.processes[slot].pending = .unbegun
    }
    return true
  }

  /// Lets the decisions choose, and checks the choice against the options.
  func choose(
    _ point: ChoicePoint, among options: Int, tickets: Tickets? = nil,
    preemption: Preemption? = nil, _ decisions: inout some Decisions,
    _ candidate: (Int) -> Candidate
  ) -> Int {
    let choice = Choice(
      point, options: options, sequence: state.delivered + Int64(kernel.events.count) + 1,
      tickets: tickets, preemption: preemption)
    let chosen = decisions.choose(choice, candidate: candidate)
    precondition((0..<options).contains(chosen), "chose \(chosen) of \(options) at \(point)")
    return chosen
  }

  // MARK: Policies that keep accounts

  /// Tells a policy that keeps accounts what everybody who runs has used so far.
  mutating func settleScheduler() {
    if kernel.scheduler.isPlain { return }
    settleTime()
    if kernel.scheduler.isStrict { return }
    for context in contexts {
      guard let slot = context.current, kernel.processes.isUsed(slot) else { continue }
      kernel.scheduler.charge(slot, used: kernel.processes[slot].instructions)
    }
    kernel.scheduler.settle()
  }

  /// Has the hart give way whose process has least right to it, to one that waits and has more.
  mutating func preemptByPolicy() {
    settleScheduler()
    guard let waiting = kernel.scheduler.urgency else { return }
    var last: (index: Int, urgency: Int64)?
    for index in contexts.indices where !contexts[index].givesWay {
      guard let slot = contexts[index].current, kernel.processes.isUsed(slot),
        let urgency = kernel.scheduler.urgency(
          ofRunning: slot, used: kernel.processes[slot].instructions)
      else { continue }
      if let found = last, urgency &- found.urgency <= 0 { continue }
      last = (index, urgency)
    }
    guard let last, waiting &- last.urgency < 0 else { return }
    contexts[last.index].givesWay = !kernel.defects.contains(.noPreemption)
  }
}
