// How harts take processes, run them, and what their traps come to. Every function here acts for
// one hart at its own clock, which the kernel has as `now`.

extension Simulation {
  // MARK: Taking and giving back

  /// Gives the hart the process whose turn it is, or finds that there is none.
  mutating func dispatch(on index: Int, _ decisions: inout some Decisions) {
    settleScheduler()
    let options = kernel.scheduler.options
    guard options > 0 else {
      contexts[index].mode = .idle
      kernel.hartUses[index].idles += 1
      kernel.emit(.wentIdle(kernel.machineStamp))
      return
    }
    let chosen =
      options > 1
      ? choose(
        .dispatch(contexts[index].id), among: options, tickets: kernel.scheduler.tickets, &decisions
      ) {
        .process(kernel.pid(of: kernel.scheduler.candidate($0)))
      } : 0
    let standing = kernel.scheduler.standing(ofCandidate: chosen)
    guard let slot = kernel.scheduler.take(chosen) else {
      preconditionFailure("somebody was waiting")
    }
    kernel.processes[slot].state = .running(on: contexts[index].id)
    kernel.noteDispatch(slot)
    kernel.emit(
      .dispatched(
        kernel.stamp(slot), after: contexts[index].previous, options: options,
        priority: kernel.processes[slot].priority, chosen: chosen, standing))
    contexts[index].mode = .running
    contexts[index].current = slot
    contexts[index].nextTick = (kernel.now.instructions / kernel.tick + 1) * kernel.tick
    beginTurn(of: slot, on: index)
    if kernel.scheduler.isShared, !kernel.groups.limited.isEmpty { allotTime(first: index) }
    loadContext(of: slot, on: index)
    perform(Effects(changesTurns: true), on: index)
  }

  private func loadContext(of slot: Slot, on index: Int) {
    harts[index].registers = kernel.processes[slot].context.registers
    harts[index].pc = kernel.processes[slot].context.pc
    harts[index].forgetAddressSpace()
  }

  /// Writes what the hart holds of its process back into the process.
  mutating func saveContext(of index: Int) {
    guard let slot = contexts[index].current else { return }
    kernel.processes[slot].context.registers = harts[index].registers
    kernel.processes[slot].context.pc = harts[index].pc
  }

  /// Takes the process off the hart, which then looks for another.
  private mutating func leave(_ index: Int) {
    saveContext(of: index)
    if let slot = contexts[index].current {
      contexts[index].previous = kernel.processes[slot].pid
    }
    contexts[index].current = nil
    contexts[index].mode = .seeking
    contexts[index].givesWay = false
    contexts[index].isHeldBack = false
    contexts[index].isBeforeAccess = false
    if contexts[index].quotaEnd != .max { contexts[index].quotaEnd = .max }
  }

  mutating func yield(_ slot: Slot, on index: Int, _ why: YieldReason) -> Effects {
    kernel.emit(
      .yielded(kernel.stamp(slot), why, priority: kernel.processes[slot].priority))
    if why == .preempted {
      kernel.processes[slot].turnLeft = contexts[index].turnEnd - kernel.now.instructions
    }
    leave(index)
    kernel.processes[slot].state = .runnable
    kernel.processes[slot].runnableSince = kernel.now
    kernel.hartUses[index].yields += 1
    if kernel.defects.contains(.priorityDecays), why == .slice {
      kernel.processes[slot].priority =
        min(Scheduler.priorities - 1, kernel.processes[slot].priority + 1)
    }
    kernel.settleTime(of: slot)
    switch why {
    case .slice:
      kernel.scheduler.append(
        slot, priority: kernel.processes[slot].priority, used: kernel.processes[slot].instructions,
        in: kernel.processes[slot].group)
    case .preempted:
      kernel.scheduler.prepend(
        slot, priority: kernel.processes[slot].priority, used: kernel.processes[slot].instructions,
        in: kernel.processes[slot].group)
    }
    return Effects(changesTurns: true)
  }

  mutating func exit(_ slot: Slot, on index: Int, status: Int32, _ cause: ExitCause) -> Effects {
    var effects = Effects.none
    exit(slot, on: index, status: status, cause, &effects)
    return effects
  }

  private mutating func exit(
    _ slot: Slot, on index: Int, status: Int32, _ cause: ExitCause, _ effects: inout Effects
  ) {
    leave(index)
    kernel.exit(slot, status: status, cause: cause, &effects)
  }

  /// Does what an entry of the kernel on a hart left to do, and charges what it has cost.
  mutating func perform(_ effects: Effects, on index: Int) {
    payCost(on: index)
    perform(effects)
  }

  /// Does what an entry of the kernel left to do.
  mutating func perform(_ effects: Effects) {
    if let status = effects.halt { halt(status: status) }
    if effects.endsOthers { leaveEnded() }
    if effects.holdsBack { noteHeldBack() }
    if effects.changesTurns { reschedule() }
  }

  /// The one place where the kernel's work becomes virtual time, and time of the process it was
  /// done for.
  @inline(__always)
  private mutating func payCost(on index: Int) {
    let cost = kernel.takeCost()
    if cost == 0 { return }
    harts[index].clock.instructions += cost
    kernel.hartUses[index].system += cost
    if let slot = kernel.current { kernel.processes.addTime(cost, to: slot) }
  }

  /// Takes processes off harts that ended with their container while another hart was in the
  /// kernel; what they ran ahead is lost with them.
  private mutating func leaveEnded() {
    for index in contexts.indices {
      guard let slot = contexts[index].current,
        !kernel.processes.isUsed(slot) || kernel.processes[slot].exitStatus != nil
      else { continue }
      contexts[index].current = nil
      contexts[index].trap = nil
      contexts[index].mode = .seeking
      contexts[index].givesWay = false
      contexts[index].isHeldBack = false
      contexts[index].isBeforeAccess = false
      contexts[index].quotaEnd = .max
    }
  }

  /// Tells the harts how long their processes may run, and which may not any more.
  private mutating func noteHeldBack() {
    allotTime()
    for index in contexts.indices {
      guard let slot = contexts[index].current else { continue }
      contexts[index].isHeldBack = kernel.holdsBack(slot) != nil
    }
  }

  /// Takes a process off its hart that may not run any more. A call that it was about to make it makes when
  /// it runs again.
  mutating func holdBack(_ slot: Slot, on index: Int) -> Effects {
    contexts[index].isHeldBack = false
    guard let reason = kernel.holdsBack(slot) else { return .none }
    if contexts[index].trap == .call { kernel.processes[slot].pending = .unbegun }
    contexts[index].trap = nil
    leave(index)
    kernel.block(slot, on: reason)
    return .none
  }

  /// Makes idle harts look for a process when some wait, and preempts a hart when a process of higher
  /// priority than its own waits and no hart is free.
  private mutating func reschedule() {
    guard kernel.scheduler.waitingCount > 0 else { return }
    var free = 0
    for context in contexts where context.mode == .seeking { free += 1 }
    let waiting = kernel.scheduler.waitingCount
    for index in contexts.indices where contexts[index].mode == .idle && free < waiting {
      contexts[index].mode = .seeking
      harts[index].clock = max(harts[index].clock, kernel.now)
      free += 1
    }
    if free > 0 { return }
    guard let best = kernel.scheduler.best else { return preemptByPolicy() }
    var worst: Int?
    for index in contexts.indices where !contexts[index].givesWay {
      guard let slot = contexts[index].current else { continue }
      let priority = kernel.processes[slot].priority
      if let found = worst, let other = contexts[found].current,
        kernel.processes[other].priority >= priority
      {
        continue
      }
      worst = index
    }
    if let worst, let slot = contexts[worst].current, kernel.processes[slot].priority > best {
      // Were the lowest taken first, it would be told to give way again and again.
      contexts[worst].givesWay =
        !kernel.defects.contains(.noPreemption) && !kernel.defects.contains(.lowestFirst)
    }
  }

  // MARK: Running

  /// Runs user code up to the next moment at which something else has to be looked at.
  mutating func run(_ slot: Slot, on index: Int, until due: Instant?) {
    let clock = harts[index].clock.instructions
    var end = min(contexts[index].nextStop, limit)
    if let due { end = min(end, due.instructions) }
    if harts.count > 1 && busyHarts > 1 {
      end = min(end, clock + UInt64(contexts[index].slice))
    }
    goOn(with: OpenRun(index: index, end: end))
  }

  /// Runs user code up to the end of a run, or as far as the step may go.
  mutating func goOn(with run: OpenRun) {
    let index = run.index
    guard let slot = contexts[index].current else {
      preconditionFailure("a hart without a process runs")
    }
    let hart = harts[index]
    let watches = hart.watchesSharedPages
    let space = kernel.space(of: slot)
    if watches {
      limitSharedAccesses(of: slot, on: index)
      hart.watchAllPages(kernel.addressSpaces[space].hasHadThreads)
    }
    let left = Int(run.end - hart.clock.instructions)
    let budget = min(left, allowance)
    let result = hart.run(
      budget: budget, in: &kernel.addressSpaces[space].table, &kernel.memory)
    kernel.processes.addTime(UInt64(result.retired), to: slot)
    kernel.hartUses[index].user += UInt64(result.retired)
    if watches { tellSharedAccesses(of: slot, on: index) }
    state.openRun = nil
    switch result.trap {
    case .call, .fault: contexts[index].trap = result.trap
    // Between `lr` and `sc` in front of a watched access, other harts' stores are noticed.
    case .outOfTurn:
      contexts[index].isBeforeAccess = state.asksPreemption
      if state.asksPreemption { contexts[index].nextAccess = hart.refusedAccess }
    case .budgetSpent where budget < left: state.openRun = run
    case .budgetSpent: hart.dropReservation()
    }
  }

  /// Where the hart stops in front of a load or store that others can see.
  private func limitSharedAccesses(of slot: Slot, on index: Int) {
    // Whoever only looks changes nothing.
    let isOrdered = scenario.recordsSharedAccesses || state.asksPreemption
    harts[index].sharedAccessEnd = isOrdered ? othersTurn(index) : .end
    harts[index].sharedAccessesAtMost =
      !state.asksPreemption ? .max : kernel.processes[slot].mayAccess ? 1 : 0
  }

  private mutating func tellSharedAccesses(of slot: Slot, on index: Int) {
    if harts[index].sharedAccesses.isEmpty { return }
    kernel.processes[slot].mayAccess = false
    for access in harts[index].sharedAccesses {
      if scenario.recordsSharedAccesses {
        kernel.emit(.sharedAccess(kernel.stamp(slot), access))
      }
      if keptAccesses != nil { keep(access, of: slot) }
      guard access.isStore, scenario.recordsSharedAccesses || state.asksPreemption else { continue }
      for other in harts.indices where other != index { harts[other].dropReservation() }
    }
    harts[index].sharedAccesses.removeAll(keepingCapacity: true)
  }

  /// Time goes by on a hart; who runs there goes on.
  mutating func tick(_ slot: Slot, on index: Int, _ decisions: inout some Decisions) {
    kernel.emit(.ticked(kernel.stamp(slot), tick: kernel.ticks, pc: harts[index].pc))
    kernel.tellGroupUses()
    kernel.scheduler.noteTick(kernel.ticks)
    contexts[index].nextTick = (kernel.ticks + 1) * kernel.tick
    if harts.count > 1 { drawSlice(on: index, &decisions) }
    askForInput(&decisions, idle: false)
  }

  /// Draws how finely a hart interleaves with the others until its next tick.
  mutating func drawSlice(on index: Int, _ decisions: inout some Decisions) {
    let chosen = choose(
      .slice(contexts[index].id), among: HartContext.slices.count, &decisions
    ) { .instructions(UInt64(HartContext.slices[$0])) }
    contexts[index].slice = HartContext.slices[chosen]
  }

  /// The time from which on it is another busy hart's turn, were this one to go on.
  private func othersTurn(_ index: Int) -> Instant {
    var end = Instant.end
    for other in contexts.indices where other != index && contexts[other].mode != .idle {
      let clock = harts[other].clock.instructions
      // Of several at one time the lowest numbered goes first.
      end = min(end, Instant(instructions: index < other ? clock + 1 : clock))
    }
    return end
  }

  // MARK: Traps

  mutating func handle(_ trap: Trap, of slot: Slot, on index: Int) -> Effects {
    switch trap {
    case .budgetSpent, .outOfTurn: .none
    case .call:
      kernel.processes[slot].isKilled
        ? exit(slot, on: index, status: -1, .kill) : call(slot, on: index)
    case .fault(let fault): handle(fault, of: slot, on: index)
    }
  }

  /// Apart, as all that is rare, so that what every step comes through stays short.
  @inline(never)
  private mutating func handle(_ fault: Fault, of slot: Slot, on index: Int) -> Effects {
    if kernel.processes[slot].replacement != nil {
      return exit(slot, on: index, status: -1, .kill)
    }
    if fault.cause == .fetchPage, fault.pc == Kernel.threadReturn,
      kernel.processes[slot].leader != nil
    {
      let status = Int32(truncatingIfNeeded: harts[index][register: 10])
      return exit(slot, on: index, status: status, .call)
    }
    if fault.cause == .storePage,
      let entry = kernel.addressSpaces[kernel.space(of: slot)].table.entry(at: fault.value),
      entry.permissions.contains(.copyOnWrite),
      kernel.unshare(slot, page: PageNumber(truncatingIfNeeded: fault.value >> 12))
    {
      return .none
    }
    if fault.isOfData, kernel.touch(slot, at: fault.value) != nil {
      kernel.touches += 1
      kernel.lastTouch = (slot, PageNumber(truncatingIfNeeded: fault.value >> 12))
      return .none
    }
    kernel.emit(.faulted(kernel.stamp(slot), fault))
    let pid = kernel.machineOrOwnNumber(of: slot).raw
    let cause = hexadecimal(UInt64(fault.cause.rawValue))
    var effects = Effects.none
    kernel.tell(
      "usertrap(): unexpected scause \(cause) pid=\(pid)\n"
        + "            sepc=\(hexadecimal(fault.pc)) stval=\(hexadecimal(fault.value))\n",
      of: slot, &effects)
    exit(slot, on: index, status: -1, .fault, &effects)
    return effects
  }

  /// Makes the call that the hart's registers ask for, or goes on with one that was blocked.
  mutating func call(_ slot: Slot, on index: Int) -> Effects {
    let hart = harts[index]
    var isFirst = kernel.processes[slot].pending == nil
    if !isFirst, kernel.processes[slot].pending == .unbegun {
      kernel.processes[slot].pending = nil
      isFirst = true
    }
    let asked = Int32(truncatingIfNeeded: hart[register: 17])
    let number = kernel.recordedNumber(asked)
    let arguments = CallArguments([
      hart[register: 10], hart[register: 11], hart[register: 12], hart[register: 13],
      hart[register: 14], hart[register: 15],
    ])
    kernel.charge(isFirst ? .call : .resumption)
    var (outcome, effects) =
      isFirst
      ? kernel.handle(asked, arguments, for: slot) : kernel.resume(asked, arguments, for: slot)
    apply(outcome, of: number, arguments, isFirst: isFirst, for: slot, on: index, &effects)
    return effects
  }

  /// The one place that makes happen what a call's handler wants.
  private mutating func apply(
    _ outcome: CallOutcome, of number: Int32, _ arguments: CallArguments, isFirst: Bool,
    for slot: Slot, on index: Int, _ effects: inout Effects
  ) {
    switch outcome {
    case .value(let value):
      comeBack(slot, on: index, number, arguments, value: value, isFirst: isFirst)
    case .process(let process):
      comeBack(slot, on: index, number, arguments, value: Int64(process.raw), isFirst: isFirst)
    case .forked(let child):
      let value = Int64(kernel.number(ofChild: child, for: slot).raw)
      comeBack(slot, on: index, number, arguments, value: value, isFirst: isFirst)
      start(child, as: index, &effects)
    case .cloned(let thread):
      let value = Int64(kernel.number(ofChild: thread, for: slot).raw)
      comeBack(slot, on: index, number, arguments, value: value, isFirst: isFirst)
      startThread(thread, as: index, &effects)
    case .refused(let refusal):
      comeBack(
        slot, on: index, number, arguments, value: CallNumber.failureValue(number), why: refusal,
        isFirst: isFirst)
    case .replacedImage(let count):
      emitReturn(slot, number, arguments, value: count, why: nil, isFirst: isFirst)
      loadContext(of: slot, on: index)
    case .handedOver(let count):
      emitReturn(slot, number, arguments, value: count, why: nil, isFirst: isFirst)
      leaveToLeader(slot, on: index)
      return
    case .blocked(let reason, let pending):
      if isFirst { kernel.emit(.callBegan(kernel.stamp(slot), number, arguments)) }
      kernel.processes[slot].pending = pending
      leave(index)
      kernel.block(slot, on: reason)
      kernel.lendPriority(of: slot, &effects)
      return
    case .unfinished(let pending):
      // It stays where it is, and goes on when no other hart is further behind.
      if isFirst { kernel.emit(.callBegan(kernel.stamp(slot), number, arguments)) }
      kernel.processes[slot].pending = pending
    case .exited(let status):
      kernel.emit(.callBegan(kernel.stamp(slot), number, arguments))
      exit(slot, on: index, status: status, .call, &effects)
      return
    }
    if kernel.processes[slot].isKilled {
      // What ends it is who killed it, and not its call.
      kernel.call = nil
      exit(slot, on: index, status: -1, .kill, &effects)
    }
  }

  /// Gives a call's value to its caller.
  private mutating func comeBack(
    _ slot: Slot, on index: Int, _ number: Int32, _ arguments: CallArguments, value: Int64,
    why: Refusal? = nil, isFirst: Bool
  ) {
    harts[index][register: 10] = UInt64(bitPattern: value)
    emitReturn(slot, number, arguments, value: value, why: why, isFirst: isFirst)
    kernel.processes[slot].pending = nil
  }

  private mutating func emitReturn(
    _ slot: Slot, _ number: Int32, _ arguments: CallArguments, value: Int64, why: Refusal?,
    isFirst: Bool
  ) {
    let stamp = kernel.stamp(slot)
    kernel.emit(
      isFirst
        ? .called(stamp, number, arguments, value: value, why: why)
        : .returned(stamp, number, arguments, value: value, why: why))
  }

  /// Gives a child that fork made its parent's registers, and a place in line.
  private mutating func start(_ child: Slot, as index: Int, _ effects: inout Effects) {
    kernel.processes[child].context.registers = harts[index].registers
    kernel.processes[child].context.registers[10] = 0
    kernel.processes[child].context.pc = harts[index].pc
    line(up: child, made: index, &effects)
  }

  /// Gives a thread that clone made the global and thread pointers, the latter for libraries to set anew.
  @inline(never)
  private mutating func startThread(_ thread: Slot, as index: Int, _ effects: inout Effects) {
    for register in 3...4 {
      kernel.processes[thread].context.registers[register] = harts[index].registers[register]
    }
    line(up: thread, made: index, &effects)
  }

  /// Takes a thread off its hart that has called exec, and is gone by that.
  @inline(never)
  private mutating func leaveToLeader(_ slot: Slot, on index: Int) {
    leave(index)
    kernel.reap(slot, by: kernel.processes.leader(of: slot))
  }

  /// Gives a new process or thread a place in line.
  @inline(never)
  private mutating func line(up child: Slot, made index: Int, _ effects: inout Effects) {
    if !kernel.scheduler.isStrict, let parent = contexts[index].current {
      kernel.scheduler.share(
        parent, used: kernel.processes[parent].instructions, with: child,
        priority: kernel.processes[child].priority)
    }
    kernel.enqueue(child, &effects)
  }
}
