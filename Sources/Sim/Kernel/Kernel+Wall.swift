// The wall around a container: every call that names another process looks through it here.

extension Kernel {
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
}
