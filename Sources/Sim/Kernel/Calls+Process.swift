// Calls about processes: fork, wait, kill, sleep, priorities and the process list. exit needs no
// handler; exec has a file of its own.

extension Kernel {
  mutating func fork(_ slot: Slot) throws(Refusal) -> CallOutcome {
    try requireSlot(for: slot)
    if defects.contains(.checkThenTake), processes[slot].pending == nil {
      guard (try? budgets.requireRoom(in: processes[slot].budgets)) != nil else { throw .budget }
      return .blocked(
        on: .sleep(until: Instant(instructions: now.instructions + tick)), .fork)
    }
    try takeBudget(for: slot)
    let space: AddressSpace
    do throws(Refusal) {
      space = try forkedSpace(of: slot)
    } catch {
      giveUpFork(slot)
      throw error
    }

    var child = newborn(of: slot)
    child.addressSpace = addressSpaces.insert(space)
    let common = processes[common: slot]
    guard let childSlot = processes.insert(child, common) else {
      preconditionFailure("a free slot was seen")
    }
    for case let index? in common.descriptors { files.retain(index) }
    volumes.retain(common.base.root.file)
    volumes.retain(common.base.workingDirectory.file)
    processes.addChild(childSlot, to: processes.leader(of: slot))
    inheritSharing(childSlot)
    giveNumber(to: childSlot)
    enterGroup(ofChild: childSlot)

    let pid = processes[childSlot].pid
    if processes[slot].lastConsoleRead > 0 { processes[slot].isShell = true }
    if processes[slot].pid == .initial { newestChildOfInit = pid }
    emit(
      .forked(
        stamp(slot), child: pid, as: processes[childSlot].number, name: names.intern(child.name)))
    return .forked(childSlot)
  }

  /// A fork has failed after it had taken its slot.
  private mutating func giveUpFork(_ slot: Slot) {
    if defects.contains(.forkFailureKeepsSlot) { return }
    budgets.releaseSlot(in: processes[slot].budgets)
  }

  /// An address space for a child: every frame has one user more, and writable pages that are not shared
  /// by name are copy-on-write in both. The stack, which both are about to write, is copied now; for
  /// every other copy that may be made later a frame is set aside, so that none can fail.
  ///
  /// Refused when the machine or a group has not frames enough; nothing has changed then.
  private mutating func forkedSpace(of slot: Slot) throws(Refusal) -> AddressSpace {
    let space = space(of: slot)
    var copies = 0
    addressSpaces[space].table.forEachMapped { if $1.isOwn { copies += 1 } }
    let copiesStack = addressSpaces[space].canWriteStack
    let payer = processes[slot].group
    if payer != .root { try takeForkMemory(copies: copies, for: slot) }
    guard memory.reserve(Kernel.framesPerProcess + copies) else {
      giveBackMemory(frames: Kernel.framesPerProcess + copies, in: payer)
      throw .noMemory
    }
    var stack: PageEntry?
    if copiesStack {
      memory.unreserve(1)
      copies -= 1
      stack = copy(of: addressSpaces[space].table[addressSpaces[space].stackPage], payer: payer)
    }
    copiesOwed += copies
    // Taken out of its place meanwhile, so that nobody else holds it and it is changed in place.
    var table = PageTable()
    swap(&table, &addressSpaces[space].table)
    let leavesWritable = defects.contains(.forkLeavesWritable)
    memory.retain(allIn: table)
    table.changeMapped { entry in
      guard entry.permissions.contains(.write), !entry.permissions.contains(.shared),
        !leavesWritable
      else { return }
      entry.permissions.remove(.write)
      entry.permissions.insert(.copyOnWrite)
    }
    if payer != .root {
      let stackPage = copiesStack ? addressSpaces[space].stackPage : -1
      table.forEachMapped { page, entry in
        if entry.isOwn, page != stackPage { framePayers.addCopy(of: entry.frame, payer: payer) }
      }
    }
    addressSpaces[space].table = table
    var child = addressSpaces[space]
    if let copy = stack {
      memory.release(child.table[child.stackPage].frame)
      child.table[child.stackPage] = copy
      addressSpaces[space].table[child.stackPage].permissions = copy.permissions
    }
    return child
  }

  /// A copy of a page, for which there is a frame.
  private mutating func copy(of entry: PageEntry, payer: GroupID) -> PageEntry {
    guard let frame = frame(payer: payer) else { preconditionFailure("a frame was set aside") }
    memory.writableBytes(of: frame)
      .copyMemory(from: memory.bytes(of: entry.frame), byteCount: pageSize)
    return PageEntry(frame: frame, permissions: entry.permissions)
  }

  mutating func wait(_ slot: Slot, status address: UInt64) throws(Refusal) -> CallOutcome {
    let parent = processes.leader(of: slot)
    var child = processes[parent].children.first
    var looked = 0
    defer { charge(.processes, looked) }
    while let candidate = child {
      looked += 1
      if let status = processes[candidate].exitStatus {
        var writer = LayoutWriter()
        writer.append(UInt32(bitPattern: status))
        if address != 0 && !copyOut(slot, address, writer.bytes) { throw .badAddress }
        let number = number(of: candidate, for: slot)
        reap(candidate, by: slot)
        return .process(number)
      }
      child = processes[candidate].nextSibling
    }
    if processes[parent].children.isEmpty { throw .noChildren }
    if processes[slot].isKilled { throw .killed }
    return .blocked(on: .child, .wait)
  }

  mutating func kill(_ slot: Slot, pid: GuestPID, _ effects: inout Effects) throws(Refusal)
    -> CallOutcome
  {
    let target = try target(pid, of: slot, unless: .killAcross)
    guard processes[target].leader == nil else { throw .noSuchProcess }
    emit(.killed(stamp(slot), processes[target].pid))
    kill(target, &effects)
    return .value(0)
  }

  mutating func sleep(_ slot: Slot, ticks count: Int32) throws(Refusal) -> CallOutcome {
    if processes[slot].isKilled { throw .killed }
    if count <= 0 { return .value(0) }
    var until = Instant(tick: ticks + UInt64(count), of: tick)
    if case .sleep(let end) = processes[slot].pending { until = end }
    return until <= now ? .value(0) : .blocked(on: .sleep(until: until), .sleep(until: until))
  }

  // MARK: Priorities

  mutating func setPriority(
    _ slot: Slot, pid: GuestPID, to priority: Int32, _ effects: inout Effects
  ) throws(Refusal) -> CallOutcome {
    guard priority >= 0, priority < Scheduler.priorities else { throw .outOfRange }
    let target = try target(pid, of: slot, unless: .priorityOfAnyone)
    charge(.processes, processes.usedCount)
    guard defects.contains(.priorityOfAnyone) || isDescendant(target, of: slot) else {
      throw .notDescendant
    }
    guard Int(priority) >= processes[slot].ownPriority || defects.contains(.priorityAboveOwn) else {
      throw .priorityTooHigh
    }
    emit(
      .priorityChanged(
        stamp(target), from: processes[target].ownPriority, to: Int(priority),
        by: processes[slot].pid))
    processes[target].coveredPriority = nil
    changePriority(of: target, to: Int(priority), &effects)
    settleOwnPriority(of: target, &effects)
    return .value(0)
  }

  /// Whether `slot` is `ancestor` itself or below it.
  func isDescendant(_ slot: Slot, of ancestor: Slot) -> Bool {
    let ancestor = processes.leader(of: ancestor)
    var here: Slot? = processes.leader(of: slot)
    while let candidate = here {
      if candidate == ancestor { return true }
      here = processes[candidate].parent
    }
    return false
  }

  func getPriority(_ slot: Slot, pid: GuestPID) throws(Refusal) -> CallOutcome {
    .value(Int64(processes[try target(pid, of: slot)].ownPriority))
  }

  // MARK: The process list

  mutating func processStatus(_ slot: Slot, into address: UInt64, max: Int32) throws(Refusal)
    -> CallOutcome
  {
    guard max >= 0 else { throw .outOfRange }
    charge(.processes, processes.usedCount)
    let listed = processesInSight(of: slot).prefix(Int(max))
    var bytes: [UInt8] = []
    for candidate in listed {
      let process = processes[candidate]
      bytes +=
        ProcessDescription(
          pid: number(of: candidate, for: slot),
          parent: process.parent.map { number(of: $0, for: slot) } ?? .none,
          container: process.container.raw,
          priority: Int32(process.ownPriority), state: process.state.code,
          instructions: process.instructions, name: process.name
        ).bytes
    }
    charge(.bytesMoved, bytes.count)
    guard copyOut(slot, address, bytes) else { throw .badAddress }
    return .value(Int64(listed.count))
  }
}
