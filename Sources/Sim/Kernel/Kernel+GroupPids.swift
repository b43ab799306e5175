// pids.max and what belongs to it. A group's process slots are counted by a `ProcessBudget` like any other, of
// which a container's is what cm_maxproc sets: so there is one place where a slot is taken and given back.

extension GroupControlFile {
  static let pidsFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "pids.max",
      read: { kernel, group, _ in GroupValue.text(kernel.processLimit(of: group)) },
      write: { (kernel, write, _) throws(Refusal) in
        try kernel.limitProcesses(of: write.group, to: write.value, by: write.slot)
      }),
    GroupControlFile(
      name: "pids.current",
      read: { kernel, group, _ in "\(kernel.budget(of: group)?.held ?? 0)\n" }),
    GroupControlFile(
      name: "pids.peak",
      read: { kernel, group, _ in "\(kernel.budget(of: group)?.peak ?? 0)\n" }),
    GroupControlFile(
      name: "pids.events",
      read: { kernel, group, _ in "max \(kernel.budget(of: group)?.refusals ?? 0)\n" }),
  ]
}

extension Kernel {
  fileprivate func budget(of group: GroupID) -> ProcessBudget? {
    groups[group]?.budget.map { budgets[$0] }
  }

  fileprivate func processLimit(of group: GroupID) -> Int? {
    budget(of: group).flatMap { $0.limit == ProcessBudget.unlimited ? nil : $0.limit }
  }

  fileprivate mutating func limitProcesses(of id: GroupID, to value: [UInt8], by slot: Slot)
    throws(Refusal)
  {
    let limit = try GroupValue.limit(value)
    guard let group = groups[id], let budget = group.budget else { throw .notFound }
    setProcessLimit(of: group, budget, to: limit ?? ProcessBudget.unlimited)
    emit(.groupLimited(stamp(slot), id, names.intern(Array("pids.max".utf8)), to: limit))
  }

  /// Sets a group's limit; a container's own is what cm_info tells, and cm_maxproc does not set it again.
  mutating func setProcessLimit(of group: Group, _ budget: BudgetIndex, to limit: Int) {
    budgets.setLimit(budget, to: limit)
    guard group.isContainers else { return }
    containers.update(group.owner) {
      $0.limit = limit == ProcessBudget.unlimited ? 0 : Int32(clamping: limit)
      $0.isLimited = true
    }
  }
}
