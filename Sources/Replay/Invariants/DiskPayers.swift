// Which groups have to answer for what is on the disk: files are found when they are made, in the name of whoever
// made them, and blocks by following what inodes name. What the kernel says that they count in is not asked.

import Sim

struct DiskPayers: Sendable {
  private struct Made: Sendable {
    var serial: UInt64 = 0
    var group = GroupID.root
  }

  /// By inode, the last that was made in a group; empty until there is one.
  private var made: [Made] = []
  private var seenCount: UInt64 = 0

  /// Whether anything on the disk has been made in a group.
  var isEmpty: Bool { made.isEmpty }

  /// A process has come out of the kernel: what is new on the disk it has made.
  mutating func see(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let count = machine.kernel.fileSystem.madeCount
    if count == seenCount { return }
    let before = seenCount
    seenCount = count
    guard let slot = machine.slot(of: event.process) else { return }
    let group = machine.kernel.processes[slot].group
    if group == .root && made.isEmpty { return }
    if made.isEmpty {
      made = [Made](repeating: Made(), count: machine.kernel.fileSystem.inodes.count)
    }
    for number in machine.kernel.fileSystem.made(after: before) {
      let inode = machine.kernel.fileSystem.inodes[Int(number)]
      made[Int(number)] = Made(serial: inode.serial, group: group)
      if inode.payer == group { continue }
      findings.report(
        .limits, "inode \(number) counted in group \(inode.payer.raw)",
        expected: "group \(group.raw), in which it was made")
    }
  }

  /// Each inode in use that was made in a group, with the bytes of its blocks.
  func uses(in machine: borrowing Simulation) -> [(group: GroupID, bytes: Int)] {
    var found: [(group: GroupID, bytes: Int)] = []
    for number in made.indices where made[number].group != .root {
      let inode = machine.kernel.fileSystem.inodes[number]
      guard inode.kind != .free, inode.serial == made[number].serial else { continue }
      let blocks = AccountingInvariant.blockCount(of: inode, machine)
      found.append((made[number].group, blocks * 1024))
    }
    return found
  }
}
