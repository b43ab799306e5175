// Calls about containers and budgets, and the wall that everything else looks through.

extension Kernel {
  // MARK: The wall

  /// Whether `slot` can name `other`: outside any container everything is in sight, inside one only
  /// what is in the same.
  func isVisible(_ other: Slot, to slot: Slot) -> Bool {
    processes[slot].container == .outside
      || processes[slot].container == processes[other].container
  }

  /// The process that a pid means to `slot`. One behind a wall looks like one that does not exist.
  func target(_ pid: GuestPID, of slot: Slot, unless defect: Defect? = nil) throws(Refusal) -> Slot
  {
    guard let target = processes.slot(of: process(pid, for: slot)) else { throw .noSuchProcess }
    if let defect, defects.contains(defect) { return target }
    guard isVisible(target, to: slot) else { throw .otherContainer }
    return target
  }

  // MARK: Budgets

  /// Takes a slot for a child of `slot` in each of its budgets, or in none.
  mutating func takeBudget(for slot: Slot) throws(Refusal) {
    if processes[slot].budgets.isEmpty { return }
    charge(.budgets, processes[slot].budgets.count)
    do {
      try budgets.takeSlot(in: processes[slot].budgets, beyond: budgetSlack(slot))
    } catch {
      emit(.refused(stamp(slot), .budget, limit: error.limit, held: error.held))
      throw .budget
    }
  }

  /// How many slots more than its limit a budget gives out.
  private func budgetSlack(_ slot: Slot) -> Int {
    if defects.isEmpty { return 0 }
    let looked = defects.contains(.checkThenTake) && processes[slot].pending != nil
    if defects.contains(.limitUnchecked) || looked { return Int(Int32.max) }
    return defects.contains(.limitOffByOne) ? 1 : 0
  }

  /// Takes a process out of its budgets while it still has its slot, which takes a defect.
  mutating func forgetBudgets(_ slot: Slot) {
    budgets.releaseSlot(in: processes[slot].budgets)
    processes[slot].budgets = []
  }

  mutating func limitProcesses(_ slot: Slot, to limit: Int32) throws(Refusal) -> CallOutcome {
    guard limit >= 1 else { throw .outOfRange }
    mergeBudgets(of: slot)
    let group = descendants(of: slot)
    charge(.processes, group.count)
    let budget: BudgetIndex
    if let own = processes[slot].budgets.last, !budgets[own].isPinned,
      // Whom it adopted is below it now, but counts elsewhere.
      group.allSatisfy({ processes[$0].budgets.contains(own) }),
      budgets[own].held == group.count || budgets[own].owner == processes[slot].pid
    {
      // It has one of its own, in which orphans count as well, or one that nobody else has. (A
      // container's own will count those that join.)
      guard Int(limit) >= budgets[own].held else { throw .budget }
      budgets.tighten(own, to: Int(limit))
      budget = own
    } else {
      budget = try impose(limit, on: group, owner: slot)
    }
    emit(.processesLimited(stamp(slot), limit: limit, held: budgets[budget].held))
    return .value(0)
  }

  /// Of two budgets that the same processes have, the lower limit is all that counts: so a process
  /// whose forebears had limits of their own, and are gone, has one of them and not all.
  private mutating func mergeBudgets(of slot: Slot) {
    for place in processes[slot].budgets.indices.reversed().dropLast() {
      let inner = processes[slot].budgets[place]
      let outer = processes[slot].budgets[place - 1]
      guard budgets[outer].held == budgets[inner].held, !budgets[outer].isPinned,
        !budgets[inner].isPinned, haveSameMembers(outer, inner)
      else { continue }
      budgets.tighten(inner, to: budgets[outer].limit)
      for member in processes.slotsByPID where processes[member].budgets.contains(outer) {
        processes[member].budgets.removeAll { $0 == outer }
        budgets.releaseSlot(in: [outer])
      }
    }
  }

  private mutating func haveSameMembers(_ a: BudgetIndex, _ b: BudgetIndex) -> Bool {
    charge(.processes, processes.usedCount)
    return processes.slotsByPID.allSatisfy {
      processes[$0].budgets.contains(a) == processes[$0].budgets.contains(b)
    }
  }

  /// Gives everybody in the group one more budget, with their children to come.
  private mutating func impose(_ limit: Int32, on group: [Slot], owner: Slot) throws(Refusal)
    -> BudgetIndex
  {
    guard limit >= 1 else { throw .outOfRange }
    guard Int(limit) >= group.count else { throw .budget }
    let new = budgets.insert(
      owner: processes[owner].pid, limit: Int(limit), held: group.count)
    for slot in group { processes[slot].budgets.append(new) }
    return new
  }

  /// A process and all below it, itself first.
  private func descendants(of slot: Slot) -> [Slot] {
    var found = [slot]
    var next = 0
    while next < found.count {
      var child = processes[found[next]].children.first
      while let here = child {
        found.append(here)
        child = processes[here].nextSibling
      }
      next += 1
    }
    return found
  }

  // MARK: Containers

  mutating func createContainer(_ slot: Slot, _ effects: inout Effects) throws(Refusal)
    -> CallOutcome
  {
    guard processes[slot].container == .outside else { throw .alreadyInContainer }
    guard processes[slot].pid != .initial else { throw .alreadyInContainer }
    let root = processes[slot].base.root
    guard let id = containers.create(initial: processes[slot].pid, root: root) else {
      throw .noContainer
    }
    fileSystem.retain(root)
    emit(.containerCreated(stamp(slot), id, initial: processes[slot].pid))
    enter(slot, id, &effects)
    return .value(0)
  }

  /// Makes a process a member. What it shares by name with others outside stays outside.
  private mutating func enter(_ slot: Slot, _ id: ContainerID, _ effects: inout Effects) {
    if !defects.contains(.handlesKeptOnEntering) { dropSharing(slot, &effects) }
    processes[slot].container = id
    emit(
      .containerEntered(stamp(slot), id, initial: containers[id]?.initial ?? .none))
    // Its children are on the other side of the wall now, and it could not wait for them.
    handOverChildren(of: slot, &effects) { $0.container != id }
  }

  /// The container that a process is in.
  private func ownContainer(_ slot: Slot) throws(Refusal) -> Container {
    guard let container = containers[processes[slot].container] else { throw .notInContainer }
    return container
  }

  mutating func setContainerRoot(_ slot: Slot, path address: UInt64, length: Int32)
    throws(Refusal) -> CallOutcome
  {
    let container = try ownContainer(slot)
    guard length > 0 else { throw .outOfRange }
    let path = try copyInPath(slot, address, length: Int(length))
    guard path.first == UInt8(ascii: "/") else { throw .notAbsolute }
    guard !container.hasOwnRoot else { throw .alreadySet }
    try setRoot(slot, to: path)
    let root = processes[slot].base.root
    fileSystem.retain(root)
    fileSystem.release(container.root)
    containers.update(container.id) {
      $0.root = root
      $0.rootPath = path
      $0.hasOwnRoot = true
    }
    emit(.containerRooted(stamp(slot), container.id, names.intern(path), root))
    return .value(0)
  }

  /// A path whose length was given; a NUL ends it before that.
  private mutating func copyInPath(_ slot: Slot, _ address: UInt64, length: Int) throws(Refusal)
    -> [UInt8]
  {
    if length >= limits.pathLength { return try copyInPath(slot, address) }
    guard let bytes = copyIn(slot, address, count: length) else { throw .badAddress }
    return Array(bytes.prefix { $0 != 0 })
  }

  mutating func limitContainer(_ slot: Slot, to limit: Int32) throws(Refusal) -> CallOutcome {
    let container = try ownContainer(slot)
    guard container.limit == 0 else { throw .alreadySet }
    guard let initial = processes.slot(of: container.initial) else { throw .noSuchProcess }
    charge(.processes, processes.usedCount)
    let members = processes.slotsByPID.filter { processes[$0].container == container.id }
    let budget = try impose(limit, on: members, owner: initial)
    budgets.pin(budget)
    containers.update(container.id) {
      $0.budget = budget
      $0.limit = limit
    }
    emit(
      .containerLimited(stamp(slot), container.id, limit: limit, held: budgets[budget].held))
    return .value(0)
  }

  mutating func joinContainer(_ slot: Slot, _ number: Int32, _ effects: inout Effects)
    throws(Refusal) -> CallOutcome
  {
    guard processes[slot].container == .outside, processes[slot].pid != .initial else {
      throw .alreadyInContainer
    }
    guard let container = containers[ContainerID(raw: number)] else { throw .noContainer }
    try requireNoOpenDirectory(slot)
    if let budget = container.budget, !defects.contains(.joinUncounted) {
      // It keeps the budgets it came with: whoever made those made them for it.
      do {
        try budgets.takeSlot(in: [budget])
      } catch {
        emit(.refused(stamp(slot), .budget, limit: error.limit, held: error.held))
        throw .budget
      }
      processes[slot].budgets.append(budget)
    }
    processes[slot].hasJoined = true
    if !defects.contains(.joinKeepsRoot) { changeBase(of: slot, to: container.root) }
    enter(slot, container.id, &effects)
    return .value(0)
  }

  mutating func containerInfo(_ slot: Slot, from number: Int32, into address: UInt64)
    throws(Refusal) -> CallOutcome
  {
    let own = processes[slot].container
    let found = containers.containers.first {
      $0.id.raw >= number && (own == .outside || $0.id == own || defects.contains(.infoAcross))
    }
    guard let found else { throw .noContainer }
    charge(.processes, processes.usedCount)
    let members = processes.slotsByPID.filter { processes[$0].container == found.id }
    var writer = LayoutWriter()
    for word in [
      found.id.raw, self.number(of: found.initial, for: slot).raw, Int32(members.count),
      found.limit,
    ] {
      writer.append(UInt32(bitPattern: word))
    }
    writer.append(found.rootPath, padded: 16)
    guard copyOut(slot, address, writer.bytes) else { throw .badAddress }
    return .value(Int64(found.id.raw))
  }

  /// Takes a container's processes, its init apart, out of the queues of those that are runnable and
  /// of those that sleep. One by one that would take the square of their number.
  ///
  /// - Returns: by slot, who is out.
  private mutating func takeFromLongQueues(_ id: ContainerID, but initial: ProcessID) -> [Bool] {
    var isOut = [Bool](repeating: false, count: processes.slotCount)
    for member in processes.slotsByPID
    where processes[member].container == id && processes[member].pid != initial {
      switch processes[member].state {
      case .runnable, .blocked(.sleep): isOut[Int(member)] = true
      case .running, .blocked, .exited: break
      }
    }
    scheduler.removeAll { isOut[Int($0)] }
    timers.removeAll { isOut[Int($0)] }
    return isOut
  }

  /// Ends a container whose init has exited: every process in it goes, and all that they held.
  mutating func endContainer(_ id: ContainerID, status: Int32, _ effects: inout Effects) {
    guard let container = containers[id] else { return }
    charge(.processes, processes.usedCount)
    let endsAlone = defects.contains(.containerOutlivesInit)
    let isOut = endsAlone ? [] : takeFromLongQueues(id, but: container.initial)
    for member in endsAlone ? [] : processes.slotsByPID
    where processes.isUsed(member) && processes[member].container == id
      && processes[member].pid != container.initial
    {
      if processes[member].exitStatus == nil {
        if !isOut[Int(member)] { leaveQueue(member) }
        exit(member, status: -1, cause: .containerEnd, &effects)
      }
      // Whoever has a parent outside is waited for there; nobody is left to wait for the others.
      if let parent = processes[member].parent, processes[parent].container != id { continue }
      reap(member, by: processes[member].parent ?? member)
    }
    let left = fileSystem.holding(of: id)
    emit(
      .containerEnded(
        machineStamp, id, status: status, inodes: left.inodes, blocks: left.blocks))
    fileSystem.release(container.root)
    if let budget = container.budget { budgets.unpin(budget) }
    containers.remove(id)
    effects.endsContainer = true
  }
}
