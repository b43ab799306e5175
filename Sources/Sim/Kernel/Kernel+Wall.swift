// The wall that every call that names another process looks through.

extension Kernel {
  /// Whether `viewer` can name `slot`: outside any container everything is in sight, inside one only
  /// what is in the same.
  func isVisible(_ slot: Slot, to viewer: Slot) -> Bool {
    processes[viewer].container == .outside
      || processes[viewer].container == processes[slot].container
  }

  /// The processes that `viewer` can name, in the order of the numbers by which it knows them.
  func inSight(of viewer: Slot) -> [Slot] {
    if processes[viewer].container == .outside || defects.contains(.listAcross) {
      return processes.slotsByPID
    }
    return containers[processes[viewer].container]?.members.slots ?? []
  }

  /// The same without threads that are not the first of their process.
  func processesInSight(of viewer: Slot) -> [Slot] {
    inSight(of: viewer).filter { processes[$0].leader == nil }
  }

  /// The process that a number means to `viewer`. One behind the wall is not there.
  ///
  /// - Parameter defect: a mistake that looks through the wall where nobody on this side has the number.
  func target(_ number: GuestPID, of viewer: Slot, unless defect: Defect? = nil) throws(Refusal)
    -> Slot
  {
    if let slot = slot(of: number, for: viewer) { return slot }
    let looksAcross = defects.contains(.pidAcross) || defect.map { defects.contains($0) } ?? false
    guard looksAcross, let slot = slot(ofMachineWide: number) else { throw .noSuchProcess }
    return slot
  }
}
