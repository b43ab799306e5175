// misc.max and what belongs to it: places in the machine's tables of open files, pipes, mutexes, shared pages and sockets.
// A place counts in the group of the process that took it, until it is free again, whoever has it by then. A
// group that is full is to its processes as the machine's own table being full.

extension GroupResource {
  /// Those that the files `misc.…` are about, in the order of their lines.
  package static let tables: [GroupResource] = [.files, .pipes, .mutexes, .sharedPages, .sockets]
}

extension GroupControlFile {
  static let miscFiles: [GroupControlFile] = [
    GroupControlFile(
      name: "misc.max",
      read: { kernel, group, _ in
        kernel.tableLines(of: group) { use in use.limit.map { "\($0)" } ?? "max" }
      },
      write: { (kernel, write, _) throws(Refusal) in
        try kernel.limitTables(of: write.group, to: write.value, by: write.slot)
      }),
    GroupControlFile(
      name: "misc.current",
      read: { kernel, group, _ in kernel.tableLines(of: group) { "\($0.held)" } }),
    GroupControlFile(
      name: "misc.events",
      read: { kernel, group, _ in kernel.tableLines(of: group) { "\($0.refusals)" } }),
  ]
}

extension Kernel {
  // MARK: Files

  fileprivate func tableLines(of group: GroupID, _ value: (ResourceUse) -> String) -> String {
    guard let group = groups[group] else { return "" }
    return GroupResource.tables.map { "\($0.name) \(value(group[$0]))\n" }.joined()
  }

  /// Sets what lines of a name and a number, or `max`, say: all of them or none.
  fileprivate mutating func limitTables(of id: GroupID, to value: [UInt8], by slot: Slot)
    throws(Refusal)
  {
    var limits: [(resource: GroupResource, limit: Int?)] = []
    for line in value.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard words.count == 2,
        let resource = GroupResource.tables.first(where: { words[0].elementsEqual($0.name.utf8) })
      else { throw .badValue }
      limits.append((resource, try GroupValue.limit(Array(words[1]))))
    }
    for (resource, limit) in limits {
      groups.update(id) { $0[resource].limit = limit }
      let control = names.intern(Array("misc.max \(resource.name)".utf8))
      emit(.groupLimited(stamp(slot), id, control, to: limit))
    }
  }

  // MARK: Taken and given back

  /// A place for an open file.
  mutating func takeFile(_ slot: Slot) throws(Refusal) -> FileIndex {
    let payer = processes[slot].group
    try take(.files, 1, for: slot, else: .noOpenFile)
    if let index = files.allocate(payer: payer) { return index }
    giveBack(.files, 1, in: payer)
    throw .noOpenFile
  }

  /// Drops a reference to an open file; the file as it was, if that was the last one.
  mutating func dropFile(_ index: FileIndex, by slot: Slot) -> OpenFile? {
    guard let closed = files.release(index) else { return nil }
    var payer = closed.payer
    if defects.contains(.closerRepaid) {
      let closer = processes[slot].group
      // No count falls below zero: a group can have back what it has taken itself.
      payer = groups.takenItself(.files, in: closer) > 0 ? closer : .root
    }
    giveBack(.files, 1, in: payer)
    return closed
  }

  /// A pipe and open files for its two ends, or nothing of it.
  mutating func takePipe(_ slot: Slot) throws(Refusal) -> (
    pipe: PipeIndex, reading: FileIndex, writing: FileIndex
  ) {
    let payer = processes[slot].group
    try take(.pipes, 1, for: slot, else: .noPipe)
    var reading: FileIndex?
    do throws(Refusal) {
      let first = try takeFile(slot)
      reading = first
      let second = try takeFile(slot)
      return (pipes.allocate(capacity: limits.pipeCapacity, payer: payer), first, second)
    } catch {
      if let reading { _ = dropFile(reading, by: slot) }
      if !defects.contains(.refusedPipeCounts) { giveBack(.pipes, 1, in: payer) }
      throw error
    }
  }

  mutating func dropPipe(_ index: PipeIndex) {
    giveBack(.pipes, 1, in: pipes[index].payer)
    pipes.release(index)
  }

  mutating func takeMutex(_ slot: Slot, named name: SharedName) throws(Refusal) -> MutexIndex {
    let payer = processes[slot].group
    try take(.mutexes, 1, for: slot, else: .noMutex)
    var mutex = Mutex()
    mutex.payer = payer
    if let index = mutexes.insert(mutex, named: name) { return index }
    giveBack(.mutexes, 1, in: payer)
    throw .noMutex
  }
}
