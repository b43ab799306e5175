// Calls about threads: clone, join, gettid. A thread is a process that has its address space, its descriptors and all
// else of `CommonState` in common with the first thread of its process. It has a slot, a pid, registers, a priority and
// a place in groups and budgets of its own, so whatever counts or schedules processes does so with threads. A process
// lives as long as its first thread.

/// Threads that ended and gave their slots back in one entry of the kernel: nobody can look at these any more.
package struct ReapedThreads: Sendable {
  private var time = Instant.zero
  private var threads: [(pid: ProcessID, used: UInt64)] = []

  mutating func note(_ pid: ProcessID, _ used: UInt64, at now: Instant) {
    if now != time { threads = [] }
    time = now
    threads.append((pid, used))
  }

  /// The instructions that one of them had used.
  package func used(by pid: ProcessID) -> UInt64? { threads.last { $0.pid == pid }?.used }
}

extension Kernel {
  /// Where a thread's function returns to. No process has anything at this address, and a thread whose next instruction
  /// is there has come to its end.
  static let threadReturn: UInt64 = (1 << 38) - 4096

  /// Apart from the other calls, which are shorter for it.
  @inline(never)
  mutating func performThreadCall(
    _ call: CallNumber, _ arguments: CallArguments, for slot: Slot, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    let address = arguments.address
    let int = arguments.int
    switch call {
    case .clone:
      return try clone(slot, function: address(0), argument: address(1), stack: address(2))
    case .join: return try join(slot, number: int(0), status: address(1))
    case .futex:
      return try futex(
        slot, address(0), operation: int(1), value: int(2), ticks: int(3), &effects)
    case .gettid: return .process(number(of: slot, for: slot))
    default: throw .unknownCall
    }
  }

  /// clone: another thread of the caller's process.
  mutating func clone(_ slot: Slot, function: UInt64, argument: UInt64, stack: UInt64)
    throws(Refusal) -> CallOutcome
  {
    try requireSlot(for: slot)
    let isUncounted = defects.contains(.threadUncounted)
    if !isUncounted { try takeBudget(for: slot) }
    do throws(Refusal) {
      if processes[slot].group != .root { try takeForkMemory(copies: 0, for: slot) }
      guard memory.reserve(Kernel.framesPerProcess) else {
        giveBackMemory(frames: Kernel.framesPerProcess, in: processes[slot].group)
        throw .noMemory
      }
    } catch {
      if !isUncounted { budgets.releaseSlot(in: processes[slot].budgets) }
      throw error
    }
    var thread = newborn(of: slot)
    if isUncounted { thread.budgets = [] }
    let leader = processes.leader(of: slot)
    thread.leader = leader
    addressSpaces.retain(space(of: slot))
    thread.context = SavedContext()
    thread.context.pc = function
    thread.context.registers[1] = Kernel.threadReturn
    thread.context.registers[2] = stack
    thread.context.registers[10] = argument
    guard let new = processes.insert(thread) else { preconditionFailure("a free slot was seen") }
    processes[leader].threads.append(new)
    giveNumber(to: new)
    enterGroup(ofChild: new)
    emit(
      .forked(
        stamp(slot), child: processes[new].pid, as: processes[new].number,
        name: names.intern(thread.name), threadOf: processes[leader].pid))
    return .cloned(new)
  }

  /// Whether the machine has a slot for one more, of which the caller may have it.
  mutating func requireSlot(for slot: Slot) throws(Refusal) {
    guard processes.hasFreeSlot else {
      emit(
        .refused(stamp(slot), .noSlot, limit: processes.slotCount, held: processes.usedCount))
      throw .noSlot
    }
    if processes[slot].container != .outside { try requireUnreservedSlot(for: slot) }
  }

  /// What a new process or thread begins with, by who makes it.
  func newborn(of slot: Slot) -> Process {
    var child = processes[slot]
    child.payer = child.group
    child.parent = nil
    child.children = ChildList()
    child.nextSibling = nil
    child.previousSibling = nil
    child.leader = nil
    child.threads = []
    child.joiner = nil
    child.replacement = nil
    child.state = .runnable
    child.isKilled = false
    child.hasJoined = false
    if !defects.contains(.forkInherits) {
      child.priority = child.ownPriority
      child.coveredPriority = nil
    }
    child.pending = nil
    child.turnLeft = nil
    child.mayAccess = false
    child.instructions = 0
    child.counted = 0
    child.started = now
    child.forgetConsole()
    return child
  }

  /// join: waits for a thread of the caller's process to exit, and takes its status.
  mutating func join(_ slot: Slot, number: Int32, status address: UInt64) throws(Refusal)
    -> CallOutcome
  {
    guard let thread = self.number(given: Int(number)).flatMap({ self.slot(of: $0, for: slot) }),
      thread != slot, processes[thread].leader == processes.leader(of: slot)
    else { throw .noSuchThread }
    if let joiner = processes[thread].joiner, joiner != slot { throw .joinedByAnother }
    // Whoever comes back without the status lets another have it.
    processes[thread].joiner = nil
    if let status = processes[thread].exitStatus {
      var writer = LayoutWriter()
      writer.append(UInt32(bitPattern: status))
      if address != 0 && !copyOut(slot, address, writer.bytes) { throw .badAddress }
      reap(thread, by: slot)
      return .value(0)
    }
    if processes[slot].isKilled { throw .killed }
    if defects.contains(.joinEarly) { return .value(0) }
    processes[thread].joiner = slot
    return .blocked(on: .thread(processes[thread].pid), .join)
  }

  // MARK: What one thread takes from another

  /// Ends the calls of other threads of the caller's process that were handed something which is taken away now, by the
  /// number that was their first argument: they come back with -1, whether they wait for it or have been woken.
  @inline(never)
  mutating func interruptThreads(
    beside slot: Slot, using kind: PendingCall.Subject, _ number: Int32, _ effects: inout Effects
  ) {
    for thread in processes.threads(of: slot) where thread != slot {
      charge(.processes)
      guard let pending = processes[thread].pending, pending.subject == kind,
        Int32(truncatingIfNeeded: processes[thread].context.registers[10]) == number
      else { continue }
      switch processes[thread].state {
      case .runnable: break
      case .blocked(let reason): if !reason.isHolding { wakeEarly(thread, &effects) }
      // A part of its call is still under way on another hart, and finds out for itself.
      case .running, .exited: continue
      }
      processes[thread].pending = .interrupted
    }
  }

  // MARK: Ends

  /// Ends a thread that is not its process's first one. Its slot is held until somebody joins it, or the process ends.
  mutating func endThread(
    _ slot: Slot, status: Int32, cause: ExitCause, _ effects: inout Effects
  ) {
    releaseHeld(by: slot, cause == .call ? .lockRelease : .lockAbandon, &effects)
    leaveAddressSpace(slot)
    processes[slot].pending = nil
    emit(.exited(stamp(slot), status: status, cause))
    processes[slot].state = .exited(status: status)
    let leader = processes.leader(of: slot)
    scheduler.forget(slot, used: processes[slot].instructions, parent: leader)
    leaveGroup(slot)
    for other in processes[leader].threads where processes[other].joiner == slot {
      processes[other].joiner = nil
    }
    if let joiner = processes[slot].joiner,
      processes[joiner].state == .blocked(.thread(processes[slot].pid))
    {
      wake(joiner, &effects)
    }
  }

  /// Ends the threads of a process and gives their slots back: all but its first one, and perhaps another.
  mutating func endThreads(of leader: Slot, but kept: Slot? = nil, _ effects: inout Effects) {
    // Whoever waits for one of them ends as well, or goes on with another program.
    for thread in processes[leader].threads { processes[thread].joiner = nil }
    for thread in processes[leader].threads where thread != kept {
      charge(.processes)
      if processes[thread].exitStatus == nil {
        stopWaiting(thread, &effects)
        endThread(thread, status: -1, cause: .processEnd, &effects)
      }
      reap(thread, by: leader)
      // Another hart may be running it.
      effects.endsOthers = true
    }
  }

  /// What remains of exec when it was not the first thread that called it: that one goes on with the new program as soon
  /// as it is in the kernel, wherever it is now.
  mutating func hand(_ context: SavedContext, to leader: Slot) {
    processes[leader].replacement = context
    processes[leader].isKilled = true
  }

  /// The first thread of a process in which another one has called exec begins the new program.
  mutating func begin(_ replacement: SavedContext, in slot: Slot, _ effects: inout Effects) {
    processes[slot].replacement = nil
    processes[slot].isKilled = false
    processes[slot].pending = nil
    processes[slot].context = replacement
    processes[slot].state = .runnable
    enqueue(slot, &effects)
  }
}
