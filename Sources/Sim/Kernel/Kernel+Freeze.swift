// Frozen and throttled groups, and being killed with a group. A process that could run and may not is held back: it is blocked,
// with the reason, and in no queue. `enqueue` holds back whoever would come in line, `settleHeld` whoever is
// in line or on a hart already; a hart lets go of its process before that does anything else.

extension GroupControlFile {
  static let stateFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "cgroup.freeze",
      read: { kernel, group, _ in kernel.groups[group]?.isFrozen ?? false ? "1\n" : "0\n" },
      write: { (kernel, write, effects) throws(Refusal) in try kernel.freeze(write, &effects) }),
    GroupControlFile(
      name: "cgroup.kill", read: { _, _, _ in "" },
      write: { (kernel, write, effects) throws(Refusal) in try kernel.killAll(write, &effects) }),
  ]
}

extension Kernel {
  /// Why a process may not run that could; nil if it may. One that was killed runs to its end.
  @inline(__always)
  func holdsBack(_ slot: Slot) -> WaitReason? {
    processes[slot].group == .root ? nil : holdsBackInGroup(slot)
  }

  private func holdsBackInGroup(_ slot: Slot) -> WaitReason? {
    if processes[slot].isKilled { return nil }
    let group = processes[slot].group
    if defects.contains(.freezeOwnOnly) {
      if groups[group]?.isFrozen ?? false { return .frozen(group) }
      return groups.throttledGroup(around: group).map { .throttled($0) }
    }
    if let frozen = groups.frozenGroup(around: group) { return .frozen(frozen) }
    return groups.throttledGroup(around: group).map { .throttled($0) }
  }

  /// Holds back whoever may not run any more, and lets go on whoever may again.
  mutating func settleHeld(_ slots: [Slot], _ effects: inout Effects) {
    for slot in slots {
      let reason = holdsBack(slot)
      switch processes[slot].state {
      case .runnable:
        guard let reason else { continue }
        scheduler.remove(slot, priority: processes[slot].priority)
        block(slot, on: reason)
      case .running: if reason != nil { effects.holdsBack = true }
      // One that is held back for another reason from now on goes from one to the other.
      case .blocked(let old) where old.isHolding: if reason != old { wake(slot, &effects) }
      case .blocked, .exited: break
      }
    }
  }

  fileprivate mutating func freeze(_ write: GroupWrite, _ effects: inout Effects) throws(Refusal) {
    guard let value = GroupValue.number(write.value), value <= 1 else { throw .badValue }
    groups.update(write.group) { $0.isFrozen = value == 1 }
    emit(
      .groupLimited(
        stamp(write.slot), write.group, names.intern(Array("cgroup.freeze".utf8)), to: value))
    if defects.contains(.freezeForgotten) { return }
    settleHeld(members(of: groups.subtree(of: write.group)), &effects)
  }

  fileprivate mutating func killAll(_ write: GroupWrite, _ effects: inout Effects) throws(Refusal) {
    guard GroupValue.number(write.value) == 1 else { throw .badValue }
    for slot in members(of: groups.subtree(of: write.group)) {
      emit(.killed(stamp(write.slot), processes[slot].pid))
      kill(slot, &effects)
    }
  }
}
