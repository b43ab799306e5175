// Two names of one process. The machine knows it by its `ProcessID`, and so do events and the kernel's own
// words; a guest knows it by a number: inside a container by the one that the container has given it, outside
// any by the machine's. Every call that takes or gives a pid translates here and nowhere else.

extension Kernel {
  // MARK: Translating

  /// The number by which `viewer` knows a process; none if that is not in sight.
  func number(of slot: Slot, for viewer: Slot) -> GuestPID {
    if !isVisible(slot, to: viewer) {
      return defects.contains(.listAcross) ? machineWideNumber(of: slot) : .none
    }
    return processes[viewer].container == .outside
      ? machineWideNumber(of: slot) : processes[slot].number
  }

  /// The same, for a process by its machine-wide identity.
  func number(of process: ProcessID, for viewer: Slot) -> GuestPID {
    processes.slot(of: process).map { number(of: $0, for: viewer) } ?? .none
  }

  /// What fork gives the parent.
  func number(ofChild child: Slot, for parent: Slot) -> GuestPID {
    defects.contains(.forkGivesMachinePID)
      ? machineWideNumber(of: child) : number(of: child, for: parent)
  }

  /// The process that `viewer` knows by a number.
  func slot(of number: GuestPID, for viewer: Slot) -> Slot? {
    let container = processes[viewer].container
    if container == .outside { return slot(ofMachineWide: number) }
    return containers[container]?.members[number]
  }

  /// The number by which a process is known outside; and, with a mistake, inside.
  func machineWideNumber(of slot: Slot) -> GuestPID { GuestPID(raw: processes[slot].pid.raw) }

  func slot(ofMachineWide number: GuestPID) -> Slot? {
    processes.slot(of: ProcessID(raw: number.raw))
  }

  /// The number by which the kernel's own words name a process, where they are read: the machine's on the console,
  /// its own in a container.
  func machineOrOwnNumber(of slot: Slot) -> GuestPID { number(of: slot, for: slot) }

  /// What a guest has written as a number of a process; nil for one that none can have.
  func number(given number: Int) -> GuestPID? { Int32(exactly: number).map { GuestPID(raw: $0) } }

  // MARK: Giving numbers

  /// Gives a process a number of the container that it has come into, if it is in one.
  mutating func giveNumber(to slot: Slot) {
    processes[slot].number = containers.admit(
      slot, to: processes[slot].container, again: defects.contains(.pidGivenAgain))
  }

  /// Takes a process that is reaped out of its container, if that is still there.
  mutating func takeNumber(from slot: Slot) {
    containers.dismiss(processes[slot].number, from: processes[slot].container)
  }
}
