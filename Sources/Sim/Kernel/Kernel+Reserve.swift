// What is kept of the machine's tables for processes outside containers, so that whoever manages containers can always
// look and kill: a process in a container gets nothing of a table of which no more than that is free. To its processes
// the table is full; the trace says that it was the reserve.

/// How much of each of the machine's tables is kept.
package struct Reserve: Equatable, Sendable {
  /// Percent of each table, as scenarios say; 0 for nothing.
  public static let percents = 0...50
  public static let usualPercent = 5

  package let slots: Int
  package let frames: Int
  package let blocks: Int
  package let inodes: Int
  package let files: Int
  package let mutexes: Int
  package let sharedPages: Int

  init(percent: Int, of limits: Limits) {
    /// At least what it takes to run a program or two beside those that run, unless that were more than half.
    func share(of size: Int, least: Int) -> Int {
      percent == 0 ? 0 : min(max((size * percent + 99) / 100, least), size / 2)
    }
    slots = share(of: limits.processes, least: 2)
    frames = share(of: limits.frames, least: 32)
    blocks = share(of: limits.blocks, least: 2)
    inodes = share(of: limits.inodes, least: 2)
    files = share(of: limits.openFiles, least: 4)
    mutexes = share(of: limits.mutexes, least: 2)
    sharedPages = share(of: limits.sharedPages, least: 2)
  }
}

extension Kernel {
  /// How much the machine has of what groups count, what of it is free, and what is kept; nil of what has no table.
  package func room(for resource: GroupResource) -> (all: Int, free: Int, kept: Int)? {
    switch resource {
    case .memory:
      (limits.frames * pageSize, memory.freeCount * pageSize, reserve.frames * pageSize)
    case .files: (limits.openFiles, limits.openFiles - files.usedCount, reserve.files)
    case .mutexes: (limits.mutexes, limits.mutexes - mutexes.usedCount, reserve.mutexes)
    case .sharedPages:
      (limits.sharedPages, limits.sharedPages - sharedPages.usedCount, reserve.sharedPages)
    // A pipe has room where its files have; what is kept of the disk, that keeps itself (`DiskUse.swift`).
    case .pipes, .sockets, .disk, .inodes: nil
    }
  }

  /// The same of process slots.
  package var roomForProcesses: (all: Int, free: Int, kept: Int) {
    (limits.processes, limits.processes - processes.usedCount, reserve.slots)
  }

  /// Refuses what would leave less of a table than is kept, to a process in a container.
  mutating func requireUnreserved(
    _ resource: GroupResource, _ amount: Int, for slot: Slot, else why: Refusal
  ) throws(Refusal) {
    guard let room = room(for: resource) else { return }
    try require(room, amount, resource.name, slot, why)
  }

  /// The same of a process slot.
  mutating func requireUnreservedSlot(for slot: Slot) throws(Refusal) {
    try require(roomForProcesses, 1, "pids", slot, .noSlot)
  }

  private mutating func require(
    _ room: (all: Int, free: Int, kept: Int), _ amount: Int, _ name: String, _ slot: Slot,
    _ why: Refusal
  ) throws(Refusal) {
    if room.kept == 0 || room.free - amount >= room.kept || defects.contains(.reserveForgotten) {
      return
    }
    // Where there is not as much anyway, it is the machine that has no room.
    if room.free < amount { return }
    emit(
      .refused(
        stamp(slot), .reserved, limit: room.all - room.kept, held: room.all - room.free,
        group: .none, of: names.intern(Array(name.utf8))))
    throw why
  }
}
