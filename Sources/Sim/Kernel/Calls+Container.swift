// Calls about containers: how one is made, entered, given a root and a limit, and how it ends.

extension Kernel {
  mutating func createContainer(_ slot: Slot, _ effects: inout Effects) throws(Refusal)
    -> CallOutcome
  {
    guard processes[slot].container == .outside else { throw .alreadyInContainer }
    guard processes[slot].pid != .initial else { throw .alreadyInContainer }
    try requireNoThreads(slot)
    let root = processes[common: slot].base.root
    guard let id = containers.create(initial: processes[slot].pid, root: root) else {
      throw .noContainer
    }
    volumes.retain(root.file)
    copyMounts(to: id)
    emit(.containerCreated(stamp(slot), id, initial: processes[slot].pid))
    try makeGroup(of: id, for: slot)
    showOwnGroup(to: id)
    enter(slot, id, &effects)
    return .value(0)
  }

  /// A wall does not go through a process: one with several threads stays where it is.
  private func requireNoThreads(_ slot: Slot) throws(Refusal) {
    if processes.hasThreads(slot) { throw .hasThreads }
  }

  /// Makes a process a member. What it shares by name with others outside stays outside.
  private mutating func enter(_ slot: Slot, _ id: ContainerID, _ effects: inout Effects) {
    if !defects.contains(.handlesKeptOnEntering) { dropSharing(slot, &effects) }
    processes[slot].container = id
    giveNumber(to: slot)
    emit(
      .containerEntered(
        stamp(slot), id, initial: containers[id]?.initial ?? .none, as: processes[slot].number))
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
    let root = processes[common: slot].base.root
    volumes.retain(root.file)
    volumes.release(container.root.file)
    containers.update(container.id) {
      $0.root = root
      $0.rootPath = path
      $0.hasOwnRoot = true
    }
    emit(.containerRooted(stamp(slot), container.id, names.intern(path), root.file))
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
    guard !container.isLimited else { throw .alreadySet }
    guard limit >= 1 else { throw .outOfRange }
    guard let group = groups[container.group], let budget = group.budget else {
      throw .notInContainer
    }
    charge(.processes, processes.usedCount)
    guard Int(limit) >= budgets[budget].held else { throw .budget }
    setProcessLimit(of: group, budget, to: Int(limit))
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
    try requireNoThreads(slot)
    try requireNoOpenDirectory(slot)
    // It keeps the budgets that maxproc made for it before.
    try move(slot, to: container.group, counting: !defects.contains(.joinUncounted))
    // The container may be frozen, or have used its time.
    effects.holdsBack = true
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
    let described = ContainerDescription(
      container: found.id.raw, initial: self.number(of: found.initial, for: slot),
      processes: Int32(found.members.count), limit: found.limit, root: found.rootPath)
    guard copyOut(slot, address, described.bytes) else { throw .badAddress }
    return .value(Int64(found.id.raw))
  }

  /// Takes a container's processes, its init apart, out of the queues of those that are runnable and
  /// of those that sleep. One by one that would take the square of their number.
  ///
  /// - Returns: by slot, whether it was taken out.
  private mutating func takeFromLongQueues(_ id: ContainerID, but initial: ProcessID) -> [Bool] {
    var isOut = [Bool](repeating: false, count: processes.slotCount)
    for member in processes.slotsByPID
    where processes[member].container == id && processes[member].pid != initial {
      switch processes[member].state {
      case .runnable, .blocked(.sleep), .blocked(.fileData), .blocked(.sending):
        isOut[Int(member)] = true
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
    endingContainer = id
    defer { endingContainer = nil }
    let isOut = endsAlone ? [] : takeFromLongQueues(id, but: container.initial)
    // Threads before the process that they are of, which takes them out of queues itself otherwise.
    let members =
      processes.slotsByPID.filter { processes[$0].leader != nil }
      + processes.slotsByPID.filter { processes[$0].leader == nil }
    for member in endsAlone ? [] : members
    where processes.isUsed(member) && processes[member].container == id
      && processes[member].pid != container.initial
    {
      if processes[member].exitStatus == nil {
        if !isOut[Int(member)] { leaveQueue(member) }
        exit(member, status: -1, cause: .containerEnd, &effects)
      }
      // A process with a parent outside is waited for there; the others have nobody left to wait for them.
      if let parent = processes[member].parent, processes[parent].container != id { continue }
      reap(member, by: processes[member].parent ?? member)
    }
    let left = fileSystem.holding(of: id)
    emit(
      .containerEnded(
        machineStamp, id, status: status, inodes: left.inodes, blocks: left.blocks))
    volumes.release(container.root.file)
    dropMounts(of: id)
    network.links.detach(id)
    network.loopbacks.remove(id)
    removeGroups(of: id)
    containers.remove(id)
    effects.endsOthers = true
  }
}
