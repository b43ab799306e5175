// The tree of groups as processes see and change it: names below /cgroup, groups made and removed, processes
// moved. A container sees its own group as the root, and nothing else of the tree; of its own group it reads the
// limits, and it sets those of the groups below. What is in a group's files is in `Kernel+GroupFiles.swift`.

extension Kernel {
  /// The tree; `Volumes` has it, for its directories are a file system.
  package internal(set) var groups: GroupTable {
    _read { yield volumes.groups }
    _modify { yield &volumes.groups }
  }

  // MARK: In sight

  /// The group that a container's processes see as the root; none for a container that has ended.
  package func topGroup(of container: ContainerID) -> GroupID {
    if container == .outside { return .root }
    return containers[container]?.group ?? .none
  }

  private func topGroup(for viewer: Slot) -> GroupID { topGroup(of: processes[viewer].container) }

  /// Whether a process sees a group: the whole tree outside containers, in one its own part.
  func sees(_ group: GroupID, _ viewer: Slot) -> Bool {
    groups.isInside(topGroup(for: viewer), group)
      || defects.contains(.groupsInSight) && groups[group] != nil
  }

  /// Whether a process reaches nothing from a directory: it was removed, or is of a group that was in sight before the
  /// process came into a container.
  package func leadsNowhere(_ directory: FileID, for viewer: Slot) -> Bool {
    directory.volume == .groups
      ? !sees(GroupVolume.node(directory.inode).group, viewer) : volumes.isRemoved(directory)
  }

  /// The directory that a mount of groups shows to a process.
  func groupDirectory(for viewer: Slot) -> FileID {
    FileID(.groups, GroupVolume.inode(of: .directory(topGroup(for: viewer))))
  }

  /// What a name in a directory of /cgroup stands for to a process.
  package func lookUpInGroups(_ name: Name, in directory: InodeNumber, for viewer: Slot) -> FileID?
  {
    if name == .current { return FileID(.groups, directory) }
    guard case .directory(let group) = GroupVolume.node(directory), sees(group, viewer) else {
      return nil
    }
    if name == .parent {
      let parent = groups.parent(of: directory)
      return FileID(.groups, group == topGroup(for: viewer) ? directory : parent)
    }
    if let place = GroupControlFile.place(of: name, in: group) {
      return FileID(.groups, GroupVolume.inode(of: .file(place, of: group)))
    }
    return groups.child(name, of: group).map {
      FileID(.groups, GroupVolume.inode(of: .directory($0.id)))
    }
  }

  /// The path of a process's group, from the group that the viewer sees as the root.
  func groupPath(of slot: Slot, for viewer: Slot) -> [UInt8] {
    let above = groups.path(to: topGroup(for: viewer)).count
    let names = groups.path(to: processes[slot].group).dropFirst(above).compactMap {
      groups[$0]?.name
    }
    let slash = UInt8(ascii: "/")
    return names.isEmpty ? [slash] : names.flatMap { [slash] + $0.bytes }
  }

  // MARK: Making and removing

  /// Makes a group under a name that nothing there has.
  mutating func makeGroup(_ slot: Slot, _ name: Name, in directory: InodeNumber) throws(Refusal)
    -> FileID
  {
    let parent = GroupVolume.node(directory).group
    guard sees(parent, slot), let above = groups[parent] else { throw .notFound }
    if parent == .root, isContainersName(name) { throw .badName }
    guard groups.madeCount(for: above.owner) < GroupTable.madeAtMost else { throw .noGroupRoom }
    guard let group = insertGroup(name, in: parent, owner: above.owner, maker: slot) else {
      throw .noGroupRoom
    }
    return FileID(.groups, GroupVolume.inode(of: .directory(group)))
  }

  /// Whether a name is, or will be, that of a container's own group.
  private func isContainersName(_ name: Name) -> Bool {
    let bytes = name.bytes
    return bytes.count > 1 && bytes[0] == UInt8(ascii: "c")
      && bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private mutating func insertGroup(
    _ name: Name, in parent: GroupID, owner: ContainerID, isContainers: Bool = false, maker: Slot
  ) -> GroupID? {
    guard let id = groups.nextID else { return nil }
    charge(.groups, groups.groups.count)
    let budget = budgets.insert(for: id, owner: processes[maker].pid)
    addToShares(id, below: parent)
    groups.insert(
      Group(
        id: id, parent: parent, name: name, owner: owner, isContainers: isContainers,
        budget: budget))
    emit(.groupMade(stamp(maker), id, in: parent, names.intern(name.bytes), owner: owner))
    return id
  }

  /// Removes a group that nobody is in and nothing is below.
  mutating func removeGroup(_ slot: Slot, _ directory: FileID) throws(Refusal) {
    guard case .directory(let id) = GroupVolume.node(directory.inode) else { throw .notAGroup }
    guard sees(id, slot), let group = groups[id] else { throw .notFound }
    charge(.groups, groups.groups.count)
    if group.children > 0 { throw .notEmpty }
    if group.isContainers || group.members > 0 { throw .groupInUse }
    dropGroup(group)
    emit(.groupRemoved(stamp(slot), id))
  }

  private mutating func dropGroup(_ group: Group) {
    settleTime()
    if group.processor.throttledSince != nil { timers.remove(group.id) }
    scheduler.dropGroup(group.id)
    if let budget = group.budget { budgets.unpin(budget) }
    groups.remove(group.id)
  }

  /// Makes a container's own group, in which its first process is from then on.
  mutating func makeGroup(of container: ContainerID, for slot: Slot) throws(Refusal) {
    let name = Name("c\(container.raw)".utf8)
    guard
      let group = insertGroup(
        name, in: .root, owner: container, isContainers: true, maker: slot)
    else { throw .noGroupRoom }
    containers.update(container) { $0.group = group }
    try move(slot, to: group)
  }

  /// Removes the groups of a container that has ended.
  mutating func removeGroups(of container: ContainerID) {
    charge(.groups, groups.groups.count)
    if defects.contains(.groupsOutlive) { return }
    for group in groups.groups.reversed() where group.owner == container && !group.isRemoved {
      dropGroup(group)
      emit(.groupRemoved(machineStamp, group.id))
    }
  }

  // MARK: Processes

  /// Moves a process into another group: its slot counts there, or nothing changes.
  ///
  /// - Parameter counting: false where no slot is taken, which takes a defect.
  mutating func move(_ slot: Slot, to new: GroupID, counting: Bool = true) throws(Refusal) {
    let old = processes[slot].group
    if old == new { return }
    let left = groups.path(to: old)
    let entered = groups.path(to: new)
    charge(.groups, left.count + entered.count)
    var common = 0
    while common < left.count, common < entered.count, left[common] == entered[common] {
      common += 1
    }
    let gained = entered.dropFirst(common).compactMap { groups[$0]?.budget }
    if counting {
      do {
        try budgets.takeSlot(in: gained)
      } catch {
        throw refuse(error, slot)
      }
    }
    let lost = left.dropFirst(common).compactMap { groups[$0]?.budget }
      .filter { processes[slot].budgets.contains($0) }
    budgets.releaseSlot(in: lost)
    processes[slot].budgets.removeAll { lost.contains($0) }
    // A process's groups come first among its budgets, from the outermost on.
    if counting {
      let place = min(common, processes[slot].budgets.count)
      processes[slot].budgets.insert(contentsOf: gained, at: place)
    }
    settleTime(of: slot)
    processes[slot].group = new
    scheduler.moveProcess(
      slot, to: new, priority: processes[slot].priority, used: processes[slot].instructions)
    if old != .root, !defects.contains(.moveKeepsCount) {
      groups.update(old) { $0.members -= 1 }
    }
    if new != .root { groups.update(new) { $0.members += 1 } }
    emit(.groupEntered(stamp(slot), new, from: old, by: currentPID))
  }

  /// A child is in its parent's group.
  mutating func enterGroup(ofChild slot: Slot) {
    if processes[slot].group == .root { return }
    if defects.contains(.childInRoot) {
      processes[slot].group = .root
    } else {
      groups.update(processes[slot].group) { $0.members += 1 }
    }
  }

  /// A process that has exited is in no group; its slot counts until it is reaped.
  mutating func leaveGroup(_ slot: Slot) {
    let group = processes[slot].group
    if group != .root { groups.update(group) { $0.members -= 1 } }
  }

  /// The processes in some groups that have not exited, in order of their pids.
  mutating func members(of groups: [GroupID]) -> [Slot] {
    charge(.processes, processes.usedCount)
    return processes.slotsByPID.filter {
      processes[$0].exitStatus == nil && groups.contains(processes[$0].group)
    }
  }

  // MARK: Resources

  /// Takes so much of a resource for a process, in its group and in all above it, or in none: the one way to it.
  mutating func take(_ resource: GroupResource, _ amount: Int, for slot: Slot, else why: Refusal)
    throws(Refusal)
  {
    let group = processes[slot].group
    if group == .root { return }
    if processes[slot].container != .outside {
      try requireUnreserved(resource, amount, for: slot, else: why)
    }
    do {
      try groups.take(
        resource, amount, in: group, checking: !defects.contains(.groupLimitUnchecked))
    } catch {
      throw refuse(error, resource, slot, why)
    }
  }

  /// Notes that a group had no room for what a process wanted.
  mutating func refuse(
    _ full: FullGroup, _ resource: GroupResource, _ slot: Slot, _ why: Refusal
  ) -> Refusal {
    emit(
      .refused(
        stamp(slot), why, limit: full.limit, held: full.held, group: full.group,
        of: names.intern(Array(resource.name.utf8))))
    return why
  }

  /// Gives back what was taken by somebody in this group.
  mutating func giveBack(_ resource: GroupResource, _ amount: Int, in group: GroupID) {
    groups.giveBack(resource, amount, in: group)
  }

  /// Tells what groups have of each resource of which that has changed since it was last told. Not at each change:
  /// a process that touches pages would make an event of each. What there was in between is told as the most.
  mutating func tellGroupUses() {
    guard groups.hasUntold else { return }
    var untold: [(GroupID, GroupResource, ResourceUse)] = []
    groups.takeUntold { untold.append(($0, $1, $2)) }
    for (group, resource, use) in untold {
      emit(.groupUsed(machineStamp, group, names.intern(Array(resource.name.utf8)), use))
    }
  }
}
