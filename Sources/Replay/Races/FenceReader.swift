// Which plain loads and stores are atomic ones to the program, by the fences beside them.

import Sim

/// Reads the code around loads and stores, each place once.
struct FenceReader: Sendable {
  /// By process and address: 1 where there is a fence.
  private var known = PlaceTable()

  /// Places that are remembered at once.
  private static let most = 65_536

  /// Code may be another from now on.
  mutating func forget() { known.removeAll() }

  mutating func isOrdered(_ kept: KeptAccess, in machine: borrowing Simulation) -> Bool {
    // Addresses have 38 bits.
    let place = UInt64(UInt32(bitPattern: kept.space.raw)) << 38 | kept.access.pc
    if let known = known.number(of: place) { return known == 1 }
    if known.count >= FenceReader.most { forget() }
    let isOrdered = look(kept.access, of: kept.process, in: machine)
    known.set(place, to: isOrdered ? 1 : 0)
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
