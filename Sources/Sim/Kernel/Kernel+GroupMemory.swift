// memory.max and what belongs to it. A frame counts in the group of the process that first used it until nobody uses
// it, whoever does by then (`FramePayers`). What the machine sets aside when a process is forked counts where that
// one was forked: what the kernel keeps of it until it is reaped, and a frame for each page that may have to be
// copied. So a group has what its end would make free, and a process that stays in its group never finds it full
// when it writes to a page that it shares by fork. Here is the one place where memory is taken and given back.

extension GroupControlFile {
  static let memoryFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "memory.max",
      read: { kernel, group, _ in GroupValue.text(kernel.groups[group]?[.memory].limit) },
      write: { (kernel, write, _) throws(Refusal) in
        let limit = try GroupValue.limit(write.value)
        kernel.groups.update(write.group) { $0[.memory].limit = limit }
        let control = kernel.names.intern(Array("memory.max".utf8))
        kernel.emit(.groupLimited(kernel.stamp(write.slot), write.group, control, to: limit))
      }),
    GroupControlFile(
      name: "memory.current",
      read: { kernel, group, _ in "\(kernel.groups[group]?[.memory].held ?? 0)\n" }),
    GroupControlFile(
      name: "memory.peak",
      read: { kernel, group, _ in "\(kernel.groups[group]?[.memory].peak ?? 0)\n" }),
    GroupControlFile(
      name: "memory.events",
      read: { kernel, group, _ in "max \(kernel.groups[group]?[.memory].refusals ?? 0)\n" }),
  ]
}

extension Kernel {
  // MARK: Frames

  /// Takes so many frames' worth of memory for a process, for frames that it is going to get.
  ///
  /// - Returns: the group in which they are to count.
  mutating func takeMemory(frames: Int, for slot: Slot) throws(Refusal) -> GroupID {
    let payer = processes[slot].group
    if payer == .root || frames == 0 { return payer }
    try take(.memory, frames * pageSize, for: slot, else: .noMemory)
    return payer
  }

  /// Gives back what was taken for frames that a process did not get.
  mutating func giveBackMemory(frames: Int, in payer: GroupID) {
    if payer == .root || frames == 0 { return }
    giveBack(.memory, frames * pageSize, in: payer)
  }

  /// A frame for which memory was taken; nil when the machine has none, and nothing is given back then.
  mutating func frame(payer: GroupID, keepingContents: Bool = false) -> PageFrame? {
    guard let frame = memory.allocate(keepingContents: keepingContents) else { return nil }
    if payer != .root { framePayers.insert(frame, payer: payer) }
    return frame
  }

  /// A frame for a process.
  mutating func takeFrame(for slot: Slot, keepingContents: Bool = false) throws(Refusal)
    -> PageFrame
  {
    let payer = try takeMemory(frames: 1, for: slot)
    if let frame = frame(payer: payer, keepingContents: keepingContents) { return frame }
    giveBackMemory(frames: 1, in: payer)
    throw .noMemory
  }

  /// One user of a frame less.
  ///
  /// - Parameter group: where the one is who lets go of it.
  mutating func dropFrame(_ frame: PageFrame, by group: GroupID) {
    memory.release(frame)
    if !framePayers.isEmpty, memory.userCount(frame) == 0 { repay(frame, by: group) }
  }

  /// A frame that nobody uses counts nowhere any more.
  private mutating func repay(_ frame: PageFrame, by group: GroupID) {
    var (payer, copiers) = framePayers.remove(frame)
    if defects.contains(.lastUserRepaid), payer != .root {
      // No count falls below zero: a group can have back what it has taken itself.
      payer = groups.takenItself(.memory, in: group) >= pageSize ? group : .root
    }
    giveBackMemory(frames: 1, in: payer)
    // None is owed of a frame without users; with a defect some may be.
    for copier in copiers { giveBackMemory(frames: 1, in: copier) }
  }

  /// After one user less of every frame of a table: those without users count nowhere any more, and a copy less is
  /// owed of each that others go on sharing by fork.
  mutating func repay(allIn table: borrowing PageTable, by group: GroupID) {
    if framePayers.isEmpty { return }
    table.forEachMapped { _, entry in
      let users = memory.userCount(entry.frame)
      if users == 0 {
        repay(entry.frame, by: group)
      } else if entry.isOwn {
        let copier = framePayers.removeCopy(of: entry.frame, owed: users, preferring: group)
        giveBackMemory(frames: 1, in: copier)
      }
    }
  }

  // MARK: Forks

  /// Takes memory for a fork: for what the kernel keeps of a process, and for pages that are copied or may be.
  mutating func takeForkMemory(copies: Int, for slot: Slot) throws(Refusal) {
    do throws(Refusal) {
      _ = try takeMemory(frames: Kernel.framesPerProcess + copies, for: slot)
    } catch {
      if defects.contains(.refusedForkCounts) {
        let kept = Kernel.framesPerProcess * pageSize
        try? groups.take(.memory, kept, in: processes[slot].group, checking: false)
      }
      throw error
    }
  }

  /// What the kernel kept of a process that is reaped.
  mutating func giveBackKept(of slot: Slot) {
    giveBackMemory(frames: Kernel.framesPerProcess, in: processes[slot].payer)
  }

  // MARK: Copies

  /// Whether a copy of a page's frame is owed to those who share it by fork.
  func owesCopy(of entry: PageEntry) -> Bool {
    entry.isOwn && memory.userCount(entry.frame) > 1 && copiesOwed > 0
  }

  /// One of those who share a page by fork lets go of it: of n there were n - 1 copies to come.
  ///
  /// - Parameter group: where the one is who does.
  mutating func forgetCopy(of entry: PageEntry, by group: GroupID) {
    guard owesCopy(of: entry) else { return }
    copiesOwed -= 1
    memory.unreserve(1)
    if framePayers.isEmpty { return }
    let owed = memory.userCount(entry.frame) - 1
    let payer = framePayers.removeCopy(of: entry.frame, owed: owed, preferring: group)
    giveBackMemory(frames: 1, in: payer)
  }

  /// A frame for a process's own copy of a page: the one that was set aside, if one was. It counts in the process's
  /// group from now on, and that has to have room for it if it was another's.
  mutating func takeCopyFrame(of entry: PageEntry, for slot: Slot) -> PageFrame? {
    let group = processes[slot].group
    if group == .root, framePayers.isEmpty {
      forgetCopy(of: entry, by: group)
      return memory.allocate()
    }
    guard owesCopy(of: entry) else { return try? takeFrame(for: slot) }
    let owed = memory.userCount(entry.frame) - 1
    let payer = framePayers.removeCopy(of: entry.frame, owed: owed, preferring: group)
    let taker = defects.contains(.copyUncounted) ? .root : group
    do throws(FullGroup) {
      try groups.move(.memory, pageSize, from: payer, to: taker)
    } catch {
      framePayers.addCopy(of: entry.frame, payer: payer)
      _ = refuse(error, .memory, slot, .noMemory)
      return nil
    }
    copiesOwed -= 1
    memory.unreserve(1)
    return frame(payer: taker)
  }

  // MARK: What /proc shows

  /// The smallest limit of memory that holds for a process; nil without one.
  func memoryLimit(of slot: Slot) -> Int? {
    groups.path(to: processes[slot].group).compactMap { groups[$0]?[.memory].limit }.min()
  }
}
