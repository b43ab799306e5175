// Which plain loads and stores are atomic ones to the program, by the fences beside them.

import Sim

/// Reads the code around loads and stores, each place once.
struct FenceReader: Sendable {
  private struct Place: Hashable, Sendable {
    var space: ProcessID
    var pc: UInt64
  }

  private var known: [Place: Bool] = [:]

  /// Places that are remembered at once.
  private static let most = 65_536

  /// Code may be another from now on.
  mutating func forget() { known = [:] }

  mutating func isOrdered(_ kept: KeptAccess, in machine: borrowing Simulation) -> Bool {
    let place = Place(space: kept.space, pc: kept.access.pc)
    if let known = known[place] { return known }
    if known.count >= FenceReader.most { forget() }
    let isOrdered = look(kept.access, of: kept.process, in: machine)
    known[place] = isOrdered
    return isOrdered
  }

  private func look(
    _ access: SharedAccess, of process: ProcessID, in machine: borrowing Simulation
  ) -> Bool {
    // Near the beginning or end of memory there is less.
    for count in stride(from: AtomicMapping.reach, to: 0, by: -2) {
      let start = access.isStore ? access.pc &- UInt64(count) : access.pc
      guard let code = machine.bytes(at: start, count: count, of: process) else { continue }
      return access.isStore
        ? AtomicMapping.hasFence(beforeStore: code) : AtomicMapping.hasFence(afterLoad: code)
    }
    return false
  }
}
