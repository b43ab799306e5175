// File data, and what is sent over networks, by tick, from the events: the groups and what they may move are as `group_make` and `group_limit`
// say, and what was moved as each `transfer` says. In no tick does a group move more than the limit that it then has.

import Sim

struct DataRates: Sendable {
  private struct Rate: Sendable {
    var limit: Int64 = -1
    var tick: UInt64 = 0
    var moved: Int64 = 0
  }

  private struct Known: Sendable {
    var parent: Int32
    /// By direction.
    var rates = [Rate](repeating: Rate(), count: DataDirection.allCases.count)
  }

  private var groups = KeyedList<Known>()

  mutating func seeMaking(_ event: Event) {
    groups[event[GroupMakeEvent.group].raw] = Known(parent: event[GroupMakeEvent.parent].raw)
  }

  mutating func seeRemoval(_ event: Event) { groups[event[GroupRemoveEvent.group].raw] = nil }

  mutating func seeLimit(_ event: Event, in machine: borrowing Simulation) {
    let file = machine.names.string(event[GroupLimitEvent.file])
    for direction in DataDirection.allCases where file == direction.control {
      let limit = event[GroupLimitEvent.value]
      groups[event[GroupLimitEvent.group].raw]?.rates[direction.rawValue].limit = limit
    }
  }

  mutating func seeTransfer(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    note(
      event[TransferEvent.count], event[TransferEvent.write] ? .write : .read,
      in: event[TransferEvent.group], at: event.time, in: machine, &findings)
  }

  /// Bytes were sent over a network, and count where their sender is.
  mutating func seeSend(
    _ event: Event, in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    guard groups.count > 0, let slot = machine.slot(of: event.process) else { return }
    note(
      event[SocketTransferEvent.count], .network, in: machine.kernel.processes[slot].group,
      at: event.time, in: machine, &findings)
  }

  private mutating func note(
    _ count: Int64, _ direction: DataDirection, in group: GroupID, at time: Instant,
    in machine: borrowing Simulation, _ findings: inout Findings
  ) {
    let tick = time.instructions / machine.scenario.tick
    var here = group.raw
    for _ in 0...groups.count {
      guard var known = groups[here] else { return }
      var rate = known.rates[direction.rawValue]
      if rate.tick != tick { rate.moved = 0 }
      rate.tick = tick
      rate.moved += count
      known.rates[direction.rawValue] = rate
      groups[here] = known
      if rate.limit >= 0, rate.moved > rate.limit {
        findings.report(
          .limits,
          "\(rate.moved) bytes in tick \(tick) in group \(here), with a \(direction)",
          expected: "\(rate.limit) at most")
      }
      here = known.parent
    }
  }
}
