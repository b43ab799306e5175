// What is kept for processes outside containers, of the family of limits. After a process in a container has forked,
// begun a program, opened a file, or made a pipe, a socket, a shared page or a mutex, no less is free of what that takes than is
// kept, counted anew from the machine's tables. Blocks, inodes, and pages got otherwise are not looked at.

import Sim

struct ReserveInvariant: Sendable {
  /// After an event of a process in a container.
  func see(_ event: Event, in machine: borrowing Simulation, _ findings: inout Findings) {
    let kernel = machine.kernel
    let kept = kernel.reserve
    func require(_ free: Int, _ kept: Int, _ name: String) {
      if free >= kept { return }
      findings.report(
        .limits, "\(free) \(name) free after a process in a container got some",
        expected: "at least \(kept), which are kept for outside containers")
    }
    switch event.kind {
    case .fork:
      let used = kernel.processes.slotsByPID.count
      require(kernel.limits.processes - used, kept.slots, "process slots")
      require(kernel.memory.freeCount, kept.frames, "frames")
    case .exec: require(kernel.memory.freeCount, kept.frames, "frames")
    case .open where event[OpenEvent.call] != Int64(CallNumber.open.rawValue):
      // dup gives a descriptor of a file that is open: processes outside may have taken what is kept.
      break
    case .open, .pipe, .socketOpen, .socketAccept:
      let used = kernel.files.files.count { $0.references > 0 }
      require(kernel.limits.openFiles - used, kept.files, "open files")
    case .shmCreate:
      let pages = kernel.sharedPages
      let used = pages.indices.count { pages.isUsed($0) }
      require(kernel.limits.sharedPages - used, kept.sharedPages, "shared pages")
    case .lockCreate:
      let mutexes = kernel.mutexes
      let used = mutexes.indices.count { mutexes.isUsed($0) }
      require(kernel.limits.mutexes - used, kept.mutexes, "mutexes")
    default: break
    }
  }
}
