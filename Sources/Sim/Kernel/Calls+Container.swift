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
  func target(_ pid: Int32, of slot: Slot, unless defect: Defect? = nil) throws(Refusal) -> Slot {
    guard let target = processes.slot(of: ProcessID(raw: pid)) else { throw .noSuchProcess }
    if let defect, defects.contains(defect) { return target }
    guard isVisible(target, to: slot) else { throw .otherContainer }
    return target
  }

  // MARK: Budgets

  /// Takes a slot for a child of `slot` in every budget around it, or in none.
  mutating func takeBudget(for slot: Slot) throws(Refusal) {
    let innermost = processes[slot].budgets
    if innermost.isEmpty { return }
    do {
      try budgets.takeSlot(in: budgets.enclosing(innermost), beyond: budgetSlack(slot))
    } catch {
      emit(.refused(stamp(slot), .fork, .budget, limit: error.limit, held: error.held))
      throw .budget
    }
    for index in innermost { budgets.retain(index) }
  }

  /// How many slots more than its limit a budget gives out.
  private func budgetSlack(_ slot: Slot) -> Int {
    if defects.isEmpty { return 0 }
    let looked = defects.contains(.checkThenTake) && processes[slot].hasPendingCall
    if defects.contains(.limitUnchecked) || looked { return Int(Int32.max) }
    return defects.contains(.limitOffByOne) ? 1 : 0
  }

  /// Gives a slot back in every budget around these.
  mutating func releaseBudget(_ innermost: [BudgetIndex]) {
    if innermost.isEmpty { return }
    budgets.releaseSlot(in: budgets.enclosing(innermost))
    for index in innermost { budgets.release(index) }
  }

  /// Takes a process out of its budgets while it still has its slot, which takes a defect.
  mutating func forgetBudgets(_ slot: Slot) {
    releaseBudget(processes[slot].budgets)
    processes[slot].budgets = []
  }

  mutating func limitProcesses(_ slot: Slot, to limit: Int32) throws(Refusal) -> CallOutcome {
    _ = try impose(limit, on: descendants(of: slot), owner: slot)
    return .value(0)
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

  /// Puts `group`, and what is forked in it, under a limit inside the owner's present budget.
  ///
  /// - Returns: the budget.
  private mutating func impose(_ limit: Int32, on group: [Slot], owner: Slot) throws(Refusal)
    -> BudgetIndex
  {
    guard limit >= 1 else { throw .outOfRange }
    let outer = processes[owner].budgets.first
    let strangers = group.filter { isStranger($0, to: outer) }
    if let outer, strangers.isEmpty, budgets[outer].owner == processes[owner].pid {
      // It has a budget of its own, in which orphans count as well.
      guard Int(limit) >= budgets[outer].held else { throw .budget }
      budgets.tighten(outer, to: Int(limit))
      return outer
    }
    // Budgets of descendants come to lie inside the new one, with everybody who is under them.
    var inner: [BudgetIndex] = []
    var direct: [Slot] = []
    for slot in group {
      if let top = budgetBelow(outer, of: slot) {
        if !inner.contains(top) { inner.append(top) }
      } else {
        direct.append(slot)
      }
    }
    let held = direct.count + inner.reduce(0) { $0 + budgets[$1].held }
    guard Int(limit) >= held else { throw .budget }
    try takeIn(strangers, under: outer)
    let new = budgets.insert(
      owner: processes[owner].pid, limit: Int(limit), held: held, parent: outer)
    for index in inner { budgets.move(index, into: new) }
    for slot in direct {
      budgets.retain(new)
      if let outer, let place = processes[slot].budgets.firstIndex(of: outer) {
        processes[slot].budgets[place] = new
        budgets.release(outer)
      } else {
        processes[slot].budgets.append(new)
      }
    }
    return new
  }

  /// Whether a process counts in none or not in all of the budgets from `outer` outwards: it joined
  /// the container when that had no budget yet.
  private func isStranger(_ slot: Slot, to outer: BudgetIndex?) -> Bool {
    guard let outer else { return false }
    return !budgets.enclosing(processes[slot].budgets).contains(outer)
  }

  /// Counts these processes in `outer` and what is around it, all of them or none.
  private mutating func takeIn(_ strangers: [Slot], under outer: BudgetIndex?) throws(Refusal) {
    guard let outer else { return }
    var taken: [[BudgetIndex]] = []
    for slot in strangers {
      let own = budgets.enclosing(processes[slot].budgets)
      let missing = budgets.enclosing([outer]).filter { !own.contains($0) }
      guard (try? budgets.takeSlot(in: missing)) != nil else {
        for chain in taken { budgets.releaseSlot(in: chain) }
        throw .budget
      }
      taken.append(missing)
    }
  }

  /// The outermost of a process's budgets that lies inside `outer`, if there is one.
  private func budgetBelow(_ outer: BudgetIndex?, of slot: Slot) -> BudgetIndex? {
    budgets.enclosing(processes[slot].budgets).last { budgets[$0].parent == outer }
  }

  // MARK: Containers

  mutating func createContainer(_ slot: Slot) throws(Refusal) -> CallOutcome {
    guard processes[slot].container == .outside else { throw .alreadyInContainer }
    guard processes[slot].pid != .initial else { throw .alreadyInContainer }
    let root = processes[slot].base.root
    let budget = processes[slot].budgets.first
    guard
      let id = containers.create(initial: processes[slot].pid, root: root, budget: budget)
    else { throw .noContainer }
    fileSystem.retain(root)
    if let budget { budgets.retain(budget) }
    emit(.containerCreated(stamp(slot), id, initial: processes[slot].pid))
    enter(slot, id)
    return .value(0)
  }

  /// Makes a process a member. What it shares by name with others outside stays outside.
  private mutating func enter(_ slot: Slot, _ id: ContainerID) {
    if !defects.contains(.handlesKeptOnEntering) { dropSharing(slot) }
    processes[slot].container = id
    emit(
      .containerEntered(stamp(slot), id, initial: containers[id]?.initial ?? .none))
    // Its children are on the other side of the wall now, and it could not wait for them.
    handOverChildren(of: slot) { $0.container != id }
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
  private func copyInPath(_ slot: Slot, _ address: UInt64, length: Int) throws(Refusal)
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
    var group = descendants(of: initial)
    for member in processes.slotsByPID
    where processes[member].container == container.id && !group.contains(member) {
      group.append(member)
    }
    let budget = try impose(limit, on: group, owner: initial)
    budgets.retain(budget)
    if let old = container.budget { budgets.release(old) }
    containers.update(container.id) {
      $0.budget = budget
      $0.limit = limit
    }
    emit(
      .containerLimited(stamp(slot), container.id, limit: limit, held: budgets[budget].held))
    return .value(0)
  }

  mutating func joinContainer(_ slot: Slot, _ number: Int32) throws(Refusal) -> CallOutcome {
    guard processes[slot].container == .outside, processes[slot].pid != .initial else {
      throw .alreadyInContainer
    }
    guard let container = containers[ContainerID(raw: number)] else { throw .noContainer }
    try requireNoOpenDirectory(slot)
    if let budget = container.budget, !defects.contains(.joinUncounted) {
      // It goes on holding its slot in the budgets it came from: who made those made them for it.
      let own = budgets.enclosing(processes[slot].budgets)
      let new = budgets.enclosing([budget]).filter { !own.contains($0) }
      do {
        try budgets.takeSlot(in: new)
      } catch {
        emit(
          .refused(stamp(slot), .containerJoin, .budget, limit: error.limit, held: error.held))
        throw .budget
      }
      if !own.contains(budget) {
        budgets.retain(budget)
        processes[slot].budgets.append(budget)
      }
    }
    if !defects.contains(.joinKeepsRoot) { changeBase(of: slot, to: container.root) }
    enter(slot, container.id)
    return .value(0)
  }

  mutating func containerInfo(_ slot: Slot, from number: Int32, into address: UInt64)
    throws(Refusal) -> CallOutcome
  {
    let own = processes[slot].container
    let found = containers.containers.first {
      $0.id.raw >= number && (own == .outside || $0.id == own)
    }
    guard let found else { throw .noContainer }
    let members = processes.slotsByPID.filter { processes[$0].container == found.id }
    var writer = LayoutWriter()
    for word in [found.id.raw, found.initial.raw, Int32(members.count), found.limit] {
      writer.append(UInt32(bitPattern: word))
    }
    writer.append(found.rootPath, padded: 16)
    guard copyOut(slot, address, writer.bytes) else { throw .badAddress }
    return .value(Int64(found.id.raw))
  }

  /// Ends a container whose init has exited: every process in it goes, and all that they held.
  mutating func endContainer(_ id: ContainerID, status: Int32) {
    guard let container = containers[id] else { return }
    for member in defects.contains(.containerOutlivesInit) ? [] : processes.slotsByPID
    where processes.isUsed(member) && processes[member].container == id
      && processes[member].pid != container.initial
    {
      if processes[member].exitStatus == nil {
        leaveQueue(member)
        exit(member, status: -1, cause: .containerEnd)
      }
      // Whoever has a parent outside is waited for there; nobody is left to wait for the others.
      if let parent = processes[member].parent, processes[parent].container != id { continue }
      reap(member, by: processes[member].parent ?? member)
    }
    emit(.containerEnded(machineStamp, id, status: status))
    fileSystem.release(container.root)
    if let budget = container.budget { budgets.release(budget) }
    containers.remove(id)
    containerEnded = true
  }
}
