// Processes begin, wait, wake and end here, whatever call or fault or kill it was that made them.

/// How a process came to its end; the raw values are part of the trace format.
enum ExitCause: Int64 {
  case call = 0
  case fault = 1
  case kill = 2
  case containerEnd = 3
  /// Its process ended, or another thread of it called exec.
  case processEnd = 4
}

extension Kernel {
  // MARK: Beginning

  /// The machine's first process: root everywhere, no descriptors, an empty image.
  mutating func createInitialProcess() -> Slot? {
    let root = Location.machineRoot
    let process = Process(pid: .none, name: Array("init".utf8), priority: 0)
    let common = CommonState(
      base: PathBase(root: root, workingDirectory: root),
      descriptors: IndexList(count: limits.descriptors))
    guard memory.reserve(Kernel.framesPerProcess), let slot = processes.insert(process, common)
    else { return nil }
    processes[slot].addressSpace = addressSpaces.insert(AddressSpace())
    volumes.retain(root.file)
    volumes.retain(root.file)
    return slot
  }

  // MARK: Waiting

  /// Enters a process into the queue of what it waits for.
  mutating func block(_ slot: Slot, on reason: WaitReason) {
    settleTime(of: slot)
    scheduler.leave(slot, used: processes[slot].instructions)
    processes[slot].state = .blocked(reason)
    switch reason {
    case .child: break
    case .sleep(let until): timers.insert(slot, processes[slot].pid, at: until)
    case .console: console.readers.append(slot)
    case .pipeToFill(let pipe): pipes[pipe].readers.append(slot)
    case .pipeToDrain(let pipe): pipes[pipe].writers.append(slot)
    case .mutex(let mutex): mutexes[mutex].waiters.append(slot)
    case .condition(let mutex): mutexes[mutex].sleepers.append(slot)
    case .frozen, .throttled: break
    case .fileData, .sending: waitForTick(slot)
    case .socketToFill(let socket), .connectionToCome(let socket):
      network.sockets[socket].readers.append(slot)
    case .socketToDrain(let socket), .connectionToBeTaken(let socket):
      network.sockets[socket].writers.append(slot)
    case .poll(let until): enterPoll(slot, until: until)
    case .thread: break
    case .futex(let place, let until):
      futexes.append(slot, at: place)
      if let until { timers.insert(slot, processes[slot].pid, at: until) }
    }
    emit(.blocked(stamp(slot), on: reason))
  }

  /// Makes a blocked process runnable that is in no queue any more.
  mutating func wake(_ slot: Slot, _ effects: inout Effects) {
    guard case .blocked(let reason) = processes[slot].state else {
      preconditionFailure("only a blocked process can be woken")
    }
    // Woken by one of the things that it waited for, it waits for none of them.
    if case .poll(let until) = reason { leavePoll(slot, until: until) }
    if case .futex(let place, let until) = reason { leaveFutex(slot, place, until: until) }
    processes[slot].state = .runnable
    hartUses[Int(hart.raw)].wakes += 1
    emit(.woke(stamp(slot), by: currentPID, from: reason))
    enqueue(slot, &effects)
  }

  /// Puts a runnable process in line; one that is held back waits for that to end instead.
  mutating func enqueue(_ slot: Slot, _ effects: inout Effects) {
    if let reason = holdsBack(slot) {
      block(slot, on: reason)
      return
    }
    processes[slot].runnableSince = now
    settleTime(of: slot)
    scheduler.append(
      slot, priority: processes[slot].priority, used: processes[slot].instructions,
      in: processes[slot].group)
    effects.changesTurns = true
  }

  /// Takes a process out of whatever queue it is in, blocked or runnable.
  mutating func leaveQueue(_ slot: Slot) {
    if processes[slot].state == .runnable {
      scheduler.remove(slot, priority: processes[slot].priority)
    }
    guard case .blocked(let reason) = processes[slot].state else { return }
    switch reason {
    case .child: break
    case .sleep, .fileData, .sending: timers.remove(slot, processes[slot].pid)
    case .console: console.readers.remove(slot)
    case .pipeToFill(let pipe): pipes[pipe].readers.remove(slot)
    case .pipeToDrain(let pipe): pipes[pipe].writers.remove(slot)
    case .mutex(let mutex): mutexes[mutex].waiters.remove(slot)
    case .condition(let mutex): mutexes[mutex].sleepers.remove(slot)
    case .frozen, .throttled: break
    case .socketToFill(let socket), .connectionToCome(let socket):
      network.sockets[socket].readers.remove(slot)
    case .socketToDrain(let socket), .connectionToBeTaken(let socket):
      network.sockets[socket].writers.remove(slot)
    case .poll(let until): leavePoll(slot, until: until)
    case .thread: break
    case .futex(let place, let until): leaveFutex(slot, place, until: until)
    }
  }

  /// Wakes a process that has not got what it waits for.
  mutating func wakeEarly(_ slot: Slot, _ effects: inout Effects) {
    guard case .blocked(let reason) = processes[slot].state else {
      preconditionFailure("only a blocked process can be woken")
    }
    leaveQueue(slot)
    wake(slot, &effects)
    endLoan(for: reason, &effects)
  }

  /// Takes a process out of line that will run no more, and what it lent back from who had it.
  mutating func stopWaiting(_ slot: Slot, _ effects: inout Effects) {
    leaveQueue(slot)
    if case .blocked(let reason) = processes[slot].state { endLoan(for: reason, &effects) }
  }

  /// Wakes those whose time has come, and takes off the wire what has arrived.
  mutating func wakeSleepers(_ effects: inout Effects) {
    while let due = timers.first, due <= now, let entry = timers.removeFirst() {
      if entry.group != .none {
        goOn(after: entry.group, &effects)
        continue
      }
      guard let slot = entry.slot else {
        deliver(&effects)
        continue
      }
      precondition(
        processes[slot].pid == entry.pid && waits(slot, until: entry.time),
        "a timer without its sleeper")
      wake(slot, &effects)
    }
  }

  private func waits(_ slot: Slot, until time: Instant) -> Bool {
    switch processes[slot].state {
    case .blocked(.sleep(let until)): until == time
    case .blocked(.poll(let until)): until == time
    case .blocked(.futex(_, let until)): until == time
    case .blocked(.fileData), .blocked(.sending): true
    case .blocked, .runnable, .running, .exited: false
    }
  }

  // MARK: Ending

  /// Marks a process as killed, with all its threads; each ends when it next enters or leaves the kernel.
  mutating func kill(_ slot: Slot, _ effects: inout Effects) {
    killThread(processes.leader(of: slot), &effects)
    for thread in processes[processes.leader(of: slot)].threads { killThread(thread, &effects) }
  }

  private mutating func killThread(_ slot: Slot, _ effects: inout Effects) {
    guard processes[slot].exitStatus == nil else { return }
    processes[slot].isKilled = true
    // A program that was to begin does not.
    processes[slot].replacement = nil
    if case .blocked = processes[slot].state, !defects.contains(.killLeavesAsleep) {
      wakeEarly(slot, &effects)
    }
  }

  /// Ends a thread; with the first one of a process, or by a fault of any, the process ends.
  mutating func exit(
    _ slot: Slot, status: Int32, cause: ExitCause, _ effects: inout Effects
  ) {
    guard let leader = processes[slot].leader else {
      // What ends it with its container does not let it begin anything.
      if cause == .kill, let replacement = processes[slot].replacement {
        return begin(replacement, in: slot, &effects)
      }
      return exitProcess(slot, status: status, cause: cause, &effects)
    }
    endThread(slot, status: status, cause: cause, &effects)
    guard cause == .fault, processes[leader].exitStatus == nil else { return }
    stopWaiting(leader, &effects)
    exitProcess(leader, status: status, cause: cause, &effects)
    effects.endsOthers = true
  }

  /// Ends a process: what it holds goes, its threads end, its children go to init, its parent learns of it.
  private mutating func exitProcess(
    _ slot: Slot, status: Int32, cause: ExitCause, _ effects: inout Effects
  ) {
    if !processes[slot].threads.isEmpty { endThreads(of: slot, &effects) }
    dropSharing(slot, releasing: cause == .call ? .lockRelease : .lockAbandon, &effects)
    for descriptor in processes[common: slot].descriptors.indices {
      closeDescriptor(slot, descriptor, &effects)
    }
    if !defects.contains(.exitKeepsDirectory) {
      volumes.release(processes[common: slot].base.workingDirectory.file)
    }
    volumes.release(processes[common: slot].base.root.file)
    if defects.contains(.exitKeepsPages) {
      processes[slot].addressSpace = nil
    } else {
      leaveAddressSpace(slot)
    }
    processes[common: slot].commandLine = []
    processes[slot].pending = nil

    emit(.exited(stamp(slot), status: status, cause))
    processes[slot].state = .exited(status: status)
    scheduler.forget(
      slot, used: processes[slot].instructions, parent: processes[slot].parent)
    leaveGroup(slot)
    if defects.contains(.zombiesUncounted) { forgetBudgets(slot) }

    if processes[slot].pid == .initial {
      effects.halt = status
      return
    }
    if let container = containers[processes[slot].container],
      container.initial == processes[slot].pid
    {
      endContainer(container.id, status: status, &effects)
    }
    handOverChildren(of: slot, &effects)
    if let parent = processes[slot].parent { wakeWaitingParent(parent, &effects) }
  }

  /// Gives a process's children, zombies too, to the init of the container they are in; all of
  /// them, or those that `chosen` says.
  mutating func handOverChildren(
    of slot: Slot, _ effects: inout Effects, where chosen: (Process) -> Bool = { _ in true }
  ) {
    var next = processes[slot].children.first
    while let child = next {
      next = processes[child].nextSibling
      charge(.processes)
      guard chosen(processes[child]) else { continue }
      processes.removeChild(child)
      guard let foster = fosterParent(of: child) else { continue }
      processes.addChild(child, to: foster)
      emit(.adopted(stamp(child), from: processes[slot].pid, by: processes[foster].pid))
      wakeWaitingParent(foster, &effects)
    }
  }

  /// Who adopts a process: its container's init, and the machine's for what is outside and for
  /// the inits of containers.
  private func fosterParent(of child: Slot) -> Slot? {
    if !defects.contains(.orphansToInit), let container = containers[processes[child].container],
      container.initial != processes[child].pid,
      let initial = processes.slot(of: container.initial),
      // One that joined the container of its own child would come to be below itself.
      !processes[child].hasJoined || !isDescendant(initial, of: child)
    {
      return initial
    }
    return processes.slot(of: .initial)
  }

  private mutating func wakeWaitingParent(_ parent: Slot, _ effects: inout Effects) {
    if processes[parent].state == .blocked(.child) { wake(parent, &effects) }
    for thread in processes[parent].threads where processes[thread].state == .blocked(.child) {
      wake(thread, &effects)
    }
  }

  /// Frees the slot of a process or thread that has exited.
  mutating func reap(_ slot: Slot, by parent: Slot) {
    settleTime(of: slot)
    emit(
      .reaped(
        stamp(parent), child: processes[slot].pid, status: processes[slot].exitStatus ?? 0))
    processes.removeChild(slot)
    let leaks = defects.contains(.initReapLeaksSlot) && processes[parent].pid == .initial
    charge(.budgets, processes[slot].budgets.count)
    if !leaks { budgets.releaseSlot(in: processes[slot].budgets) }
    takeNumber(from: slot)
    giveBackKept(of: slot)
    if let leader = processes[slot].leader {
      processes[leader].threads.removeAll { $0 == slot }
      reapedThreads.note(processes[slot].pid, processes[slot].instructions, at: now)
    }
    processes.remove(slot)
    memory.unreserve(Kernel.framesPerProcess)
  }

  // MARK: Descriptors

  /// Closes a descriptor if it is open, and with its last descriptor the file. Whoever exits asks for all,
  /// most of which are not: that is a comparison each.
  @inline(__always)
  mutating func closeDescriptor(_ slot: Slot, _ descriptor: Int, _ effects: inout Effects) {
    guard let index = processes.file(behind: descriptor, of: slot) else { return }
    close(index, behind: descriptor, of: slot, &effects)
  }

  private mutating func close(
    _ index: FileIndex, behind descriptor: Int, of slot: Slot, _ effects: inout Effects
  ) {
    processes[common: slot].descriptors[descriptor] = nil
    emit(.closed(stamp(slot), descriptor: descriptor, files[index].file))
    guard let closed = dropFile(index, by: slot) else { return }
    switch closed.target {
    case .none: break
    case .file(let file), .device(let file, _): volumes.release(file)
    case .pipe(let pipe): closePipeEnd(pipe, writable: closed.writable, &effects)
    case .socket(let socket): closeSocket(socket, by: slot, &effects)
    }
  }

  private mutating func closePipeEnd(
    _ pipe: PipeIndex, writable: Bool, _ effects: inout Effects
  ) {
    if writable { pipes[pipe].writeOpen = false } else { pipes[pipe].readOpen = false }
    // Another thread may wait at the end that is closed.
    for reader in pipes[pipe].readers.takeAll() { wake(reader, &effects) }
    for writer in pipes[pipe].writers.takeAll() { wake(writer, &effects) }
    if pipes[pipe].isClosed { dropPipe(pipe) }
  }
}
