// net.max: how many bytes a group and all below it may send in each tick, over whatever network. A sender beyond it waits
// for the next tick, in line as for file data; a stream's bytes go in parts, a datagram as a whole.
// net.address: the address at the switch of the container whose group it is, for those outside who only know its number.
// net.name, by which published ports find a container, is in `Kernel+Host.swift`.

extension GroupControlFile {
  static let networkFiles: [GroupControlFile] = [
    networkName,
    GroupControlFile(
      name: "net.max",
      read: { kernel, group, _ in
        GroupValue.text(kernel.groups[group]?.dataRates[DataDirection.network.rawValue].limit)
      },
      write: { (kernel, write, _) throws(Refusal) in
        let limit = try GroupValue.limit(write.value)
        // Who may send nothing would wait for ever.
        if limit == 0 { throw .badValue }
        kernel.groups.limitData(.network, of: write.group, to: limit)
        kernel.emit(
          .groupLimited(
            kernel.stamp(write.slot), write.group,
            kernel.names.intern(Array(DataDirection.network.control.utf8)), to: limit))
      }),
    GroupControlFile(
      name: "net.address",
      read: { kernel, group, _ in
        let owner = kernel.groups[group]?.owner
        return owner.flatMap { kernel.network.links.address(of: $0) }.map { "\($0)\n" } ?? "none\n"
      }),
  ]
}

extension Kernel {
  /// What a process sends with one call, which begins or goes on.
  func sending(_ count: Int, _ slot: Slot) -> DataMove {
    var move = dataMove(.network, count, of: slot)
    // It has waited for the other side since.
    if processes[slot].pending != .moving { move.noteDone(written(slot)) }
    return move
  }

  /// Cuts what is to be sent next down to what there is room for in this tick; if there is none, or not for all of a
  /// datagram, the process has to wait.
  mutating func limitSending(
    _ bytes: inout Int, _ move: DataMove, for slot: Slot, whole: Bool = false
  ) -> CallOutcome? {
    guard groups.hasDataLimits, processes[slot].group != .root else { return nil }
    return limit(&bytes, move, for: slot, whole: whole)
  }

  /// Whether a process may send so many bytes in one tick.
  func maySendAtOnce(_ count: Int, _ slot: Slot) -> Bool {
    guard groups.hasDataLimits, processes[slot].group != .root else { return true }
    return groups.path(to: processes[slot].group).allSatisfy {
      (groups[$0]?.dataRates[DataDirection.network.rawValue].limit ?? .max) >= count
    }
  }
}
